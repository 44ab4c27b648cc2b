"""`hazwatch import influx`: takes over history that a mine already has in InfluxDB."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from adapters.stores.influx import InfluxHistory, NotReadError
from hazwatch.cli.commands.imports.target import NOTHING_FOUND, add_target, check_target, store
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import load_and_warn
from hazwatch.cli.options import RefusedError, UnavailableError, UsageError, add_period, add_site
from hazwatch.cli.progress import Progress
from hazwatch.cli.store_choice import chosen_store
from hazwatch.live.export.influx_export import address_of
from hazwatch.site.config import Config
from hazwatch.site.specs.stores import InfluxStoreSpec
from hazwatch.site.traces.influx_series import FieldNames, mapped_names, names_by, samples_of
from hazwatch.words import both
from plant import Message, SampleBatch, message_of, messages_of
from plant.units import DAY

QUERY_PERIOD: Final = DAY
"""Period of one query of one point. [ns]"""


def add(kinds: Any) -> None:
    """Add the command."""
    parser = kinds.add_parser(
        "influx",
        help=both(Message("take over history from InfluxDB 2")),
        description=both(
            Message(
                "read a period of the points of a site file from the InfluxDB of its [[store]], by the names that "
                "Hazwatch or Telegraf gives them, or by a table"
            )
        ),
        epilog="hazwatch import influx site.toml --naming telegraf --from 2026-05-01T00:00:00+08:00 "
        "--to 2026-06-01T00:00:00+08:00 --data may",
    )
    add_site(parser)
    add_target(parser)
    add_period(parser)
    parser.add_argument("--store", metavar="ID", help=both(Message("the store, where the site file has several")))
    names = parser.add_mutually_exclusive_group()
    names.add_argument(
        "--naming", choices=("hazwatch", "telegraf"), help=both(Message("whose names (those of the store)"))
    )
    names.add_argument(
        "--map", type=Path, metavar="CSV",
        help=both(Message("table of other names: point, measurement, field, tags (key=value, separated by |)")),
    )  # fmt: skip
    parser.set_defaults(command=import_history)


def import_history(arguments: argparse.Namespace) -> int:
    """Read all points, and write what they have."""
    config = load_and_warn(arguments)
    spec = chosen_store(config, arguments)
    check_target(arguments)
    if arguments.start is None or arguments.end is None:
        raise UsageError(Message("expected a period: --from and --to"))
    names = _names(arguments, config.points.ids) or names_by(arguments.naming or spec.naming, config)
    samples = _read(arguments, config, spec, names)
    if not len(samples):
        raise RefusedError(NOTHING_FOUND)
    store(arguments, config, samples.take(np.argsort(samples.time, kind="stable")))
    empty = [point for point in names if not (samples.point == config.points.column(point)).any()]
    sys.stdout.write(f"{both(Message('{count} {count:sample|samples} taken over', count=len(samples)))}\n")
    if empty:
        sys.stdout.write(f"{both(Message('no samples of {points}', points=tuple(empty)))}\n")
    return OK


def _read(
    arguments: argparse.Namespace, config: Config, spec: InfluxStoreSpec, names: Mapping[str, FieldNames]
) -> SampleBatch:
    """Return the samples of all points in the period, or end the command if the server does not give them."""
    batches: list[SampleBatch] = []
    progress = Progress(both(Message("reading")), len(names))
    try:
        with InfluxHistory(address_of(spec)) as history:
            for number, (point, fields) in enumerate(names.items()):
                column = config.points.column(point)
                for begin in range(arguments.start, arguments.end, QUERY_PERIOD):
                    end = min(begin + QUERY_PERIOD, arguments.end)
                    batches.append(samples_of(history, fields, column, begin, end))
                progress.show(number + 1)
    except NotReadError as error:
        raise UnavailableError(message_of(error)) from None
    except (OSError, ValueError) as error:
        raise RefusedError(*messages_of(error)) from None
    finally:
        progress.clear()
    return SampleBatch.concatenate(batches)


def _names(arguments: argparse.Namespace, points: tuple[str, ...]) -> dict[str, FieldNames]:
    """Return the names in the table of the command line; none without one."""
    if arguments.map is None:
        return {}
    try:
        return mapped_names(arguments.map, points)
    except (OSError, ValueError) as error:
        problems = [Message("{path}: {problem}", path=arguments.map, problem=each) for each in messages_of(error)]
        raise RefusedError(*problems) from None
