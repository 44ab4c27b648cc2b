"""`hazwatch run`: watches a site live."""

import argparse
import asyncio
import logging
import socket
import sys
from typing import Any, Final

from adapters.stores import HistorianFormatError, HistorianFullError, HistorianLockedError, JournalError
from alarms import CommandRefusedError, IllegalTransitionError
from console import PortTakenError, listen
from hazwatch.cli import RefusedError, UnavailableError, add_clock, add_data, add_site, make_clock, port_number
from hazwatch.commands.check import load_or_refuse
from hazwatch.data_folder import DataFolder
from hazwatch.exit_codes import OK
from hazwatch.kernel import compile_kernel
from hazwatch.live import Live, Removal, RemovedRuleError

PORT: Final = 8420
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
    parser.add_argument("--reason", metavar="TEXT", help="为何删除 / why (with --remove)")
    parser.set_defaults(command=live)


def add_page(parser: argparse.ArgumentParser) -> None:
    """Let a command take where its page listens."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="页面监听的本机地址 / loopback address of the page (%(default)s)"
    )
    parser.add_argument(
        "--port", type=port_number, default=PORT, help="页面端口, 0 任选 / port of the page, 0 any (%(default)s)"
    )
    parser.add_argument("--no-page", action="store_true", help="不提供页面 / no page")
    parser.add_argument(
        "--log", choices=("debug", "info", "warning", "error"), default="info", help="日志级别 / level of the log"
    )


def log_to_stderr(level: str) -> None:
    """Log what our own packages say from a level on, and what others warn of."""
    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    for package in ("adapters", "console", "hazwatch", "simulators"):
        logging.getLogger(package).setLevel(level)


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
    removals = tuple(Removal(condition, arguments.by, arguments.reason) for condition in arguments.remove)
    config = load_or_refuse(arguments)
    compile_kernel(config)
    clock = make_clock(arguments)
    listener = None
    try:
        if not arguments.no_page:
            listener = listen(arguments.host, arguments.port)
        asyncio.run(
            Live(config, DataFolder(arguments.data), clock, listener, removals).run(
                lambda _: announce(arguments, listener)
            )
        )
    except PortTakenError as error:
        raise UnavailableError(f"{error.strerror}; give another with --port") from None
    except (CommandRefusedError, IllegalTransitionError, RemovedRuleError, ValueError) as error:
        raise RefusedError(str(error)) from None
    except (JournalError, *HISTORIAN_ERRORS, OSError) as error:
        raise UnavailableError(str(error)) from None
    finally:
        if listener is not None:
            listener.close()
    return OK
