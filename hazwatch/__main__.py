"""`python -m hazwatch`, and the command `hazwatch`; Ctrl-C while the product is still loaded ends it without a word."""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType

from hazwatch.cli.exit_codes import INTERRUPTED


def main(words: Sequence[str] | None = None) -> int:
    """Carry out one command; return its exit code."""
    before = signal.signal(signal.SIGINT, _end)
    program = import_module("hazwatch.cli.main")
    signal.signal(signal.SIGINT, before)
    return int(program.main(words))


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
