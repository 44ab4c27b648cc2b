"""Options that several commands share, their parsers, and the errors that end a command."""

import argparse
import errno
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from adapters.stores import JournalError
from console import loopback
from hazwatch.cli.exit_codes import DAMAGED, INTERRUPTED, OK, REFUSED, UNAVAILABLE, USAGE
from hazwatch.cli.log import log_to_stderr
from hazwatch.live.clock import ScaledClock
from hazwatch.site.site_text import Mistake
from hazwatch.words import both
from plant import Message, message_of, messages_of, parse_instant, reason_of
from plant.site import known_zone

EXAMPLES: Final = """\
  hazwatch check site.toml
  hazwatch test site.toml --junit report.xml
  hazwatch run site.toml --data data
  hazwatch approve new.toml --data data --author NAME --approver NAME --reason TEXT
  hazwatch replay --site site.toml --trace trace.csv --events events.jsonl
  hazwatch simulate site.toml --trace trace.csv --rate 600 --origin 2014-03-02T00:00:00Z
  hazwatch history site.toml --data data --point T1 --from 2026-11-22T08:00:00+08:00
  hazwatch events --data data --follow
  hazwatch tickets --data data
  hazwatch ack T1.alarm --by NAME
"""


FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))
"""Errors of a full output; on standard output they carry no file name."""


CODE_MEANINGS: Final[Mapping[int, Message]] = {
    OK: Message("done"),
    REFUSED: Message("the input has mistakes, or the command was refused"),
    USAGE: Message("wrong usage"),
    UNAVAILABLE: Message("something needed is not there: a port, the data folder, the engine, the output, the disk"),
    DAMAGED: Message("a part of what was read is damaged: the messages say which"),
    INTERRUPTED: Message("interrupted by Ctrl-C"),
}
"""Meanings of the exit codes, for people."""


def epilog() -> str:
    """Return examples of commands, and the exit codes."""
    codes = "".join(f"  {code:<4}{both(meaning)}\n" for code, meaning in CODE_MEANINGS.items())
    return f"{both(Message('examples'))}:\n{EXAMPLES}\n{both(Message('exit codes'))}:\n{codes}"


DATA: Final = Path("hazwatch-data")
"""Default folder of journal and history."""
PORT: Final = 8420
"""Default port of the page."""
LATEST_ORIGIN: Final = 7_258_118_400_000_000_000
"""The year 2200, so that a scaled clock has room before int64 nanoseconds end in 2262. [ns, UTC]"""


class RefusedError(Exception):
    """Ends a command with exit code 1; the lines (messages, or mistakes of a file) name the reasons."""

    code = REFUSED

    def __init__(self, *lines: Message | Mistake | str) -> None:
        """Store the lines; a str that is not a Message is a command to paste."""
        super().__init__(*lines)

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


class UsageError(RefusedError):
    """Ends a command with a message and exit code 2: the value of an option makes no sense."""

    code = USAGE


class UnavailableError(RefusedError):
    """Ends a command with a message and exit code 3."""

    code = UNAVAILABLE


@contextmanager
def written(path: Path) -> Iterator[None]:
    """End the command if an output file cannot be written."""
    try:
        yield
    except BrokenPipeError:
        # The reader of a pipe has ended, as `head` does: `run` handles that without a message.
        raise
    except OSError as error:
        raise UnavailableError(not_written(path, error)) from None


def not_written(path: Path, error: OSError) -> Message:
    """Return why a file or folder cannot be written."""
    return Message("{path}: cannot be written: {reason}", path=path, reason=reason_of(error))


def keep_apart(outputs: Iterable[Path | None], inputs: Iterable[Path | None]) -> None:
    """End a command that would overwrite one of its inputs."""
    read = {path.resolve() for path in inputs if path is not None}
    for path in outputs:
        if path is not None and path.resolve() in read:
            raise RefusedError(Message("{path}: is read by this command; expected another file to write", path=path))


def zone(text: str) -> ZoneInfo:
    """Read a time zone of the command line."""
    try:
        # A name is looked up first: ZoneInfo takes the parts of one for packages, and thousands of them break it.
        return ZoneInfo(known_zone(text))
    except ValueError:
        message = Message('{zone!r}: expected a time zone such as "Asia/Shanghai"', zone=text)
        raise argparse.ArgumentTypeError(both(message)) from None


