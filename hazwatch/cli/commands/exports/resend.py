"""`hazwatch influx resend`: copies a period of the history into InfluxDB again."""

import argparse
import sys
from typing import Any

from adapters.stores import HistoryFileError, HistoryReader, JournalError
from adapters.stores.influx import NotWrittenError, Sender
from hazwatch.cli.exit_codes import OK, REFUSED
from hazwatch.cli.inputs import data_with_history, load_and_warn
from hazwatch.cli.options import RefusedError, UnavailableError, add_data, add_period, add_site
from hazwatch.cli.progress import Progress
from hazwatch.cli.store_choice import chosen_store
from hazwatch.live.export.influx_export import InfluxExport, address_of, floor_to, position_from
from hazwatch.words import both
from plant import Message, message_of, messages_of
from plant.units import HOUR


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "influx",
        help=both(Message("copy a period of the history into InfluxDB again")),
        description=both(
            Message(
                "copy what arrived in a period, in whole hours, into InfluxDB again: samples, alarms and summaries; "
                "what is there already is replaced by the same"
            )
        ),
        epilog="hazwatch influx resend site.toml --data data --from 2026-11-22T08:00:00+08:00",
    )
    parser.add_argument("what", choices=("resend",), help=both(Message("resend: copy a period again")))
    add_site(parser)
    add_data(parser)
    add_period(parser)
    parser.add_argument("--store", metavar="ID", help=both(Message("the store, where the site file has several")))
    parser.set_defaults(command=copy_again)


def copy_again(arguments: argparse.Namespace) -> int:
    """Copy the period; 1 if the store refuses lines for good."""
    config = load_and_warn(arguments)
    spec, folder = chosen_store(config, arguments), data_with_history(arguments)
    try:
        span = HistoryReader(folder.history, config.points).span()
        if span is None:
            raise RefusedError(Message("{path}: the history is empty", path=folder.history))
        begin = floor_to(max(span[0], span[0] if arguments.start is None else arguments.start), HOUR)
        until = min(span[1], span[1] if arguments.end is None else floor_to(arguments.end - 1, HOUR) + HOUR - 1)
        folder.stores.mkdir(parents=True, exist_ok=True)
        copy, progress = (
            InfluxExport(config, folder, spec, position_from(folder, begin)),
            Progress(both(Message("copying"))),
        )
        with Sender(address_of(spec)) as sender:
            for _ in copy.resend(sender, until):
                progress.show_share((copy.position.arrival - begin) / max(1, until - begin))
        progress.clear()
    except NotWrittenError as error:
        raise UnavailableError(error.message) from None
    except (OSError, ValueError) as error:
        raise UnavailableError(message_of(error)) from None
    except (HistoryFileError, JournalError) as error:
        raise UnavailableError(*messages_of(error)) from None
    sent = Message(
        "{count} {count:sample|samples} copied to {store}, {refused} {refused:line|lines} refused",
        count=copy.position.samples,
        store=spec.id,
        refused=copy.position.refused,
    )
    sys.stdout.write(f"{both(sent)}\n")
    return REFUSED if copy.position.refused else OK
