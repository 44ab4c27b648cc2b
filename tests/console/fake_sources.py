"""The sources of the mine that does not exist: one that lost its link twice, one that is behind its scan."""

from typing import Final

from console import PointCountsView, SourceCountsView, SourcesView
from plant import Text

MINUTE: Final = 60_000


def sources_at(now: int) -> SourcesView:
    """Return the view of all sources. [ms]."""
    gas: SourceCountsView = {
        "id": "kj-ua",
        "protocol": "opcua",
        "endpoint": "opc.tcp://10.1.2.3:4840",
        "points": 412,
        "silent": 3,
        "by_change": True,
        "expected": 889_920,
        "received": 2_713_004,
        "late": 12,
        "duplicate": 3,
        "backfilled": 8240,
        "bad": 412,
        "lost": 1236,
        "unknown": 2884,
        "scan": {
            "period": 10_000,
            "age": 8400,
            "longest": 20_000,
            "unread": 0,
            "behind_since": None,
            "times_behind": 1,
        },
        "median": 62,
        "longest": 148,
        "restarts": 0,
        "trouble": None,
        "revised": [Text("服务器每 500 ms 采样一次", "the server samples every 500 ms")],
        "gaps": [
            {
                "start": now - 64 * MINUTE,
                "until": now - 62 * MINUTE,
                "points": 412,
                "expected": 24_720,
                "filled": 24_716,
                "how": "history",
                "reason": Text("没有及时应答", "no answer in time"),
            },
            {
                "start": now - 371 * MINUTE,
                "until": now - 370 * MINUTE,
                "points": 412,
                "expected": 1236,
                "filled": 0,
                "how": "none",
                "reason": Text("监控主机没有运行", "the engine did not run"),
            },
        ],
    }
    pumps: SourceCountsView = {
        "id": "pump-mb",
        "protocol": "modbus",
        "endpoint": "10.1.2.40:502",
        "points": 60,
        "silent": 12,
        "by_change": False,
        "expected": 1_296_000,
        "received": 1_288_800,
        "late": 0,
        "duplicate": 0,
        "backfilled": 0,
        "bad": 12,
        "lost": 0,
        "unknown": 7200,
        "scan": {
            "period": 1000,
            "age": 44_000,
            "longest": 20_000,
            "unread": 12,
            "behind_since": now - 24_000,
            "times_behind": 4,
        },
        "median": 2,
        "longest": 11,
        "restarts": 1,
        "trouble": None,
        "revised": [],
        "gaps": [],
    }
    return {"now": now, "since": now - 6 * 60 * MINUTE, "sources": [gas, pumps]}


def points_of(source: str) -> list[PointCountsView]:
    """Return the points of a source that lack most."""
    names = ("T2", "T1", "T9") if source == "kj-ua" else ("W1",)
    return [
        {
            "point": name,
            "age": 1200 + 40_000 * (source == "pump-mb"),
            "expected": 2160,
            "received": 6580,
            "late": 1,
            "duplicate": 0,
            "backfilled": 20,
            "bad": 1,
            "lost": 3,
            "unknown": 7,
        }
        for name in names
    ]
