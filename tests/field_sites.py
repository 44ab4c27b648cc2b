"""Sites whose points are all read from one source `field`, and traces of them."""

from pathlib import Path
from typing import Any, Final

from hazwatch.site.config import Config, load
from plant import SampleBatch
from tests import sites

S: Final = 1_000_000_000
BEGIN: Final = 1_800_000_000 * S
"""What the clock shows when a test begins. [ns, UTC]"""
OPC_UA: Final = (
    'protocol = "opcua"\nendpoint = "opc.tcp://127.0.0.1:{port}"\npublishing = "50ms"\nscan = "10s"\ntimeout = "1s"\n'
)
MODBUS: Final = 'protocol = "modbus"\nendpoint = "127.0.0.1:{port}"\npoll = "2s"\ntimeout = "1s"\n'
GAS: Final = sites.gas(id="gas-3101", name="3101 工作面瓦斯")


def point(name: str, address: str, more: str = "", *, limit: str = "high = 1.0") -> str:
    """Return a methane sensor with its alarm at 1.00 %; `more` and `limit` are lines of the two tables."""
    sensor = sites.point(
        name, hazard_source="gas-3101", unit="%", range=[0.0, 4.0], resolution=0.01, source="field", address=address,
        stale_after="60s",
    )  # fmt: skip
    alarm = sites.limit(f"{name}.alarm", name, level="orange", ticket=True)
    return f"{sensor}{more}\n{alarm}{limit}\n"


def site(folder: Path, source: str, *points: str, more: str = "") -> Config:
    """Write a site file, and read it as the product does."""
    path = folder / "site.toml"
    tables = (sites.mine(id="140522001") + more, GAS, f'[[source]]\nid = "field"\n{source}', *points)
    path.write_text(sites.text(*tables), encoding="utf-8")
    return load(path)


def rows(*samples: tuple[int, float, float], **columns: Any) -> SampleBatch:
    """Return a trace of (column, seconds since BEGIN, value)."""
    columns_of, seconds, values = zip(*samples, strict=True)
    return SampleBatch.of(columns_of, [BEGIN + round(at * S) for at in seconds], values, **columns)
