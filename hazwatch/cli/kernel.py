"""Has the engine's kernel compiled before anything waits for it, and says so where that takes long."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

import rules.engine.walk
from hazwatch.site.config import Config
from ingest import START, Log
from rules import Engine

CACHE: Final = Path(rules.engine.walk.__file__).parent / "__pycache__"


def compile_kernel(config: Config) -> None:
    """Compile, or load what an earlier run compiled: the first live batch finds it ready. Ctrl-C ends it at once."""
    compiles = os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
    if compiles and not any(CACHE.glob("walk.*walk*.nbi")):
        sys.stderr.write("编译引擎内核, 仅一次, 约一分钟 / compiling the engine's kernel, once, about a minute ...\n")
        sys.stderr.flush()
    with _interruptible():
        engine = Engine(config.rules)
        engine.evaluate(Log.of_ticks(np.zeros(1, np.int64), START))
        engine.readings()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end the process as the system does: the compiler looks at no exception, and drops it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # who embeds the engine decides what Ctrl-C does
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
