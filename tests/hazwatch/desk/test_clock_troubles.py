"""Whose clock is wrong: that of the source which alone is off, or ours, if all that have a clock agree against it."""

from pathlib import Path

import pytest

from hazwatch.desk.clock_troubles import ClockTroubles
from plant.units import HOUR, MS
from tests import sites
from tests.hazwatch.live.live_runs import METHANE, config_in

EIGHT: int = 8 * HOUR // MS
NAMES = ("a", "b", "c")
SITE = sites.text(
    sites.mine(),
    sites.gas(),
    *(sites.opcua(4840 + n, id=name) for n, name in enumerate(NAMES)),
    *(sites.point(f"T{name}", **METHANE | {"source": name}, address="ns=2;s=T") for name in NAMES),
)


@pytest.mark.parametrize(
    ("skews", "notices"),
    [
        pytest.param([EIGHT, None, None], ["clock a"], id="one witness is none"),
        pytest.param([EIGHT, 20, -30], ["clock a"], id="the others are right"),
        pytest.param([EIGHT, EIGHT + 900, None], ["clock"], id="all that have a clock agree against ours"),
        pytest.param([EIGHT, EIGHT, 0], ["clock a", "clock b"], id="one agrees with ours"),
        pytest.param([EIGHT, -EIGHT, None], ["clock a", "clock b"], id="they agree with nobody"),
        pytest.param([0, -3000, 4999], [], id="all are right"),
        pytest.param([None, None, None], [], id="nobody knows"),
    ],
)
def test_the_clock_that_is_wrong_is_named(tmp_path: Path, skews: list[int | None], notices: list[str]) -> None:
    troubles = ClockTroubles(config_in(tmp_path, SITE), 1.0).of(dict(zip(NAMES, skews, strict=True)))
    assert list(troubles) == notices


def test_our_own_clock_is_off_the_other_way(tmp_path: Path) -> None:
    said = ClockTroubles(config_in(tmp_path, SITE), 1.0).of({"a": EIGHT, "b": EIGHT, "c": EIGHT})["clock"]
    assert "本机的时钟慢 8 小时" in said.zh
    assert "machine is behind by 8 hours, as the clocks of all 3 sources show" in said.en
