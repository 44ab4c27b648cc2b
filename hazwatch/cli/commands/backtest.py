"""`hazwatch backtest`: plays a record through the rules in force and a candidate, and reports the differences."""

import argparse
import sys
from collections.abc import Callable, Hashable
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hazwatch.cli.exit_codes import OK, REFUSED
from hazwatch.cli.inputs import add_record, load_in_force, load_or_refuse, looking_back, open_record
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.options import RefusedError, add_site, keep_apart, written
from hazwatch.cli.progress import Progress
from hazwatch.live.clock import monotonic
from hazwatch.reports.backtest import (
    IncidentsError,
    PlayableRecord,
    Report,
    moment,
    read_incidents,
    report_json,
    report_page,
    report_text,
)
from hazwatch.reports.backtest.recorded import Recorded
from hazwatch.site.config import Config
from hazwatch.words import both
from ingest import SAMPLE
from plant import Message, message_of, messages_of, parse_duration
from plant.units import SECOND
from rules import Engine, Event, Gate, Incident, compare, judge, warm_up


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "backtest",
        help=both(Message("compare the rules in force with a candidate over a record")),
        description=both(Message("play history or a trace through two rule-sets and compare their alarms")),
        epilog="hazwatch backtest site.toml --candidate new.toml --data data --from 2026-11-01T00:00:00+08:00 "
        "--html report.html",
    )
    add_site(parser)
    parser.add_argument("--candidate", type=Path, metavar="SITE2", help=both(Message("site file of the candidate")))
    add_record(parser)
    parser.add_argument(
        "--incidents",
        type=Path,
        metavar="CSV",
        help=both(Message("labelled incidents, a table with the columns hazard_source,start,end,what")),
    )
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help=both(Message("write the report for other programs, JSON"))
    )
    parser.add_argument(
        "--html", type=Path, metavar="OUT", help=both(Message("write the report as a web page in one file"))
    )
    parser.add_argument(
        "--gate", action="store_true", help=both(Message("exit code 1 if the gate refuses the candidate"))
    )
    parser.add_argument(
        "--lead-loss", type=duration, default=30 * SECOND, metavar="D",
        help=both(Message("lead time that may be lost at most (30s)")),
    )  # fmt: skip
    parser.add_argument(
        "--allow-removed", action="append", default=[], metavar="NAME",
        help=both(Message("a rule, or a point or hazard source with all of its rules, that "
            "the candidate may remove; may be "
            "repeated")),
    )  # fmt: skip
    parser.add_argument(
        "--allow-lowered", action="append", default=[], metavar="NAME",
        help=both(Message("a rule that may open no ticket any more, or a hazard source that may have a lower grade; "
            "may be repeated")),
    )  # fmt: skip
    parser.add_argument(
        "--alarms-per-hour",
        type=rate,
        default=12.0,
        metavar="N",
        help=both(Message("alarms an hour at most (%(default)g)")),
    )
    parser.set_defaults(command=backtest)


