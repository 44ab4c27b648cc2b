"""Knows the mark of what only the engineer can write, and finds where it still stands in a site file."""

from collections.abc import Iterator
from typing import Any, Final

from hazwatch.words import both
from plant import Message, Place

FILL_IN: Final = f"<{both(Message('fill in'))}>"
"""What stands where only the engineer knows."""


def marked(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the place of each text that still holds the mark."""
    if isinstance(value, str):
        if FILL_IN in value:
            yield place
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from marked(part, (*place, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from marked(part, (*place, number))
