"""`Level`: the severity of a condition, in the four colours of the dual-prevention rules."""

from enum import StrEnum


class Level(StrEnum):
    """The levels, from the highest (重大, red) to the lowest (低, blue)."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def rank(self) -> int:
        """Sort key: 0 for the highest level, 3 for the lowest."""
        return list(Level).index(self)