def duration(text: str) -> int:
    """Read a duration of the command line. [ns]."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(both(message_of(error))) from None


def rate(text: str) -> float:
    """Read a number per hour."""
    with suppress(ValueError):
        if 0 <= (number := float(text)) < inf:
            return number
    raise argparse.ArgumentTypeError(both(Message('"{text}": expected a number, 0 or more', text=text)))


def backtest(arguments: argparse.Namespace) -> int:
    """Print the report, write the requested files, and return the decision of the gate."""
    # Everything that can be wrong with the command line is checked before a replay that may take minutes.
    inputs = (arguments.site, arguments.candidate, arguments.trace, arguments.incidents)
    keep_apart((arguments.json, arguments.html), inputs)
    for path in filter(None, (arguments.json, arguments.html)):
        check_writable(path)
    config, candidate = _configs(arguments)
    incidents = _incidents(arguments, config)
    with looking_back():
        report = _report(arguments, config, candidate, incidents)
        pages = [(arguments.json, report_json), (arguments.html, lambda of: report_page(of).encode())]
        sys.stdout.write(report_text(report))
        for path, write in pages:
            _write(path, report, write)
    return REFUSED if arguments.gate and not report.passed else OK


def _configs(arguments: argparse.Namespace) -> tuple[Config, Config | None]:
    config = load_in_force(arguments)
    known = {condition.id for condition in config.rules.conditions.possible}
    known.update(source.id for source in config.hazard_sources)
    points = {point.id for point in config.points.points}
    if unknown := set(arguments.allow_removed) - known - points:
        message = Message(
            "--allow-removed: {path} has no rule, point or hazard source with the id {ids}",
            path=config.path,
            ids=tuple(sorted(unknown)),
        )
        raise RefusedError(message)
    if unknown := set(arguments.allow_lowered) - known:
        message = Message(
            "--allow-lowered: {path} has no rule or hazard source with the id {ids}",
            path=config.path,
            ids=tuple(sorted(unknown)),
        )
        raise RefusedError(message)
    if arguments.candidate is None:
        return config, None
    return config, load_or_refuse(argparse.Namespace(site=arguments.candidate))


def _incidents(arguments: argparse.Namespace, config: Config) -> list[Incident]:
    if arguments.incidents is None:
        return []
    try:
        return read_incidents(arguments.incidents, {source.id for source in config.hazard_sources})
    except IncidentsError as error:
        raise RefusedError(*messages_of(error)) from None


def _report(
    arguments: argparse.Namespace, config: Config, candidate: Config | None, incidents: list[Incident]
) -> Report:
    configs = [config] if candidate is None else [config, candidate]
    record = open_record(arguments, config, max(warm_up(each.rules) for each in configs), *configs[1:])
    _check_incidents(arguments, config, record, incidents)
    compile_kernel(config)
    begin = monotonic()
    played = _played(record, configs)
    comparison = compare(
        (config.rules, played[0][0]),
        None if candidate is None else (candidate.rules, played[1][0]),
        start=record.start,
        end=record.end,
        recorded=played[0][2],
        incidents=incidents,
    )
    return Report(
        config=config,
        candidate=candidate,
        record=record,
        comparison=comparison,
        checks=judge(comparison, Gate(arguments.lead_loss, arguments.alarms_per_hour)),
        is_gated=arguments.gate,
        allowed=frozenset(arguments.allow_removed),
        allowed_lowered=frozenset(arguments.allow_lowered),
        samples=played[0][1],
        seconds=monotonic() - begin,
    )


def _check_incidents(
    arguments: argparse.Namespace, config: Config, record: PlayableRecord, incidents: list[Incident]
) -> None:
    """End a command whose gate would judge by incidents outside the period."""
    if not arguments.gate or arguments.incidents is None:
        return
    if not any(incident.touches(record.start, record.end) for incident in incidents):
        zone = ZoneInfo(config.site.timezone)
        period = f"{moment(record.start, zone)} - {moment(record.end, zone)} ({zone})"
        message = Message(
            "{path}: none of {count} {count:incident|incidents} touches the period {period}, so --gate has nothing to "
            "judge by; choose another period, or leave --incidents out",
            path=arguments.incidents,
            count=len(incidents),
            period=period,
        )
        raise RefusedError(message)


PlayedRecord = tuple[list[Event], int, int]
"""The events of a rule-set over a record, the number of samples, and the recorded part of the period. [ns]"""


def _played(record: PlayableRecord, configs: list[Config]) -> list[PlayedRecord]:
    """Play a record through one or two rule-sets, in one pass if the log is the same for both."""
    labels = (both(Message("in force")), both(Message("candidate")))
    if len({_log_of(config) for config in configs}) == 1:
        return _play(record, configs, " + ".join(labels[: len(configs)]))
    return [played for config, label in zip(configs, labels, strict=True) for played in _play(record, [config], label)]


def _log_of(config: Config) -> Hashable:
    """Return the settings on which the log of a record depends."""
    ids = tuple(point.id for point in config.points.points)
    return ids, config.arrival_timed().tobytes(), config.site.model_dump_json()


def _play(record: PlayableRecord, configs: list[Config], label: str) -> list[PlayedRecord]:
    engines = [Engine(config.rules) for config in configs]
    events: list[list[Event]] = [[] for _ in configs]
    progress = Progress(label)
    samples, recorded = 0, Recorded(configs[0], record.start, record.end)
    for piece, share in record.log(configs[0]):
        for engine, of_engine in zip(engines, events, strict=True):
            of_engine.extend(engine.evaluate(piece))
        samples += int((piece.kind == SAMPLE).sum())
        recorded.add(piece)
        progress.show_share(share)
    progress.clear()
    return [(of_engine, samples, recorded.total) for of_engine in events]


def check_writable(path: Path) -> None:
    """End the command before the work starts, if an output file cannot be written."""
    with written(path):
        is_new = not path.exists()
        path.open("ab").close()
        if is_new:
            path.unlink()


def _write(path: Path | None, report: Report, write: Callable[[Report], bytes]) -> None:
    if path is None:
        return
    with written(path):
        path.write_bytes(write(report))
