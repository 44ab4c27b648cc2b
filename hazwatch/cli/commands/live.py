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
from hazwatch.assemble import AlarmRemoval, Live, RemovedRuleError
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.fallback import how_to_go_on, not_taken, stand_in
from hazwatch.cli.inputs import journal_or_refuse, load_or_refuse
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
from hazwatch.live.rule_sets import NEEDED_FOR_APPROVAL, UnapprovedError, approval_of, known_rules
from hazwatch.site.config import Config
from plant import Text, explained

logger = logging.getLogger(__name__)

HISTORIAN_ERRORS: Final = (HistorianFormatError, HistorianFullError, HistorianLockedError)


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "run",
        help="实时监测 / watch a site live",
        description="读取数据源, 评价规则, 记录, 提供页面 / read the sources, evaluate, record, serve the page",
        epilog="hazwatch run site.toml --data data",
    )
    add_site(parser)
    add_data(parser)
    add_clock(parser)
    add_page(parser)
    parser.add_argument(
        "--remove", action="append", default=[], metavar="CONDITION",
        help="规则已删除而报警仍在的, 视为恢复 / an alarm that stands and whose rule is gone: take it as returned",
    )  # fmt: skip
    parser.add_argument("--by", metavar="NAME", help="谁删除 / who removed it (with --remove)")
    add_people(parser)
    parser.add_argument(
        "--reason", metavar="TEXT", help="为何删除, 为何改动 / why (with --remove, or with --author and --approver)"
    )
    parser.add_argument(
        "--or-in-force", action="store_true",
        help="现场文件有错或未经批准时, 按现行规则监测 / go on with the rules in force where SITE cannot be taken: "
        "for unattended starts",
    )  # fmt: skip
    parser.set_defaults(command=live)


def add_page(parser: argparse.ArgumentParser) -> None:
    """Let a command take where its page listens."""
    parser.add_argument(
        "--host", type=host, default="127.0.0.1", help="页面监听的本机地址 / loopback address of the page (%(default)s)"
    )
    parser.add_argument(
        "--port", type=port_number, default=PORT, help="页面端口, 0 任选 / port of the page, 0 any (%(default)s)"
    )
    parser.add_argument("--no-page", action="store_true", help="不提供页面 / no page")
    parser.add_argument(
        "--log", choices=("debug", "info", "warning", "error"), default="info", help="程序日志级别 / level of the log"
    )


def announce(arguments: argparse.Namespace, listener: socket.socket | None) -> None:
    """Say that the engine runs, where its page is, and how it ends."""
    if listener is not None:
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        sys.stderr.write(f"页面 / page: http://{host}:{listener.getsockname()[1]}/\n")
    sys.stderr.write(f"数据 / data: {arguments.data}   (Ctrl-C 结束 / ends)\n")


def live(arguments: argparse.Namespace) -> int:
    """Run until told to stop."""
    log_to_stderr(arguments.log.upper())
    if arguments.remove and not (arguments.by and arguments.reason):
        raise RefusedError("--remove needs --by NAME and --reason TEXT")
    folder = DataFolder(arguments.data)
    try:
        config = load_or_refuse(arguments)
        journal_or_refuse(folder)
        removals = tuple(AlarmRemoval(condition, arguments.by, arguments.reason) for condition in arguments.remove)
        return watch(arguments, config, removals, approval=signed(arguments, config))
    except UnavailableError:
        raise
    except RefusedError as refusal:
        if not arguments.or_in_force:
            raise
        kept, notice = stand_in(folder, refusal), not_taken(arguments.site, folder)
        logger.error("site file not taken, the one in force goes on path=%s reason=%s", kept.path, refusal)  # noqa: TRY400
    return watch(arguments, kept, (), notice=notice)


def watch(
    arguments: argparse.Namespace,
    config: Config,
    removals: tuple[AlarmRemoval, ...],
    *,
    approval: Approval | None = None,
    notice: Text | None = None,
) -> int:
    """Run on a site until told to stop."""
    compile_kernel(config)
    clock = make_clock(arguments)
    listener = None
    try:
        if not arguments.no_page:
            listener = listen(arguments.host, arguments.port)
        engine = Live(config, DataFolder(arguments.data), clock, listener, removals, approval, notice)
        asyncio.run(engine.run(lambda _: announce(arguments, listener)))
    except PortTakenError as error:
        raise UnavailableError(f"{error.strerror}; give another with --port") from None
    except UnapprovedError as error:
        raise RefusedError(how_to_go_on(arguments, error)) from None
    except ValidationError as error:
        raise RefusedError(explained(error)) from None
    except (CommandRefusedError, IllegalTransitionError, RemovedRuleError, ValueError) as error:
        raise RefusedError(str(error)) from None
    except (JournalError, *HISTORIAN_ERRORS, OSError) as error:
        raise UnavailableError(str(error)) from None
    finally:
        if listener is not None:
            listener.close()
    return OK


def signed(arguments: argparse.Namespace, config: Config) -> Approval | None:
    """Return the approval that the command line itself gives; None without one, or where nothing is to be approved."""
    if arguments.author is None and arguments.approver is None:
        return None
    try:
        ledger, _ = known_rules(config, DataFolder(arguments.data))
        return approval_of(config, ledger, {name: getattr(arguments, name) for name in NEEDED_FOR_APPROVAL})
    except JournalError as error:
        raise UnavailableError(str(error)) from None
    except ValueError as error:
        raise RefusedError(str(error)) from None
