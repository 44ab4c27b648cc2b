"""`check` warns of the mean of article 697 where samples are not evenly spaced: it would not be weighted by time."""

from pathlib import Path

import pytest

from hazwatch.site.config import load
from tests import sites

DUST = {"quantity": "粉尘", "unit": "mg/m3", "range": [0.0, 100.0], "resolution": 0.1}
METHANE = {"quantity": "CH4", "unit": "%", "range": [0.0, 4.0], "resolution": 0.01}
OPC_UA = {"source": "ua", "address": "ns=2;s=D1"}
MODBUS = {"source": "mb", "address": "unit=1;holding=0;type=int16"}


def warnings(tmp_path: Path, point: str) -> list[str]:
    path = tmp_path / "site.toml"
    path.write_text(sites.text(sites.HEAD, sites.opcua(4840), sites.modbus(1502), point), encoding="utf-8")
    return [f"{mistake.path}: {mistake.message}" for mistake in load(path).warnings]


def test_a_mean_of_samples_that_come_by_change_is_named(tmp_path: Path) -> None:
    (found,) = warnings(tmp_path, sites.point("D1", profile="dust.coal-total", **DUST, **OPC_UA))
    assert found.startswith('point "D1".source: D1.exposure is the mean of the samples, and source ua sends more')
    assert "article 697" in found


@pytest.mark.parametrize(
    "point",
    [
        sites.point("D1", profile="dust.coal-total", **DUST, **MODBUS),
        sites.point("D1", profile="dust.coal-total", **DUST),
        sites.point("D1", profile="ch4.face", **METHANE, **OPC_UA),
        sites.point("D1", **DUST, **OPC_UA),
    ],
    ids=["polled", "without a source", "no mean", "no profile"],
)
def test_other_points_are_not_named(point: str, tmp_path: Path) -> None:
    assert warnings(tmp_path, point) == []
