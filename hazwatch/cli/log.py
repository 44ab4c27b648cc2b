"""The program's own log, on standard error in both languages."""

import logging
import sys
from copy import copy

from hazwatch.cli.sparing import OURS, SparingHandler
from hazwatch.words import both
from plant import Message, message_of


class BothLanguages(logging.Formatter):
    """A formatter that writes messages, and errors with messages, in Chinese and English."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, without changing the record for other handlers."""
        line = copy(record)
        if isinstance(record.args, tuple):
            line.args = tuple(map(_written, record.args))
        return super().format(line)


def _written(argument: object) -> object:
    if isinstance(argument, Message):
        return both(argument)
    return both(message_of(argument)) if isinstance(argument, BaseException) else argument


def log_to_stderr(level: str) -> None:
    """Log our own packages from a level on, and other packages from WARNING on."""
    handler = SparingHandler(sys.stderr)
    handler.setFormatter(BothLanguages("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level="WARNING", handlers=[handler])
    for package in OURS:
        logging.getLogger(package).setLevel(level)
