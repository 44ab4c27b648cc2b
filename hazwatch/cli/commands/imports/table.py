"""`hazwatch import csv`: takes over history that another system has exported as a table."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from hazwatch.cli.commands.imports.target import NOTHING_FOUND, add_target, check_target, store
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import load_and_warn
from hazwatch.cli.options import RefusedError, UsageError, add_site
from hazwatch.site.config import Config
from hazwatch.site.traces.exports import ExportForm, read_export
from hazwatch.site.traces.trace_files import TraceFileError
from hazwatch.words import both
from plant import Message, SampleBatch, messages_of
from plant.site import known_zone

MOST_WORDS: Final = 20
"""Names and words that the outcome lists, the most frequent first."""


def add(kinds: Any) -> None:
    """Add the command."""
    parser = kinds.add_parser(
        "csv",
        help=both(Message("take over history from exported tables")),
        description=both(
            Message(
                "read tables with one row per value (--point, --value) or one column per point; points are known by "
                "id, name or address; words in the place of a number become BAD samples"
            )
        ),
        epilog="hazwatch import csv site.toml export.csv --time Time --point Tag --value Value --out may.csv",
    )
    add_site(parser)
    parser.add_argument("file", type=Path, nargs="+", metavar="FILE", help=both(Message("the exported tables")))
    add_target(parser)
    parser.add_argument("--time", required=True, metavar="TITLE", help=both(Message("title of the column of times")))
    parser.add_argument("--point", metavar="TITLE", help=both(Message("title of the column of points")))
    parser.add_argument("--value", metavar="TITLE", help=both(Message("title of the column of values")))
    parser.add_argument(
        "--quality", metavar="TITLE", help=both(Message("title of a column that says whether a value is good"))
    )
    parser.add_argument(
        "--good", action="append", default=[], metavar="WORD",
        help=both(Message("what stands there for a good value, may be repeated")),
    )  # fmt: skip
    parser.add_argument(
        "--column", action="append", default=[], metavar="TITLE=POINT",
        help=both(Message("point that the table calls otherwise, may be repeated")),
    )  # fmt: skip
    parser.add_argument(
        "--time-format", metavar="FORM",
        help=both(Message("form of the times, such as %%d.%%m.%%Y %%H:%%M:%%S, epoch-s or epoch-ms")),
    )  # fmt: skip
    parser.add_argument("--zone", help=both(Message("zone of times without one (that of the site file)")))
    parser.add_argument("--encoding", help=both(Message("encoding of the tables (recognised)")))
    parser.add_argument("--separator", help=both(Message("sign between the columns (recognised)")))
    parser.add_argument(
        "--skip", type=int, default=0, metavar="N", help=both(Message("lines above the titles (%(default)s)"))
    )
    parser.set_defaults(command=import_tables)


def import_tables(arguments: argparse.Namespace) -> int:
    """Read all tables, and write what they have."""
    config = load_and_warn(arguments)
    form = _form(arguments, config)
    check_target(arguments)
    batches, words, unknown = [], Counter[str](), Counter[str]()
    for path in arguments.file:
        try:
            export = read_export(path, form, config.points)
        except TraceFileError as error:
            raise RefusedError(*messages_of(error)) from None
        batches.append(export.samples)
        words += export.words
        unknown += export.unknown
    samples = SampleBatch.concatenate(batches)
    if not len(samples):
        raise RefusedError(NOTHING_FOUND, *_left(unknown))
    store(arguments, config, samples.take(np.argsort(samples.time, kind="stable")))
    _say(Message("{count} {count:sample|samples} taken over", count=len(samples)))
    for word, count in words.most_common(MOST_WORDS):
        _say(Message("{word!r} {count} {count:time|times}: BAD samples without a value", word=word, count=count))
    for message in _left(unknown):
        _say(message)
    return OK


def _left(unknown: "Counter[str]") -> Iterator[Message]:
    """Yield what the table has of points that the site file does not know, the most frequent first."""
    for name, count in unknown.most_common(MOST_WORDS):
        yield Message(
            "{name!r} is no point of the site file, {count} {count:value|values} left out: name it with "
            "--column {name}=POINT",
            name=name, count=count,
        )  # fmt: skip


def _say(message: Message) -> None:
    sys.stdout.write(f"{both(message)}\n")


def _form(arguments: argparse.Namespace, config: Config) -> ExportForm:
    if (arguments.point is None) != (arguments.value is None):
        raise UsageError(Message("--point and --value belong together: a table has both columns or none"))
    if arguments.separator is not None and len(arguments.separator) != 1:
        raise UsageError(Message("--separator: expected one sign; found {text!r}", text=arguments.separator))
    if arguments.skip < 0:
        raise UsageError(Message("--skip: expected 0 or more; found {number}", number=arguments.skip))
    if (arguments.quality is None) != (not arguments.good):
        raise UsageError(Message("--quality and --good belong together: what is good must be named"))
    titles = dict(_title(text, config) for text in arguments.column)
    try:
        zone = ZoneInfo(known_zone(arguments.zone or config.site.timezone))
    except ValueError:
        raise UsageError(Message("--zone: there is no time zone {zone!r}", zone=arguments.zone)) from None
    return ExportForm(
        time=arguments.time, point=arguments.point, value=arguments.value, quality=arguments.quality,
        good=frozenset(arguments.good), titles=titles, time_format=arguments.time_format, encoding=arguments.encoding,
        separator=arguments.separator, skip=arguments.skip, zone=zone,
    )  # fmt: skip


def _title(text: str, config: Config) -> tuple[str, str]:
    title, equals, point = text.rpartition("=")
    if not equals or point not in config.points:
        raise UsageError(
            Message("--column: expected TITLE=POINT with a point of the site file; found {text!r}", text=text)
        )
    return title, point
