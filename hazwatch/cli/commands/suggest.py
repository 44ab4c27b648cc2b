"""`hazwatch suggest`: proposes deadbands, delays and rate limits for a point, and says what each costs and gains."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import add_record, load_and_warn, looking_back, open_record
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.options import RefusedError, add_site, keep_apart, written
from hazwatch.cli.progress import Progress
from hazwatch.reports.backtest import NoRecordError, PlayableRecord
from hazwatch.reports.suggestions import Suggestion, suggestion_json, suggestion_text
from hazwatch.site.config import Config
from hazwatch.words import both
from plant import Message, Point
from plant.units import MINUTE
from rules import (
    Engine,
    Event,
    Limit,
    Played,
    alternatives,
    episodes,
    events_by_limit,
    guarded,
    noise_of,
    propose,
    propose_rate,
    rate_limits,
    trial_rules,
    warm_up,
)

BEFORE: Final = 30 * MINUTE
"""Longer than any window and delay that is proposed. [ns]"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "suggest",
        help=both(Message("propose deadbands, delays and rate limits from a record")),
        description=both(
            Message("propose numbers from the noise and the alarms of a record, with what each costs and gains")
        ),
        epilog="hazwatch suggest site.toml --point T1 --data data --from 2026-11-01T00:00:00+08:00",
    )
    add_site(parser)
    parser.add_argument("--point", required=True, metavar="ID", help=both(Message("the point")))
    add_record(parser)
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help=both(Message("write the suggestions for other programs, JSON"))
    )
    parser.set_defaults(command=suggest)


def suggest(arguments: argparse.Namespace) -> int:
    """Print the suggestions, and write them for other tools if the command line names a file."""
    keep_apart([arguments.json], [arguments.site, arguments.trace])
    config = load_and_warn(arguments)
    point = next((point for point in config.rules.points if point.id == arguments.point), None)
    if point is None:
        raise RefusedError(Message('no [[{table}]] has the id "{id}"', table="point", id=arguments.point))
    with looking_back():
        suggestion = _suggestion(config, point, open_record(arguments, config, warm_up(config.rules) + BEFORE))
    sys.stdout.write(suggestion_text(suggestion))
    if arguments.json is not None:
        with written(arguments.json):
            arguments.json.write_bytes(suggestion_json(suggestion))
    return OK


def _suggestion(config: Config, point: Point, record: PlayableRecord) -> Suggestion:
    noise = noise_of(record.samples(config, point.id))
    if noise.samples < 2:
        raise NoRecordError(Message('nothing in the record shows how "{point}" behaves', point=point.id))
    compile_kernel(config)
    period = {"start": record.start, "end": record.end}
    own = [limit for limit in config.rules.limits if limit.point == point.id]
    current = _play(config, record, own, both(Message("in force")))
    tried = [
        alternatives(limit, point, noise, episodes(events, **period), config.statutory.get(limit.id))
        for limit, events in current
    ]
    rates = rate_limits(config.rules, point, noise)
    # All proposals of all limits are played in one pass, and handed out to their limits in the same order.
    played = iter(
        _play(config, record, [limit for limits in [*tried, rates] for limit in limits], both(Message("proposals")))
    )
    proposals = tuple(
        propose(point, noise, now, [next(played) for _ in limits], **period)
        for now, limits in zip(current, tried, strict=True)
    )
    watched = guarded(config.rules, point)
    now = next((pair for pair in current if pair[0] == watched), None)
    trials, rate = propose_rate(point, now, list(played), **period) if now else ((), None)
    return Suggestion(config, point, noise, record.start, record.end, proposals, trials, rate)


def _play(config: Config, record: PlayableRecord, limits: Sequence[Limit], label: str) -> list[Played]:
    """Play a record through many limits at once."""
    engine = Engine(trial_rules(config.rules, limits))
    progress = Progress(label)
    events: list[Event] = []
    for piece, share in record.log(config):
        events += engine.evaluate(piece)
        progress.show_share(share)
    progress.clear()
    return list(zip(limits, events_by_limit(events, limits), strict=True))
