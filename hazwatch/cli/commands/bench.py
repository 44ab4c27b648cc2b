"""`hazwatch bench`: what a site costs on this machine."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from hazwatch.cli.exit_codes import OK
from hazwatch.cli.inputs import load_or_refuse
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.options import UnavailableError, add_site
from hazwatch.reports.site_benchmark import EngineCost, StoreCost, Waits, engine_cost, store_cost

MICRO: Final = 1e6
MILLI: Final = 1e3


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "bench",
        help="本机测速 / what a site costs on this machine",
        description="用自己的规则测本机: 引擎, 运行记录, 历史库 / engine, journal, history, by the site's own rules",
        epilog="hazwatch bench site.toml --data data",
    )
    add_site(parser)
    parser.add_argument(
        "--data", type=Path, default=Path(), metavar="DIR",
        help="在此目录的磁盘上测, 不留文件 / measure the disk of this folder; nothing stays there (%(default)s)",
    )  # fmt: skip
    parser.set_defaults(command=bench)


def bench(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    config = load_or_refuse(arguments)
    compile_kernel(config)
    engine = engine_cost(config)
    try:
        with tempfile.TemporaryDirectory(prefix=".hazwatch-bench-", dir=arguments.data) as folder:
            stores = store_cost(config, Path(folder))
    except OSError as error:
        raise UnavailableError(f"{arguments.data}: cannot be written: {error.strerror}") from None
    sys.stdout.write(engine_text(engine) + stores_text(stores))
    return OK


def engine_text(cost: EngineCost) -> str:
    """Return what the engine takes, beside a plain loop."""
    each = cost.batch / max(cost.points, 1)
    return (
        f"引擎 / engine: {cost.batch * MICRO:.0f} us 每批 / a batch of {cost.points}, "
        f"{each * MICRO:.3f} us 每样本 / a sample; "
        f"每秒一次占一核 / once a second takes {cost.batch:.4%} of a core\n"
        f"  正常值, 先播放 / normal values, after {cost.filled} s; 期间事件 / events meanwhile: {cost.events}\n"
        f"  只作比较的 Python 循环 / a Python loop that only compares: {cost.scalar * MICRO:.0f} us, "
        f"{cost.scalar / cost.batch:.2f} x\n"
    )


def stores_text(cost: StoreCost) -> str:
    """Return what the stores take, beside the disk alone."""
    lines = {
        "运行记录落盘 / a durable record of the journal": cost.journal,
        "一批历史落盘 / a durable batch of history": cost.history,
        "磁盘本身 256 字节 / the disk alone, 256 bytes": cost.disk,
    }
    return "".join(f"{name}: {_text(waits, cost.disk)}\n" for name, waits in lines.items())


def _text(waits: Waits, floor: Waits) -> str:
    return (
        f"{waits.middle * MILLI:.2f} ms, 最长 / longest {waits.longest * MILLI:.2f} ms, "
        f"{waits.middle / floor.middle:.1f} x"
    )
