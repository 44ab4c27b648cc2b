"""What people read of rule-sets: who stands for them, what they change, and what becomes looser."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from alarms import Ledger, RulesInForce
from hazwatch.live.rule_sets import without_rule
from hazwatch.site.config import Config
from hazwatch.words.columns import pad, table
from hazwatch.words.shell import pasted
from plant.units import SECOND
from rules import KeyChange, RuleChange, changes, looser_keys

CHANGE_TEXTS: Final = {
    "added": "增 added", "removed": "删 removed", "changed": "改 changed", "order": "序 order",
}  # fmt: skip
TABLE_TEXTS: Final = {"point": "测点 point", "limit": "限值 limit", "vote": "表决 vote", "interlock": "联锁 interlock"}
LOOSER: Final = "更宽 looser"
NOBODY: Final = "未知 unknown"
NO_VALUE: Final = "无 none"
ORDER: Final = "同一时刻的事件按此先后 / events of one moment come in this order"


def moment(time: int, zone: ZoneInfo) -> str:
    """Write a time as people of a zone read it. [ns, UTC]."""
    return datetime.fromtimestamp(time // SECOND, zone).strftime("%Y-%m-%d %H:%M:%S")


def history_lines(entries: Sequence[RulesInForce], zone: ZoneInfo) -> Iterator[str]:
    """Yield a table of the rule-sets that were in force, one line each."""
    rows = [("生效 in force", "版本 version", "编制 author", "批准 approver", "批准时间 approved", "原因 reason")]
    rows += [
        (
            moment(rules.since, zone),
            rules.version,
            rules.author or NOBODY,
            rules.approver or NOBODY,
            "" if rules.approved is None else moment(rules.approved, zone),
            " ".join((rules.reason or "").split()),
        )
        for rules in entries
    ]
    return table(rows, "<<<<<<")


def change_lines(found: Iterable[RuleChange]) -> Iterator[str]:
    """Yield what changes, entry by entry and key by key, marked where it is looser than before."""
    for change in found:
        mark = LOOSER if change.kind == "removed" else ""
        yield f"{pad(CHANGE_TEXTS[change.kind], 12)}{TABLE_TEXTS[change.table]} {change.name}  {mark}".rstrip()
        if change.kind == "changed":
            rows = [
                (key.key, f"{key.old or NO_VALUE} -> {key.new or NO_VALUE}", LOOSER if key.looser else "")
                for key in change.keys
            ]
            yield from (f"            {line}" for line in table(rows, "<<<"))
        elif change.kind == "order":
            yield f"            {ORDER}"
        elif change.kind == "added":
            yield f"            {_said(change.keys)}"


def _said(keys: Iterable[KeyChange]) -> str:
    return ", ".join(f"{key.key} = {key.new}" for key in keys if key.new not in ("0s", None))


def count_line(found: Sequence[RuleChange]) -> str:
    """Say how much changes."""
    count, looser = len(found), sum(change.looser for change in found)
    if count == 1:
        return f"1 处改动, {'更宽 / 1 change, looser' if looser else '没有更宽 / 1 change, not looser'}"
    return f"{count} 处改动, {looser} 处更宽 / {count} changes, {looser or 'none'} of them looser"


def law_lines(config: Config) -> Iterator[str]:
    """Yield the limits that are looser than those of the profile of their point, and what they stand on."""
    points = {point.id: point for point in config.points.points}
    for limit in config.rules.limits:
        legal = config.statutory.get(limit.id)
        for key in looser_keys(limit, legal, points[limit.point]) if legal is not None else ():
            profile, basis = points[limit.point].profile, legal.basis if legal else ""
            yield f"{limit.id} {key.key} = {key.given}: {profile} {key.than} ({basis}); {limit.basis}"


def approval_lines(config: Config, ledger: Ledger, content: str | None) -> Iterator[str]:
    """Yield what a site file changes against the rules in force, and what it does to the alarms that stand."""
    in_force = ledger.rules
    found: list[RuleChange] = []
    if in_force is None or content is None:
        yield "现行 / in force   没有记录, 这是第一套 / none on record: this is the first"
    else:
        people = f"{in_force.author or NOBODY} / {in_force.approver or NOBODY}  {in_force.reason or ''}".rstrip()
        since = moment(in_force.since, ZoneInfo(config.site.timezone))
        yield f"现行 / in force   {in_force.version}  {since}  {people}"
        found = changes(config.rules.content, content)
    yield f"新的 / new        {config.rules.version}  {set_line(config)}"
    yield from change_lines(found)
    yield count_line(found)
    law = list(law_lines(config))
    if law:
        yield "宽于规程 / looser than the regulation of the profile:"
        yield from (f"  {line}" for line in law)
    yield from _standing_lines(config, ledger, found)


def _standing_lines(config: Config, ledger: Ledger, found: Sequence[RuleChange]) -> Iterator[str]:
    gone = without_rule(config, ledger)
    if gone:
        yield f"规则被删除而报警仍在 / alarms that stand and lose their rule: {', '.join(gone)}"
    changed = {(change.table == "point", change.name) for change in found if change.kind == "changed"}
    stands = [
        event.condition
        for event in ledger.standing_events()
        if event.condition not in gone and {(False, event.condition), (True, event.point)} & changed
    ]
    if stands:
        yield (
            "正在报警, 生效后不解除也不新发, 下一个样本按新值判断 / alarms that stand stay, and the next sample is "
            f"judged by the new numbers: {', '.join(stands)}"
        )


def start_words(site: Path, data: Path, gone: Iterable[str], people: str = "") -> str:
    """Return the command that starts the engine on a site file by which alarms that stand lose their rule."""
    removals = [word for name in gone for word in ("--remove", name)]
    by, reason = " --by NAME" if removals else "", " --reason TEXT" if removals or people else ""
    return pasted("run", site, "--data", data, *removals) + by + people + reason


def set_line(config: Config) -> str:
    """Say how large the rule-set of a site file is."""
    rules = config.rules
    return (
        f"{len(rules.points)} 测点 points, {len(rules.limits)} 限值 limits, {len(rules.votes)} 表决 votes, "
        f"{len(rules.interlocks)} 联锁 interlocks"
    )
