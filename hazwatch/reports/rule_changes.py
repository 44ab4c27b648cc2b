"""Texts about rule-sets: author and approver, changes, and keys that become looser."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from alarms import InForce, Ledger
from hazwatch.reports.presentation_changes import presentation_changes
from hazwatch.site.config import Config
from hazwatch.site.presentation import Presentation
from hazwatch.words import both
from hazwatch.words.columns import pad, table
from hazwatch.words.numbers import moment
from hazwatch.words.shell import pasted
from plant import Message
from rules import KeyChange, RuleChange, changes, looser_keys

CHANGE_TEXTS: Final = {
    "added": both(Message("added")),
    "removed": both(Message("removed")),
    "changed": both(Message("changed")),
    "order": both(Message("order")),
}
TABLE_TEXTS: Final = {
    "site": both(Message("site")),
    "source": both(Message("source")),
    "hazard_source": both(Message("hazard source")),
    "point": both(Message("point")),
    "limit": both(Message("limit")),
    "vote": both(Message("vote")),
    "interlock": both(Message("interlock")),
}
LOOSER: Final = both(Message("looser"))
REWRITTEN: Final = both(Message("rewritten"))
TEXTS: Final = frozenset(key + english for key in ("message", "response", "consequence") for english in ("", "_en"))
"""Keys whose texts a dispatcher acts on."""
NOBODY: Final = both(Message("not recorded"))
NO_VALUE: Final = both(Message("none"))
ORDER: Final = both(Message("events of one moment come in this order"))
HEADINGS: Final = (
    Message("in force since"), Message("version"), Message("author"), Message("approver"), Message("approved"),
    Message("reason"),
)  # fmt: skip
KIND_WIDTH: Final = 16
TITLE_WIDTH: Final = 18
"""Width of the first column, in terminal columns."""


def history_lines(entries: Sequence[InForce], zone: ZoneInfo) -> Iterator[str]:
    """Yield a table of the rule-sets, or of the presentations, that were in force."""
    rows: list[tuple[str, ...]] = [tuple(map(both, HEADINGS))]
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


def change_lines(rule_changes: Iterable[RuleChange]) -> Iterator[str]:
    """Yield the changes, entry by entry and key by key, with a mark on looser keys."""
    for change in rule_changes:
        mark = LOOSER if change.kind == "removed" else ""
        yield f"{pad(CHANGE_TEXTS[change.kind], KIND_WIDTH)}{TABLE_TEXTS[change.table]} {change.name}  {mark}".rstrip()
        if change.kind == "changed":
            rows = [(key.key, f"{key.old or NO_VALUE} -> {key.new or NO_VALUE}", _mark(key)) for key in change.keys]
            yield from (f"{' ' * KIND_WIDTH}{line}" for line in table(rows, "<<<"))
        elif change.kind == "order":
            yield f"{' ' * KIND_WIDTH}{ORDER}"
        elif change.kind == "added":
            yield f"{' ' * KIND_WIDTH}{_written(change.keys)}"


def _mark(key: KeyChange) -> str:
    if key.looser:
        return LOOSER
    return REWRITTEN if key.key in TEXTS and key.old else ""


def _written(keys: Iterable[KeyChange]) -> str:
    # An added rule lists all its keys; delays of zero are the default and would only hide the others.
    return ", ".join(f"{key.key} = {key.new}" for key in keys if key.new not in ("0s", None))


def count_line(rule_changes: Sequence[RuleChange]) -> str:
    """Return the number of changes."""
    looser = sum(change.looser for change in rule_changes)
    return both(Message("{count} {count:change|changes}, {looser} looser", count=len(rule_changes), looser=looser))


def law_lines(config: Config) -> Iterator[str]:
    """Yield the limits that are looser than their profile, with their basis."""
    for limit in config.rules.limits:
        point, legal = config.points[limit.point], config.statutory.get(limit.id)
        for key in looser_keys(limit, legal, point) if legal is not None else ():
            profile, basis = point.profile, legal.basis if legal else ""
            yield f"{limit.id} {key.key} = {key.given}: {profile} {key.than} ({basis}); {limit.basis}"


def approval_lines(
    config: Config, ledger: Ledger, content: str | None, presented: Presentation | None
) -> Iterator[str]:
    """Yield the changes of a site file against what is in force, and the effect on standing alarms."""
    in_force, zone = ledger.rules, ZoneInfo(config.site.timezone)
    rule_changes: list[RuleChange] = []
    if in_force is None or content is None:
        yield _line(Message("in force"), both(Message("none on record: this is the first")))
    else:
        yield _line(Message("in force"), _in_force(in_force, zone))
        rule_changes = changes(config.rules.content, content)
    yield _line(Message("new"), f"{config.rules.version}  {set_line(config)}")
    yield from change_lines(rule_changes)
    texts = [] if presented is None else presentation_changes(Presentation.of(config), presented)
    # An entry that the rules no longer have is shown once.
    gone = {(change.table, change.name) for change in rule_changes if change.kind == "removed"}
    texts = [change for change in texts if (change.table, change.name) not in gone]
    yield from _presentation_lines(config, ledger, presented, texts)
    yield count_line([*rule_changes, *texts])
    law = list(law_lines(config))
    if law:
        yield f"{both(Message('looser than the regulation of the profile'))}:"
        yield from (f"  {line}" for line in law)
    yield from _standing_lines(config, ledger, rule_changes)


def _in_force(in_force: InForce, zone: ZoneInfo) -> str:
    people = f"{in_force.author or NOBODY} / {in_force.approver or NOBODY}  {in_force.reason or ''}".rstrip()
    return f"{in_force.version}  {moment(in_force.since, zone)}  {people}"


def _presentation_lines(
    config: Config, ledger: Ledger, presented: Presentation | None, texts: Sequence[RuleChange]
) -> Iterator[str]:
    """Yield what people are told otherwise; nothing but the versions if that is nothing."""
    yield f"{both(Message('presentation'))}:"
    if ledger.presentation is not None:
        yield _line(Message("in force"), _in_force(ledger.presentation, ZoneInfo(config.site.timezone)))
    elif presented is not None:
        message = Message("from the copy of the last start's site file; no version is on record")
        yield _line(Message("in force"), f"{presented.version}  {both(message)}")
    else:
        yield _line(Message("in force"), both(Message("none on record: this is the first")))
    yield _line(Message("new"), Presentation.of(config).version)
    yield from change_lines(texts)


def _standing_lines(config: Config, ledger: Ledger, rule_changes: Sequence[RuleChange]) -> Iterator[str]:
    gone = ledger.without_rule
    if gone:
        yield both(Message("alarms that stand and lose their rule: {alarms}", alarms=tuple(gone)))
    # An alarm is concerned if its rule changed, or its point: True marks the names of points.
    changed = {(change.table == "point", change.name) for change in rule_changes if change.kind == "changed"}
    stands = [
        event.condition
        for event in ledger.standing_events()
        if event.condition not in gone and {(False, event.condition), (True, event.point)} & changed
    ]
    if stands:
        unchanged = Message(
            "these alarms stand; the edit neither clears nor raises them, the next sample is judged anew: {alarms}",
            alarms=tuple(stands),
        )
        yield both(unchanged)


def start_words(site: Path, data: Path, gone: Iterable[str], people: str = "") -> str:
    """Return the command that starts the engine although standing alarms lose their rule."""
    removals = [word for name in gone for word in ("--remove", name)]
    by, reason = " --by NAME" if removals else "", " --reason TEXT" if removals or people else ""
    return pasted("run", site, "--data", data, *removals) + by + people + reason


def set_line(config: Config) -> str:
    """Return the size of a site file's rule-set."""
    rules = config.rules
    counts = Message(
        "{points} {points:point|points}, {limits} {limits:limit|limits}, {votes} {votes:vote|votes}, "
        "{interlocks} {interlocks:interlock|interlocks}",
        points=len(rules.points),
        limits=len(rules.limits),
        votes=len(rules.votes),
        interlocks=len(rules.interlocks),
    )
    return both(counts)


def _line(title: Message, text: str) -> str:
    return f"{pad(both(title), TITLE_WIDTH)}{text}"
