"""Open files: the limit is raised to what the system allows, and a part of it is kept for the field and the stores."""

import resource
from logging import getLogger
from typing import Final

from plant import Message

logger = getLogger(__name__)

RESERVE: Final = 512
"""Open files for sources, stores, the program itself, and connections that are accepted only to be cut off."""
FEWEST: Final = 16
"""Connections that the page gets in any case."""


def raise_limit() -> int:
    """Raise the limit of open files to the hard limit, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError) as error:
            logger.warning("%s limit=%d reason=%s", Message("the limit of open files stays"), soft, error)
            return soft
    return hard


def left_for_pages(limit: int, sources: int, most: int) -> int:
    """Return how many connections the page's server may hold: at most `most`, and never the part of the others."""
    if limit == resource.RLIM_INFINITY:
        return most
    return max(FEWEST, min(most, limit - RESERVE - 4 * sources))
