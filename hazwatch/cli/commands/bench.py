"""`hazwatch bench`: measures the cost of a site on this machine."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import load_and_warn
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.options import UnavailableError, add_site, not_written
from hazwatch.reports.site_benchmark import EngineCost, StoreCost, Waits, engine_cost, store_cost
from hazwatch.words import both
from plant import Message

MICRO: Final = 1e6
MILLI: Final = 1e3


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "bench",
        help=both(Message("measure what a site costs on this machine")),
        description=both(Message("measure engine, journal and history with the site's own rules")),
        epilog="hazwatch bench site.toml --data data",
    )
    add_site(parser)
    parser.add_argument(
        "--data", type=Path, default=Path(), metavar="DIR",
        help=both(Message("measure the disk of this folder and leave nothing in it (%(default)s)")),
    )  # fmt: skip
    parser.set_defaults(command=bench)


def bench(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    config = load_and_warn(arguments)
    compile_kernel(config)
    engine = engine_cost(config)
    try:
        with tempfile.TemporaryDirectory(prefix=".hazwatch-bench-", dir=arguments.data) as folder:
            stores = store_cost(config, Path(folder))
    except OSError as error:
        raise UnavailableError(not_written(arguments.data, error)) from None
    sys.stdout.write(engine_text(engine) + stores_text(stores))
    return OK


def engine_text(cost: EngineCost) -> str:
    """Return the cost of the engine beside a plain loop, as text."""
    each = cost.batch / max(cost.points, 1)
    lines = (
        Message(
            "engine: {batch} us for a batch of {points}, {each} us a sample; one batch a second takes "
            "{share} of a core",
            batch=f"{cost.batch * MICRO:.0f}",
            points=cost.points,
            each=f"{each * MICRO:.3f}",
            share=f"{cost.batch:.4%}",
        ),
        Message("normal values, after {filled} s; events meanwhile: {events}", filled=cost.filled, events=cost.events),
        Message(
            "a Python loop that only compares: {loop} us, {ratio} x",
            loop=f"{cost.scalar * MICRO:.0f}",
            ratio=f"{cost.scalar / cost.batch:.2f}",
        ),
    )
    return "\n  ".join(map(both, lines)) + "\n"


def stores_text(cost: StoreCost) -> str:
    """Return the cost of the stores beside the disk alone, as text."""
    stores = {
        Message("a durable record of the journal"): cost.journal,
        Message("a durable batch of history"): cost.history,
        Message("the disk alone, 256 bytes"): cost.disk,
    }
    return "".join(f"{both(name)}: {_text(waits, cost.disk)}\n" for name, waits in stores.items())


def _text(waits: Waits, floor: Waits) -> str:
    longest = both(Message("longest"))
    return (
        f"{waits.middle * MILLI:.2f} ms, {longest} {waits.longest * MILLI:.2f} ms, {waits.middle / floor.middle:.1f} x"
    )
