"""The names of the levels of alarms."""

from collections.abc import Mapping
from typing import Final

from plant import Level, Message

LEVELS: Final[Mapping[Level, Message]] = {
    Level.RED: Message("red"),
    Level.ORANGE: Message("orange"),
    Level.YELLOW: Message("yellow"),
    Level.BLUE: Message("blue"),
}
