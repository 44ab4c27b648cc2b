"""`hazwatch status`: says how a running engine is, or in which state the last run left its data folder."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.stores import HistoryFileError, HistoryReader, JournalError, JournalReader, glance
from alarms.states import STANDING, AlarmState
from hazwatch.cli.client import EngineClient, add_url
from hazwatch.cli.exit_codes import OK, REFUSED, UNAVAILABLE
from hazwatch.cli.inputs import open_journal
from hazwatch.cli.options import UnavailableError, add_data
from hazwatch.cli.source_lines import SourceState, source_lines
from hazwatch.cli.stores import zone_of
from hazwatch.live.anchors.keeper import ONLY_INSIDE
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import KeptLedger
from hazwatch.site.bounded import read_text, read_toml
from hazwatch.words import both
from hazwatch.words.clocks import clock_error
from hazwatch.words.damages import damage_message
from hazwatch.words.levels import LEVELS
from hazwatch.words.numbers import moment
from plant import Level, Message, Text, messages_of
from plant.units import MS

UNACKNOWLEDGED: Final = (AlarmState.UNACKED, AlarmState.RTN_UNACKED)
LinkState = dict[str, Any]
"""A `LinkView` as JSON has it."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "status",
        help=both(Message("say how the engine is")),
        description=both(
            Message(
                "say how the running engine is: sources, alarms, points in doubt, notices, and the head of the "
                "journal; without an engine, say in which state its last run left the data folder"
            )
        ),
        epilog="hazwatch status --data data",
    )
    add_data(parser)
    add_url(parser)
    parser.set_defaults(command=status)


def status(arguments: argparse.Namespace) -> int:
    """Print the state: 0 if all is well, 1 if a source is lost or stale or a notice stands, 3 if no engine answers."""
    folder, engine = DataFolder(arguments.data), EngineClient(arguments.url)
    try:
        site, present = engine.get("/api/site")["site"], engine.get("/api/snapshot")["snapshot"]
        sources = engine.get("/api/sources")["sources"]
    except UnavailableError as error:
        _print([Message("engine: {state}", state=error.args[0]), *_of_folder(arguments, folder)])
        return UNAVAILABLE
    zone = ZoneInfo(site["timezone"])
    name, now = site["name"], moment(present["now"] * MS, zone)
    head = Message("engine: runs; {name} {url}, {now}", name=name, url=arguments.url, now=now)
    _print([head, *_of_engine(present, sources, len(site["points"]), zone), *_journal(folder)])
    is_well = all(link["fresh"] for link in present["sources"]) and not present["notices"]
    return OK if is_well else REFUSED


def _print(lines: Iterable[Message]) -> None:
    for line in lines:
        sys.stdout.write(f"{both(line)}\n")


def _of_engine(present: dict[str, Any], sources: list[SourceState], points: int, zone: ZoneInfo) -> Iterator[Message]:
    yield from (link_message(link, zone) for link in present["sources"])
    for source in sources:
        yield from source_lines(source, zone)
    alarms = [(Level(alarm["level"]), AlarmState(alarm["state"])) for alarm in present["alarms"]]
    yield _alarms(level for level, state in alarms if state in STANDING)
    unacknowledged = sum(state in UNACKNOWLEDGED for _, state in alarms)
    yield Message("alarms that nobody acknowledged: {count}", count=unacknowledged)
    doubtful = sum(source["doubtful"] for source in present["hazard_sources"])
    yield Message("points in doubt: {count} of {all}", count=doubtful, all=points)
    yield Message("found in late data and not analysed: {count}", count=len(present["found"]))
    for notice in present["notices"]:
        since = moment(notice["since"] * MS, zone)
        yield Message("notice since {since}: {message}", since=since, message=Text(**notice["message"]))


def link_message(link: LinkState, zone: ZoneInfo) -> Message:
    """Return what the link to a source is like: lost, or connected with data that count, or with old data."""
    arguments = {"source": link["id"], "since": moment(link["since"] * MS, zone)}
    if not link["connected"]:
        return Message("source {source}: lost since {since}", **arguments)
    if link["fresh"]:
        state = Message("source {source}: connected since {since}", **arguments)
    else:
        state = Message("source {source}: connected; its data are old or stale since {since}", **arguments)
    if link["skew"] is None:
        return state
    return Message("{link}, its clock is {error}", link=state, error=clock_error(link["skew"]))


def _alarms(levels: Iterable[Level]) -> Message:
    counts = Counter(levels)
    words = tuple(Message("{level} {count}", level=word, count=counts[level]) for level, word in LEVELS.items())
    return Message("standing alarms: {counts}", counts=words)


def _journal(folder: DataFolder) -> Iterator[Message]:
    """Yield the head of the journal in the data folder, if that is there: the engine may have another one."""
    try:
        number, digest = JournalReader(folder.journal).head()
    except JournalError:
        return
    yield Message("journal in {path}: record {number}, {digest}", path=folder.path, number=number, digest=digest)
    if not _has_anchors_outside(folder):
        yield ONLY_INSIDE


def _has_anchors_outside(folder: DataFolder) -> bool:
    """Whether the site file in force names a place for anchors; unknown counts as yes."""
    try:
        return "file" in read_toml(read_text(folder.site_copy)).get("anchors", {})
    except (OSError, ValueError):
        return True


def _of_folder(arguments: argparse.Namespace, folder: DataFolder) -> Iterator[Message]:
    zone = zone_of(folder)
    ledger = KeptLedger.of(folder, open_journal(arguments), {}, zone).ledger
    yield from _journal(folder)
    yield _alarms(alarm.level for alarm in ledger.alarms.values() if alarm.stands)
    yield Message("open tickets: {count}", count=len(ledger.open_tickets))
    try:
        span, damages = HistoryReader(folder.history).span(), glance(folder.history)
    except HistoryFileError as error:
        raise UnavailableError(*messages_of(error)) from None
    if span is not None:
        yield Message("history ends at {time}", time=moment(span[1], zone))
    yield from (damage_message(damage, zone) for damage in damages)
