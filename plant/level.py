"""`Level`: the severity of a condition, in the four colours of the dual-prevention rules."""

from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """The levels, from the highest (重大, red) to the lowest (低, blue)."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def rank(self) -> int:
        """Sort key: 0 for the highest level, 3 for the lowest."""
        return RANKS[self]


# The page compares the levels of all alarms after each change, and a walk through the enumeration takes microseconds.
RANKS: Final = {level: rank for rank, level in enumerate(Level)}
