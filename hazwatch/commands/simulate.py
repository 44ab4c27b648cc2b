"""`hazwatch simulate`: serves a trace as the devices of a site."""

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from hazwatch.cli import RefusedError, UnavailableError, add_clock, add_site
from hazwatch.clock import ScaledClock
from hazwatch.commands.check import load_or_refuse
from hazwatch.config import Config
from hazwatch.exit_codes import OK
from hazwatch.field import FieldError, simulate
from hazwatch.trace_file import TraceFileError, read_trace
from plant import SampleBatch
from simulators import Fault, Faults


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "simulate",
        help="仿真现场 / stand in for the field",
        description="把轨迹服务成 OPC UA 和 Modbus 设备 / serve a trace as the devices of a site",
        epilog='hazwatch simulate site.toml --trace trace.csv --rate 600 --fault "T1 freeze 10m..20m"',
    )
    add_site(parser)
    parser.add_argument("--trace", type=Path, required=True, metavar="TRACE", help="轨迹 / trace (.csv, .csv.gz)")
    add_clock(parser)
    parser.add_argument(
        "--fault", action="append", default=[], type=fault, metavar="FAULT",
        help='故障, 可重复: "T1 freeze 10m..20m", drop, spike VALUE, calibration, "kj-ua lost_link 10m..20m" / '
        "faults, times since the trace began",
    )  # fmt: skip
    parser.set_defaults(command=run)


def fault(text: str) -> Fault:
    """Read a fault of the command line."""
    try:
        return Fault.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop; the clock begins where the trace does unless --origin says otherwise."""
    config = load_or_refuse(arguments)
    try:
        trace = read_trace(arguments.trace, config.points).samples
    except TraceFileError as error:
        raise RefusedError(str(error)) from None
    if not len(trace):
        raise RefusedError(f"{arguments.trace}: no samples")
    begin = int(trace.time.min())
    origin = begin if arguments.origin is None else arguments.origin
    try:
        clock = ScaledClock(arguments.rate, origin=origin, epoch=arguments.epoch)
        faults = Faults.of(arguments.fault, config.points, [source.id for source in config.sources], origin=begin)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    serve_until_stopped(config, trace, clock, faults)
    return OK


def serve_until_stopped(config: Config, trace: SampleBatch, clock: ScaledClock, faults: Faults) -> None:
    """Serve until SIGTERM or SIGINT."""

    async def serving() -> None:
        task = asyncio.create_task(simulate(config, trace, clock, faults))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    try:
        sys.stderr.write(f"仿真 / simulating: {', '.join(source.id for source in config.sources)}\n")
        asyncio.run(serving())
    except FieldError as error:
        raise UnavailableError(str(error)) from None