def instant(text: str) -> int:
    """Read a time of the command line. [ns, UTC]."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(both(message_of(error))) from None


def origin(text: str) -> int:
    """Read the time at which a clock begins. [ns, UTC]."""
    begin = instant(text)
    if not 0 <= begin <= LATEST_ORIGIN:
        raise argparse.ArgumentTypeError(both(Message("expected a time of the years 1970 to 2200")))
    return begin


def rate(text: str) -> float:
    """Read the speed of a clock relative to real time."""
    try:
        return ScaledClock(float(text)).rate
    except ValueError:
        message = Message("expected a number above 0 and at most 1000000; found {text}", text=text)
        raise argparse.ArgumentTypeError(both(message)) from None


def host(text: str) -> str:
    """Read the loopback address of a page."""
    try:
        loopback(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(both(message_of(error))) from None
    return text


def port_number(text: str) -> int:
    """Read a port number of the command line; 0 stands for any free port."""
    if not text.isdecimal() or len(text) > 5 or int(text) > 65535:
        raise argparse.ArgumentTypeError(both(Message("expected a port, 0 to 65535")))
    return int(text)


def add_site(parser: argparse.ArgumentParser) -> None:
    """Add the argument for a site file."""
    parser.add_argument("site", type=Path, metavar="SITE", help=both(Message("site file (TOML)")))


def add_data(parser: argparse._ActionsContainer) -> None:
    """Add the option for the folder of journal and history."""
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR",
        help=both(Message("folder of journal and history (%(default)s)")),
    )  # fmt: skip


def add_people(parser: argparse.ArgumentParser) -> None:
    """Add the options for author and approver of a rule-set."""
    parser.add_argument("--author", metavar="NAME", help=both(Message("who wrote the change")))
    parser.add_argument("--approver", metavar="NAME", help=both(Message("who approved it, another person")))


def add_period(parser: argparse.ArgumentParser) -> None:
    """Add the options for a period."""
    parser.add_argument(
        "--from",
        dest="start",
        type=instant,
        metavar="TIME",
        help=both(Message("from (included), ISO 8601 with zone or ns UTC")),
    )
    parser.add_argument("--to", dest="end", type=instant, metavar="TIME", help=both(Message("to (not included)")))


def check_period(arguments: argparse.Namespace) -> None:
    """End a command whose period ends before it begins."""
    start, end = getattr(arguments, "start", None), getattr(arguments, "end", None)
    if start is not None and end is not None and end <= start:
        raise UsageError(Message("the period ends before it begins: give --from before --to"))


def add_clock(parser: argparse.ArgumentParser) -> None:
    """Add the options of the scaled clock that simulators and the engine share."""
    parser.add_argument(
        "--rate", type=rate, default=1.0, help=both(Message("speed relative to real time (%(default)s)"))
    )
    parser.add_argument(
        "--origin",
        type=origin,
        metavar="TIME",
        help=both(Message("time at which the clock begins (run: now; simulate: the begin of the trace)")),
    )
    parser.add_argument(
        "--epoch", type=instant, metavar="TIME",
        help=both(Message("real time at which the clock shows the origin; give several "
            "processes the same (the start of the "
            "process)")),
    )  # fmt: skip


def make_clock(arguments: argparse.Namespace) -> ScaledClock:
    """Return the clock that the options describe."""
    return ScaledClock(arguments.rate, origin=arguments.origin, epoch=arguments.epoch)


def run(parser: argparse.ArgumentParser, command: Sequence[str] | None) -> int:
    """Run one command; return its exit code."""
    for output in (sys.stdout, sys.stderr):
        # A file name may hold bytes that are no text, and a terminal may lack Chinese: then escapes are written.
        if isinstance(output, TextIOWrapper):
            output.reconfigure(errors="backslashreplace")
    log_to_stderr("WARNING")  # a command that runs on sets its own level
    try:
        return _carried_out(parser, command)
    except RefusedError as refusal:
        lines = [both(line) if isinstance(line, Message) else str(line) for line in refusal.args]
        sys.stderr.write("\n".join([f"hazwatch: {lines[0]}", *lines[1:]]) + "\n")
        return refusal.code
    except BrokenPipeError:
        _leave_output()
        return REFUSED
    except OSError as error:
        message = message_of(error)
        if error.errno in FULL and error.filename is None:
            _leave_output()
            message = Message("the output cannot be written: {reason}", reason=message)
        sys.stderr.write(f"hazwatch: {both(message)}\n")
        return UNAVAILABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _carried_out(parser: argparse.ArgumentParser, command: Sequence[str] | None) -> int:
    try:
        arguments = parser.parse_args(command)
        check_period(arguments)
        return int(arguments.command(arguments))
    except JournalError as error:
        # A page of the file may be damaged that a command needs only after it opened the journal.
        raise UnavailableError(*messages_of(error)) from None
    finally:
        # Here, not at the end of the process, where an error would have no message and another exit code.
        sys.stdout.flush()


def _leave_output() -> None:
    """Redirect standard output to nowhere, so that the end of the process does not try to write again."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
