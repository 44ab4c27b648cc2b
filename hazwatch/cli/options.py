"""The command line: what can be asked, with examples, and the exit codes."""

import argparse
import errno
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from console import loopback
from hazwatch import words
from hazwatch.cli.exit_codes import INTERRUPTED, REFUSED, UNAVAILABLE
from hazwatch.live.clock import ScaledClock
from hazwatch.words.chinese import both
from plant import Message, parse_instant

EPILOG: Final = """\
例 / examples:
  hazwatch check site.toml
  hazwatch test site.toml --junit report.xml
  hazwatch run site.toml --data data
  hazwatch approve new.toml --data data --author 张工 --approver 李总 --reason 抽采后瓦斯稳定
  hazwatch replay --site site.toml --trace trace.csv --events events.jsonl
  hazwatch simulate site.toml --trace trace.csv --rate 600 --origin 2014-03-02T00:00:00Z
  hazwatch history site.toml --data data --point T1 --from 2026-11-22T08:00:00+08:00
  hazwatch events --data data --follow
  hazwatch tickets --data data
  hazwatch ack T1.alarm --by 王班长

退出码 / exit codes:
  0 完成 done    1 输入有错或命令被拒 mistakes, or refused    2 用法错误 usage
  3 所需的不在: 端口, 数据目录, 引擎, 输出, 磁盘 something needed is not there    130 Ctrl-C
"""


FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))
"""What an output says that takes no more; it has no name then, as a file would."""
DATA: Final = Path("hazwatch-data")
"""Folder of journal and history, unless another is given."""
PORT: Final = 8420
"""Port of the page, unless another is given."""
LATEST_ORIGIN: Final = 7_258_118_400_000_000_000
"""The year 2200: the clock has room to go on. [ns, UTC]"""


class RefusedError(Exception):
    """Ends a command with exit code 1 and lines that say why: messages, or mistakes of a file."""

    code = REFUSED

    def __init__(self, *lines: object) -> None:
        super().__init__(*lines)

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


class UnavailableError(RefusedError):
    """Ends a command with a message and exit code 3."""

    code = UNAVAILABLE


@contextmanager
def written(path: Path) -> Iterator[None]:
    """End the command where a file that was asked for cannot be written."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnavailableError(f"{path}: cannot be written: {error.strerror}") from None


def keep_apart(outputs: Iterable[Path | None], inputs: Iterable[Path | None]) -> None:
    """End a command that would write over what it reads."""
    read = {path.resolve() for path in inputs if path is not None}
    for path in outputs:
        if path is not None and path.resolve() in read:
            raise RefusedError(f"{path}: is read by this command; expected another file to write")


def zone(text: str) -> ZoneInfo:
    """Read a time zone of the command line."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f'{text!r}: expected a time zone such as "Asia/Shanghai"') from None


def instant(text: str) -> int:
    """Read a time of the command line. [ns, UTC]."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def origin(text: str) -> int:
    """Read where a clock begins. [ns, UTC]."""
    begin = instant(text)
    if not 0 <= begin <= LATEST_ORIGIN:
        raise argparse.ArgumentTypeError("expected a time of the years 1970 to 2200")
    return begin


def rate(text: str) -> float:
    """Read how many times as fast as the wall a clock runs."""
    try:
        return ScaledClock(float(text)).rate
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number above 0 and at most 1000000, found {text}") from None


def host(text: str) -> str:
    """Read where a page may listen."""
    try:
        loopback(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def port_number(text: str) -> int:
    """Read a port number of the command line; 0 is any that is free."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("expected a port, 0 to 65535")
    return int(text)


def add_site(parser: argparse.ArgumentParser) -> None:
    """Let a command take a site file."""
    parser.add_argument("site", type=Path, metavar="SITE", help="现场文件 / site file (TOML)")


def add_data(parser: argparse._ActionsContainer) -> None:
    """Let a command take the folder of journal and history."""
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR",
        help="运行记录和历史库所在目录 / folder of journal and history (%(default)s)",
    )  # fmt: skip


def add_people(parser: argparse.ArgumentParser) -> None:
    """Let a command take who stands for a rule-set."""
    parser.add_argument("--author", metavar="NAME", help="编制人 / who wrote the edit")
    parser.add_argument("--approver", metavar="NAME", help="批准人, 须为另一人 / who approved it: another person")


def add_period(parser: argparse.ArgumentParser) -> None:
    """Let a command take a period."""
    parser.add_argument(
        "--from", dest="start", type=instant, metavar="TIME", help="开始 (含) / from, ISO 8601 with zone or ns UTC"
    )
    parser.add_argument("--to", dest="end", type=instant, metavar="TIME", help="结束 (不含) / up to, not included")


def check_period(arguments: argparse.Namespace) -> None:
    """End a command whose period ends before it begins."""
    start, end = getattr(arguments, "start", None), getattr(arguments, "end", None)
    if start is not None and end is not None and end <= start:
        raise RefusedError("the period ends before it begins: give --from before --to")


def add_clock(parser: argparse.ArgumentParser) -> None:
    """Let a command take the scaled clock that simulators and the engine share."""
    parser.add_argument("--rate", type=rate, default=1.0, help="时间倍率 / times real time (%(default)s)")
    parser.add_argument(
        "--origin",
        type=origin,
        metavar="TIME",
        help="测点记录时间的起点 / where the clock begins (run: now; simulate: where the trace begins)",
    )
    parser.add_argument(
        "--epoch", type=instant, metavar="TIME",
        help="真实时间何时为起点; 几个进程给同一个 / wall time at which it showed the origin: "
        "give several processes the same (the start of the process)",
    )  # fmt: skip


def make_clock(arguments: argparse.Namespace) -> ScaledClock:
    """Return the clock that the options describe."""
    return ScaledClock(arguments.rate, origin=arguments.origin, epoch=arguments.epoch)


def run(parser: argparse.ArgumentParser, command: Sequence[str] | None) -> int:
    """Carry out one command; return its exit code."""
    try:
        return _carried_out(parser, command)
    except RefusedError as refusal:
        lines = [words.both(line) if isinstance(line, Message) else both(str(line)) for line in refusal.args]
        sys.stderr.write("\n".join([f"hazwatch: {lines[0]}", *lines[1:]]) + "\n")
        return refusal.code
    except BrokenPipeError:
        _leave_output()
        return REFUSED
    except OSError as error:
        output = error.errno in FULL and error.filename is None
        if output:
            _leave_output()
        sys.stderr.write(both(f"hazwatch: {'the output cannot be written: ' * output}{error}") + "\n")
        return UNAVAILABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _carried_out(parser: argparse.ArgumentParser, command: Sequence[str] | None) -> int:
    try:
        arguments = parser.parse_args(command)
        check_period(arguments)
        return int(arguments.command(arguments))
    finally:
        sys.stdout.flush()


def _leave_output() -> None:
    """Let go of what could not be written, so that the end of the process does not try again."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
