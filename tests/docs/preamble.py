"""The tables that the examples of the documentation take for granted."""

from typing import Final

from tests import sites

FACE: Final = "gas-3101"
METHANE: Final = {"hazard_source": FACE, "unit": "%", "range": [0.0, 4.0], "resolution": 0.01}
PREAMBLE: Final = sites.text(
    sites.mine(id="140522001"),
    sites.gas(id=FACE, name="3101 综采工作面瓦斯"),
    sites.opcua(4840, id="kj-ua"),
    sites.modbus(502, id="plc"),
    sites.point("T1", **METHANE, name="3101 工作面甲烷 T1"),
    sites.point("T2", **METHANE, name="3101 回风巷甲烷 T2"),
    sites.point("KG-1011", hazard_source=FACE, name="3101 工作面馈电状态"),
    sites.limit("T1.alarm", "T1", high=1.0, level="orange"),
    sites.limit("T1.cut", "T1", high=1.5, clear=1.0, level="red"),
)
