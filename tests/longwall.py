"""The recording of a real longwall face, and a site file for it."""

from pathlib import Path

from tests import sites

RECORDING = Path(__file__).parents[2] / "shared" / "data" / "longwall.csv"

POINTS = {
    "MM116": ("0.1", "ua", "ns=2;s=MM116"),
    "MM31": ("0.01", "ua", "ns=2;s=MM31"),
    "PD": ("1", "ua", "ns=2;s=PD"),
    "AS038": ("0.1", "mb", "unit=1;holding=0;type=int16;scale=0.1"),
    "PG072": ("0.1", "mb", "unit=1;holding=1;type=int16;scale=0.1"),
    "BA13": ("1", "mb", "unit=1;holding=10;type=float32;order=CDAB"),
}
LIMITS = {
    "MM116.alarm": ("MM116", "high = 1.0\nclear = 1.0"),
    "MM116.cut": ("MM116", "high = 1.5\nclear = 1.0"),
    "MM31.alarm": ("MM31", "high = 0.5\nclear = 0.45"),
    "PD.on": ("PD", "high = 1\nclear = 1"),
    "AS038.low": ("AS038", "low = 2.1\nclear = 2.3"),
    "BA13.high": ("BA13", "high = 1077\nclear = 1076"),
}


def site(ua: int, mb: int) -> str:
    tables = [
        sites.mine(id="longwall", name="长壁工作面", timezone="Europe/Warsaw"),
        sites.gas(id="face", name="长壁工作面瓦斯"),
        sites.opcua(ua, publishing="50ms", scan="60s"),
        sites.modbus(mb, poll="20s", time="arrival"),
    ]
    for name, (resolution, source, address) in POINTS.items():
        keys = {"resolution": float(resolution), "stale_after": "30m", "source": source, "address": address}
        tables.append(sites.point(name, hazard_source="face", name=name, **keys))
    for name, (point, numbers) in LIMITS.items():
        level = "red" if name.endswith("cut") else "orange"
        tables.append(sites.limit(name, point, level=level) + numbers + "\n")
    return sites.text(*tables)
