"""Where the program's own log goes."""

import logging
import sys


def log_to_stderr(level: str) -> None:
    """Log what our own packages say from a level on, and what others warn of."""
    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    for package in ("adapters", "console", "hazwatch", "simulators"):
        logging.getLogger(package).setLevel(level)
