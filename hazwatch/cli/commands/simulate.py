"""`hazwatch simulate`: serves a trace as the devices of a site."""

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from adapters.sources.registry import PROTOCOLS
from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import load_and_warn
from hazwatch.cli.options import RefusedError, UnavailableError, add_clock, add_site
from hazwatch.live.clock import ScaledClock
from hazwatch.live.simulated_field import FieldError, simulate
from hazwatch.site.config import Config
from hazwatch.site.traces import TraceFileError, read_trace
from hazwatch.words import both
from plant import Message, SampleBatch, message_of, messages_of
from plant.instant import write_instants
from simulators import Fault, FaultKind, Faults


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "simulate",
        help=both(Message("simulate the devices of a site")),
        description=both(Message("serve a trace as the OPC UA and Modbus devices of a site")),
        epilog='hazwatch simulate site.toml --trace trace.csv --rate 600 --fault "T1 freeze 10m..20m"',
    )
    add_site(parser)
    parser.add_argument(
        "--trace", type=Path, required=True, metavar="TRACE", help=both(Message("trace (.csv, .csv.gz, .parquet)"))
    )
    add_clock(parser)
    parser.add_argument(
        "--fault", action="append", default=[], type=fault, metavar="FAULT",
        help=both(Message('a fault, its times since the trace began; may be repeated: "T1 '
            'freeze 10m..20m", drop, spike VALUE, '
            'calibration, "kj-ua lost_link 10m..20m"')),
    )  # fmt: skip
    parser.add_argument(
        "--until-eof", action="store_true",
        help=both(Message("end with the standard input, and so with the program that started this one")),
    )  # fmt: skip
    parser.set_defaults(command=run)


def fault(text: str) -> Fault:
    """Read a fault of the command line."""
    try:
        return Fault.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(both(message_of(error))) from None


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; the clock begins where the trace does unless --origin says otherwise."""
    config = load_and_warn(arguments)
    try:
        trace = read_trace(arguments.trace, config.points).samples
    except TraceFileError as error:
        raise RefusedError(*messages_of(error)) from None
    if not len(trace):
        raise RefusedError(Message("{path}: no samples", path=arguments.trace))
    begin = int(trace.time.min())
    origin = begin if arguments.origin is None else arguments.origin
    try:
        clock = ScaledClock(arguments.rate, origin=origin, epoch=arguments.epoch)
        faults = Faults.of(arguments.fault, config.points, [source.id for source in config.sources], origin=begin)
        check_drops(arguments.fault, config)
    except ValueError as error:
        raise RefusedError(*messages_of(error)) from None
    announce(config, trace, clock)
    serve_until_stopped(config, trace, clock, faults, until_eof=arguments.until_eof)
    return OK


def check_drops(faults: Sequence[Fault], config: Config) -> None:
    """Raise ValueError where a point should fall silent that is polled: its device answers with what it has."""
    polled = {source.id for source in config.sources if PROTOCOLS[source.protocol].always_answers}
    for wanted in faults:
        if wanted.kind == FaultKind.DROP and config.points[wanted.target].source in polled:
            message = Message(
                '"{point} drop": the device of its source is polled and always answers; '
                "expected freeze for its value, or lost_link for its source",
                point=wanted.target,
            )
            raise ValueError(message)


def announce(config: Config, trace: SampleBatch, clock: ScaledClock) -> None:
    """Print the sources, the end of the trace, and the options with which an engine shares its time."""
    end = int(trace.time.max())
    origin, last, epoch, done = write_instants(np.array([clock.origin, end, clock.epoch, clock.wall_at(end)]))
    lines = (
        Message("simulating: {sources}", sources=tuple(source.id for source in config.sources)),
        Message("the trace ends at {last}; the clock reaches it at {done}", last=last, done=done),
        Message(
            "give the engine the same clock: --rate {rate} --origin {origin} --epoch {epoch}",
            rate=f"{clock.rate:g}",
            origin=origin,
            epoch=epoch,
        ),
    )
    sys.stderr.write("".join(f"{both(line)}\n" for line in lines))


def serve_until_stopped(
    config: Config, trace: SampleBatch, clock: ScaledClock, faults: Faults, *, until_eof: bool
) -> None:
    """Serve until SIGTERM or SIGINT, or the end of the standard input."""

    async def ending() -> None:
        await clock.sleep(int(trace.time.max()) - clock.now())
        message = Message("the trace has ended: every point keeps its last value")
        sys.stderr.write(f"{both(message)}\n")

    async def serving() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(simulate(config, trace, clock, faults))
        end = asyncio.create_task(ending())
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        if until_eof:
            threading.Thread(target=_wait_for_eof, args=(loop, task.cancel), daemon=True).start()
        with suppress(asyncio.CancelledError):
            await task
        end.cancel()

    try:
        asyncio.run(serving())
    except FieldError as error:
        raise UnavailableError(*messages_of(error)) from None


def _wait_for_eof(loop: asyncio.AbstractEventLoop, then: Callable[[], object]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with suppress(RuntimeError):  # the loop has ended before
        loop.call_soon_threadsafe(then)
