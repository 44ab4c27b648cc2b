"""Level: how grave a condition is, in the four colours of the dual-prevention rules."""

from enum import StrEnum


class Level(StrEnum):
    """Levels from the highest (重大, red) to the lowest (低, blue)."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def rank(self) -> int:
        """0 for the highest level, 3 for the lowest: what lists sort by."""
        return list(Level).index(self)
