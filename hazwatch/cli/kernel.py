"""Compiles the engine's kernels before the first batch needs them, and announces a long compilation."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

from hazwatch.site.config import Config
from hazwatch.words import both
from ingest import START, Log
from plant import Message
from rules import Engine

COMPILING: Final = Message("compiling the engine's kernel; this happens once and takes about a minute")


def compile_kernel(config: Config) -> None:
    """Compile the kernels, or load them from disk, so that the first live batch does not wait.

    Ctrl-C ends the process at once, even during the compilation.
    """
    with _interruptible():
        engine = Engine(config.rules)
        if not engine.is_ready:
            sys.stderr.write(f"{both(COMPILING)} ...\n")
            sys.stderr.flush()
        engine.evaluate(Log.of_ticks(np.zeros(1, np.int64), START))
        engine.readings()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let the system itself end the process at Ctrl-C."""
    # numba's compiler swallows KeyboardInterrupt. Only the main thread may set signal handlers; a program that embeds
    # the engine in another thread decides about Ctrl-C itself.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
