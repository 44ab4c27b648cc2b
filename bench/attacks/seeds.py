"""Sound inputs of every kind, from which mutations begin."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

CASES: Final = Path(__file__).parents[2] / "tests" / "cases" / "config"
SITE: Final = (CASES / "face.good.toml").read_text(encoding="utf-8")
POINTS: Final = """id,hazard_source,name,quantity,unit,range,resolution,stale_after,source,address,fault.on_delay
T1,gas-3101,上隅角甲烷,甲烷,%CH4,0..4,0.01,30s,kj-ua,ns=2;s=T1,5s
T2,gas-3101,回风流甲烷,甲烷,%CH4,0..4,0.01,never,kj-ua,ns=2;i=17,
"""
INCIDENTS: Final = """hazard_source,start,end,what
gas-3101,2026-03-02T06:00:00+08:00,2026-03-02T07:00:00+08:00,超限
"""
CASE: Final = """[[case]]
name = "a spike"
period = "1s"
until = "30s"
start = 2026-03-02T06:00:00Z
series."T1" = "0.6x5 1.2x2 c0.6..1.4x10 _x3 !x2 ?0.5 o4.0x2"
conditions = ["T1.alarm"]
expect = [{ at = "5s", condition = "T1.alarm", transition = "raise", value = 1.2, level = "orange" }]
"""
TRACE: Final = """time,point,value,quality,state,arrival,backfilled
2026-03-02T06:00:00Z,T1,0.5,GOOD,0,2026-03-02T06:00:01Z,0
2026-03-02T06:00:01.5+08:00,T1,1.25e0,UNCERTAIN,4,1772402400123456789,1
"""
EXPRESSION: Final = 'where("T1" > 1.0, max(T1, T2, 3101.T3), -abs(sqrt(T1) / 2)) + log(exp(nan)) * 1e3'
URL: Final = "http://127.0.0.1:8420/page?x=1"
COMMAND: Final = (
    '{"command":"rectify","ticket":"YH-2026-0001","responsible":"李四","measures":"加大风量","due":1780000000000,'
    '"by":"张三","key":"5f0c","note":"已通知"}'
)
OPTIONS: Final[Sequence[Sequence[str]]] = (
    ("run", "site.toml", "--port", "8420", "--host", "127.0.0.1", "--rate", "60", "--origin", "2026-03-02T06:00:00Z"),
    ("simulate", "site.toml", "--trace", "t.csv", "--fault", "T1 freeze 10m..20m", "--epoch", "1772402400123456789"),
    ("backtest", "site.toml", "--from", "2026-03-02T06:00:00Z", "--to", "2026-03-03T06:00:00+08:00"),
    ("backtest", "site.toml", "--trace", "t.csv", "--gate", "--lead-loss", "5m", "--alarms-per-hour", "0.5"),
    ("replay", "--site", "site.toml", "--trace", "t.csv", "--events", "-", "--batch", "100"),
    ("tickets", "--timezone", "Asia/Shanghai", "--all"),
    ("demo", "--seconds", "5", "--port", "8420"),
)
