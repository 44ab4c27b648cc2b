"""Compiles the engine's kernels before anything waits for them, and announces it if that takes long."""

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
    """Compile the kernels, or load them from disk, so that the first live batch waits for nothing.

    Ctrl-C ends the process at once, also while the compiler works.
    """
    engine = Engine(config.rules)
    with _interruptible():
        if not engine.is_ready:
            sys.stderr.write(f"{both(COMPILING)} ...\n")
            sys.stderr.flush()
        engine.evaluate(Log.of_ticks(np.zeros(1, np.int64), START))
        engine.readings()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let the system end the process at Ctrl-C: the compiler would swallow the exception that Python raises."""
    if threading.current_thread() is not threading.main_thread():
        yield  # who embeds the engine decides what Ctrl-C does
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
