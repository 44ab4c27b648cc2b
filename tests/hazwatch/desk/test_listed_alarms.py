"""The listed alarms and the levels that stand follow the ledger, alarm by alarm."""

from zoneinfo import ZoneInfo

from alarms import Acknowledge, AlarmEntry, Ledger
from hazwatch.desk.causes import AlarmCauses
from hazwatch.desk.listed_alarms import ListedAlarms
from plant import Level, PointTable, Quality
from plant.units import SECOND
from rules import Engine
from tests.rules.play import Row, limit, log_of, point, rule_set

RULES = rule_set(
    (point("T1"),),
    limits=(limit("T1.alarm", high=1.0, level="orange"), limit("T1.cut", high=1.5, level="red")),
)


def test_alarms_are_listed_until_they_are_normal_and_levels_count_while_they_stand() -> None:
    engine, ledger = Engine(RULES), Ledger({}, ZoneInfo("Asia/Shanghai"))
    causes = AlarmCauses(PointTable(RULES.points), engine.readings, lambda _source: True)
    listed = ListedAlarms(ledger, {}, causes)
    source = RULES.points[0].hazard_source

    def after(*rows: Row) -> list[str]:
        changed = ledger.apply(engine.evaluate(log_of(RULES, rows)), round(rows[-1][1] * SECOND))
        entries = (record.entry for record in changed)
        names = dict.fromkeys(entry.alarm for entry in entries if isinstance(entry, AlarmEntry))
        return [view["id"] for view in listed.renew(names)]

    assert after(("T1", 1, 1.6, Quality.GOOD, 0)) == ["T1.alarm", "T1.cut"]
    assert listed.highest(source) is Level.RED
    after(("T1", 2, 1.2, Quality.GOOD, 0))
    assert listed.highest(source) is Level.ORANGE
    assert [view["state"] for view in listed.all()] == ["unacked", "rtn_unacked"]
    seen = Acknowledge(alarm="T1.cut", episode=ledger.alarms["T1.cut"].episode, by="张三", key="12345678")
    ledger.command(seen, 3, in_doubt=())
    assert listed.renew(["T1.cut"])[0]["state"] == "normal"
    assert [view["id"] for view in listed.all()] == ["T1.alarm"]
    assert [view["id"] for view in listed.some(["T1.cut", "T1.alarm"])] == ["T1.alarm"]
    assert ListedAlarms(ledger, {}, causes).highest(source) is Level.ORANGE
