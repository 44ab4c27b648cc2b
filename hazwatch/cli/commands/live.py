"""`hazwatch run`: watches a site live."""

import argparse
import asyncio
import logging
import socket
import sys
from typing import Any, Final

from pydantic import ValidationError

from adapters.stores import HistorianFormatError, HistorianFullError, HistorianLockedError, JournalError
from alarms import Approval, CommandRefusedError, IllegalTransitionError
from console import PortTakenError, listen
from hazwatch.assemble import Live
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.fallback import begin_anew, how_to_go_on, not_taken, stand_in
from hazwatch.cli.inputs import load_to_run
from hazwatch.cli.journal_refusal import accept, journal_or_refuse, mine_or_refuse
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.log import log_to_stderr
from hazwatch.cli.options import (
    PORT,
    RefusedError,
    UnavailableError,
    add_clock,
    add_data,
    add_people,
    add_site,
    host,
    make_clock,
    port_number,
)
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.resume import AlarmRemoval, RemovedRuleError
from hazwatch.live.rule_sets import NEEDED_FOR_APPROVAL, UnapprovedError, approval_of, known_rules
from hazwatch.live.site_in_force import limits_in_force, presentation_in_force
from hazwatch.site.config import Config
from hazwatch.site.law.unexplained import refuse_loosened
from hazwatch.words import both
from plant import Message, Text, explained, message_of, messages_of

logger = logging.getLogger(__name__)

HISTORIAN_ERRORS: Final = (HistorianFormatError, HistorianFullError, HistorianLockedError)


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help=both(Message("watch a site live")),
        description=both(Message("read the sources, evaluate the rules, record, serve the page")),
        epilog="hazwatch run site.toml --data data",
    )
    add_site(parser)
    add_data(parser)
    add_clock(parser)
    add_page(parser)
    parser.add_argument(
        "--remove", action="append", default=[], metavar="CONDITION",
        help=both(Message("treat an alarm that stands and has lost its rule as returned; may be repeated")),
    )  # fmt: skip
    parser.add_argument("--by", metavar="NAME", help=both(Message("who removed the rule (with --remove)")))
    add_people(parser)
    parser.add_argument(
        "--reason", metavar="TEXT", help=both(Message("why (with --remove, or with --author and --approver)"))
    )
    parser.add_argument(
        "--or-in-force", action="store_true",
        help=both(Message("continue with the rules in force if SITE has mistakes or is "
            "not approved, for unattended starts")),
    )  # fmt: skip
    parser.add_argument(
        "--go-on-from", type=int, metavar="RECORD",
        help=both(Message("accept a journal that ends with this record although other files know more")),
    )  # fmt: skip
    parser.set_defaults(command=live)


def add_page(parser: argparse.ArgumentParser) -> None:
    """Add the options of the page, and the level of the log."""
    parser.add_argument(
        "--host", type=host, default="127.0.0.1", help=both(Message("loopback address of the page (%(default)s)"))
    )
    parser.add_argument(
        "--port",
        type=port_number,
        default=PORT,
        help=both(Message("port of the page, 0 for any free one (%(default)s)")),
    )
    parser.add_argument("--no-page", action="store_true", help=both(Message("serve no page")))
    parser.add_argument(
        "--log",
        choices=("debug", "info", "warning", "error"),
        default="info",
        help=both(Message("level of the program's log (%(default)s)")),
    )


def announce(arguments: argparse.Namespace, listener: socket.socket | None) -> None:
    """Print the addresses of page and data, and how to stop."""
    if listener is not None:
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        sys.stderr.write(f"{both(Message('page'))}: http://{host}:{listener.getsockname()[1]}/\n")
    sys.stderr.write(f"{both(Message('data'))}: {arguments.data}   ({both(Message('Ctrl-C ends'))})\n")


def live(arguments: argparse.Namespace) -> int:
    """Run the engine until a signal."""
    log_to_stderr(arguments.log.upper())
    if arguments.remove and not (arguments.by and arguments.reason):
        raise RefusedError(Message("--remove needs --by NAME and --reason TEXT"))
    folder = DataFolder(arguments.data)
    try:
        # The journal comes first: without it nobody knows which rules are in force.
        against = journal_or_refuse(folder, arguments.go_on_from)
        config = load_to_run(arguments, folder)
        against = mine_or_refuse(folder, config, arguments.go_on_from) or against
        removals = tuple(AlarmRemoval(condition, arguments.by, arguments.reason) for condition in arguments.remove)
        approval = signed(arguments, config)
        notice = None if against is None else accept(folder, against)
        return watch(arguments, config, removals, approval=approval, notice=notice)
    except UnavailableError:
        raise
    except RefusedError as refusal:
        if not arguments.or_in_force:
            raise
        kept, given_up = stand_in(folder, refusal, arguments.go_on_from)
        notice = not_taken(arguments.site) if given_up is None else begin_anew(folder, given_up)
        event = Message("site file not taken, the one in force continues")
        logger.error("%s path=%s reason=%s", event, kept.path, message_of(refusal))  # noqa: TRY400
    return watch(arguments, kept, (), notice=notice)


def watch(
    arguments: argparse.Namespace,
    config: Config,
    removals: tuple[AlarmRemoval, ...],
    *,
    approval: Approval | None = None,
    notice: Text | None = None,
) -> int:
    """Run the engine on a site until a signal."""
    # The kernel first: a listening page that does not answer for a minute would look broken.
    compile_kernel(config)
    clock = make_clock(arguments)
    listener = None
    try:
        if not arguments.no_page:
            listener = listen(arguments.host, arguments.port)
        engine = Live(config, DataFolder(arguments.data), clock, listener, removals, approval, notice)
        asyncio.run(engine.run(lambda _: announce(arguments, listener)))
    except PortTakenError as error:
        raise UnavailableError(Message("{problem}; choose another with --port", problem=message_of(error))) from None
    except UnapprovedError as error:
        raise RefusedError(*how_to_go_on(arguments, error)) from None
    except ValidationError as error:
        raise RefusedError(explained(error)) from None
    except (CommandRefusedError, IllegalTransitionError, RemovedRuleError, ValueError) as error:
        raise RefusedError(*messages_of(error)) from None
    except (JournalError, *HISTORIAN_ERRORS, OSError) as error:
        raise UnavailableError(*messages_of(error)) from None
    finally:
        if listener is not None:
            listener.close()
    return OK


def signed(arguments: argparse.Namespace, config: Config) -> Approval | None:
    """Return the approval on the command line; None without names, or if the rules are in force already."""
    if arguments.author is None and arguments.approver is None:
        return None
    try:
        folder = DataFolder(arguments.data)
        ledger, content = known_rules(config, folder)
        presented = presentation_in_force(folder, ledger)
        refuse_loosened(config, limits_in_force(folder, ledger, content, presented))
        return approval_of(config, ledger, {name: getattr(arguments, name) for name in NEEDED_FOR_APPROVAL})
    except JournalError as error:
        raise UnavailableError(*messages_of(error)) from None
    except ValueError as error:
        raise RefusedError(*messages_of(error)) from None
