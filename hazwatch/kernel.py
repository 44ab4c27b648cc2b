"""Has the engine's kernel compiled before anything waits for it, and says so where that takes long."""

import os
import sys
from pathlib import Path
from typing import Final

import numpy as np

import rules.kernel
from hazwatch.config import Config
from ingest import START, Log
from rules import Engine

CACHE: Final = Path(rules.kernel.__file__).parent / "__pycache__"


def compile_kernel(config: Config) -> None:
    """Compile, or load what an earlier run compiled; the first live batch then finds it ready."""
    compiles = os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
    if compiles and not any(CACHE.glob("kernel.*walk*.nbi")):
        sys.stderr.write("编译引擎内核, 仅一次, 约一分钟 / compiling the engine's kernel, once, about a minute ...\n")
        sys.stderr.flush()
    engine = Engine(config.rules)
    engine.evaluate(Log.of_ticks(np.zeros(1, np.int64), START))
    engine.readings()
