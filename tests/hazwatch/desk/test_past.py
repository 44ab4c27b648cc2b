"""Curve and forecast look by the time that the engine used: a wrong clock of a device hides neither."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from adapters.stores import Historian, HistoryReader
from hazwatch.desk.past import PointPast
from hazwatch.desk.rules import ConditionViews
from hazwatch.site.config import Config
from plant import SampleBatch
from plant.units import DAY, HOUR, MS, SECOND
from tests import sites
from tests.field_sites import BEGIN, OPC_UA, point, site

SOON = sites.limit("T1.soon", "T1", feature="projected", window="10m", horizon="10m", high=1.0, level="yellow")
COUNT = 60
ARRIVALS = BEGIN + 10 * SECOND * np.arange(COUNT, dtype=np.int64)
END = int(ARRIVALS[-1]) + SECOND


def past_of(folder: Path, keys: str, ahead: int) -> tuple[Config, PointPast]:
    """Return the past of a point that rises for ten minutes, by a device whose clock is ahead."""
    config = site(folder, OPC_UA.format(port=4840) + keys, point("T1", "ns=2;s=T1", SOON))
    with closing(Historian(folder / "history", config.points, retention_days=None, synchronous="normal")) as historian:
        for number, arrival in enumerate(ARRIVALS.tolist()):
            value = round(0.5 + 0.004 * number + 0.01 * (number % 3 == 0), 2)
            historian.append(SampleBatch.of([0], [arrival + ahead], [value], arrival=arrival))
    reader = HistoryReader(folder / "history", config.points)
    return config, PointPast(config, lambda: END, reader, ConditionViews(config), folder / "journal.db")


@pytest.mark.parametrize(
    ("keys", "ahead"),
    [
        pytest.param("", 8 * HOUR, id="8 h ahead"),
        pytest.param('time = "arrival"\n', -47 * 365 * DAY, id="47 years behind, and the arrival counts"),
        pytest.param('time = "arrival"\n', 8 * HOUR, id="8 h ahead, and the arrival counts"),
        pytest.param("", 0, id="right"),
    ],
)
def test_the_samples_are_where_the_engine_had_them(tmp_path: Path, keys: str, ahead: int) -> None:
    config, past = past_of(tmp_path, keys, ahead)
    curve = past.trend("T1", BEGIN, END, 1000)
    assert curve["time"] == (ARRIVALS // MS).tolist()
    soon = [limit for limit in config.rules.limits if limit.id == "T1.soon"]
    [forecast] = past.forecasts(soon, "T1", END, doubt=False)
    assert forecast["samples"] == COUNT
    assert forecast["at"] == int(ARRIVALS[-1]) // MS


def test_a_clock_that_is_ahead_shows_in_the_quality_that_counted(tmp_path: Path) -> None:
    _, past = past_of(tmp_path, "", 8 * HOUR)
    assert set(past.trend("T1", BEGIN, END, 1000)["quality"]) == {1}


def test_a_wrong_clock_puts_nothing_where_the_engine_did_not_have_it(tmp_path: Path) -> None:
    _, past = past_of(tmp_path, "", 8 * HOUR)
    assert past.trend("T1", BEGIN + 8 * HOUR, END + 8 * HOUR, 1000)["raw"]
    assert [v for v in past.trend("T1", BEGIN + 7 * HOUR, END + 9 * HOUR, 1000)["last"] if v is not None] == []
