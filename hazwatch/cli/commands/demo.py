"""`hazwatch demo`: runs three hazard sources with simulators, engine and page by one command."""

import argparse
import asyncio
import fcntl
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from console import PortTakenError, listen
from hazwatch.assemble import Live
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.log import log_to_stderr
from hazwatch.cli.options import PORT, UnavailableError, port_number
from hazwatch.live.clock import ScaledClock, wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config, load
from hazwatch.words import both, chinese
from plant import Message, write_trace
from plant.units import MINUTE, SECOND
from simulators.demo import SITE, STORY, demo_trace

MARK: Final = ".hazwatch-demo"
"""The file that marks a folder as a demonstration's; it is locked while one runs."""
COMPANIONS: Final = ("", "-wal", "-shm", ".lock", ".new")
"""Ends of the names of the files that stand beside a file of a data folder while it is written."""
STORY_CYCLES: Final = 40
"""Number of cycles of the story, together eight hours."""
FIELD_PORTS: Final = (14840, 15020)
"""Ports in the demo's site file."""
START_PATIENCE: Final = MINUTE
"""Time that the simulators may take until they listen. [ns]"""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "demo",
        help=both(Message("run a demonstration")),
        description=both(Message("run three simulated hazard sources, the engine and the page")),
        epilog="hazwatch demo",
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("demo-data"),
        metavar="DIR",
        help=both(Message("data folder, made anew each time (%(default)s)")),
    )
    parser.add_argument(
        "--port",
        type=port_number,
        default=PORT,
        help=both(Message("port of the page, or the next free one (%(default)s)")),
    )
    parser.add_argument("--seconds", type=int, metavar="N", help=both(Message("stop after N seconds")))
    parser.set_defaults(command=demo)


def demo(arguments: argparse.Namespace) -> int:
    """Run the demonstration until it is stopped."""
    log_to_stderr("WARNING")
    with owned(arguments.data):
        play(DataFolder(arguments.data), arguments)
    return OK


def play(folder: DataFolder, arguments: argparse.Namespace) -> None:
    """Run simulators, engine and page in a folder that `owned` holds."""
    ports = prepare(folder.path)
    config = load(folder.path / "site.toml")
    compile_kernel(config)
    begin = wall()
    trace = folder.path / "trace.csv"
    with trace.open("w", encoding="utf-8") as file:
        file.writelines(write_trace(demo_trace(config.points, begin, cycles=STORY_CYCLES), config.points))
    listener = page(arguments.port)
    with listener, simulators(folder.path / "site.toml", trace, ports):
        announce(config, listener, begin)
        engine = Live(config, folder, ScaledClock(), listener)
        asyncio.run(limited(engine, arguments.seconds))
    message = Message("the demonstration ended; its records are in {path}", path=folder.path)
    sys.stdout.write(f"{both(message)}\n")


async def limited(engine: Live, seconds: int | None) -> None:
    """Run an engine, for a number of seconds at most."""
    try:
        async with asyncio.timeout(seconds):
            await engine.run()
    except TimeoutError:
        return


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Lock a folder for this demonstration, and remove only the files of an earlier one.

    Raises
    ------
    UnavailableError
        The folder has other contents, or another demonstration runs in it.

    """
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.is_file():
        message = Message(
            "{path}: holds something else than a demonstration; choose another folder with --data", path=folder
        )
        raise UnavailableError(message)
    folder.mkdir(parents=True, exist_ok=True)
    with mark.open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = Message(
                "{path}: another demonstration runs in it; choose another folder with --data", path=folder
            )
            raise UnavailableError(message) from None
        remove_made(DataFolder(folder))
        yield


def remove_made(folder: DataFolder) -> None:
    """Remove what a demonstration made; other files in the folder stay."""
    written = (folder.journal, folder.state, folder.snapshot, folder.anchors, folder.anchor_key, folder.approval)
    for path in (folder.path / "site.toml", folder.path / "trace.csv", *written):
        for companion in COMPANIONS:
            path.with_name(path.name + companion).unlink(missing_ok=True)
    for kept in (folder.history, folder.in_force, folder.certificates, folder.sources, folder.stores):
        shutil.rmtree(kept, ignore_errors=True)


def prepare(folder: Path) -> list[int]:
    """Write the demo's site file with free ports, and return the ports."""
    text = SITE.read_text(encoding="utf-8")
    ports = [free_port(port) for port in FIELD_PORTS]
    for port, free in zip(FIELD_PORTS, ports, strict=True):
        text = text.replace(f":{port}", f":{free}")
    (folder / "site.toml").write_text(text, encoding="utf-8")
    return ports


def free_port(wanted: int) -> int:
    """Return a free port of loopback, the wanted one if possible."""
    try:
        with listen("127.0.0.1", wanted):
            return wanted
    except PortTakenError as error:
        return error.next_free or 0


def page(wanted: int) -> socket.socket:
    """Return the listening socket of the page, on the next free port if the wanted one is taken."""
    try:
        return listen("127.0.0.1", wanted)
    except PortTakenError as error:
        message = Message("port {port} is taken; the page is at port {free}", port=wanted, free=error.next_free)
        sys.stdout.write(f"{both(message)}\n")
        return listen("127.0.0.1", error.next_free or 0)


@contextmanager
def simulators(site: Path, trace: Path, ports: Sequence[int]) -> Iterator[None]:
    """Run the simulators in a separate process, and continue when they listen."""
    # In the engine's process their work would delay alarms. Engine and simulators share a clock by origin and epoch.
    words = [sys.executable, "-P", "-m", "hazwatch", "simulate", str(site), "--trace", str(trace)]
    words += ["--origin", str(wall()), "--epoch", str(wall())]
    # The pipe closes when this process ends, even by a kill, so the simulators never outlive it.
    words.append("--until-eof")
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603  (our own command)
    try:
        wait_for(process, ports)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def wait_for(process: "subprocess.Popen[bytes]", ports: Sequence[int]) -> None:
    """Wait until a process listens on all its ports; an engine that starts earlier would begin with alarms."""
    deadline = wall() + START_PATIENCE
    while not all(listens(port) for port in ports):
        if wall() > deadline:
            raise UnavailableError(Message("the simulators do not start in time"))
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            raise UnavailableError(Message("the simulators stopped"))


def listens(port: int) -> bool:
    """Whether a program listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def announce(config: Config, listener: socket.socket, begin: int) -> None:
    """Print the address of the page, and what will happen at which time."""
    zone = ZoneInfo(config.site.timezone)
    port = listener.getsockname()[1]
    lines = [
        f"\n{both(Message('page'))}:  http://127.0.0.1:{port}/    ({both(Message('Ctrl-C ends'))})\n",
        f"{both(Message('what will happen'))}:",
    ]
    for moment in STORY:
        at = datetime.fromtimestamp((begin + moment.at) // SECOND, zone).strftime("%H:%M:%S")
        lines.append(f"  {at}  {chinese(moment.event)}\n            {moment.event}")
    lines.append(f"\n{both(Message('acknowledge alarms and handle tickets on the page'))}")
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()
