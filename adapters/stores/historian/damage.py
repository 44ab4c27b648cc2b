"""`Damage`: a part of history that cannot be read or has changed, described so that a person can find it."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from plant import Message, write_instants
from plant.units import SECOND

_LOG: Final = logging.getLogger(__name__)


class DamagedError(Exception):
    """A day file has other contents than were written; the message names the part."""


@dataclass(frozen=True, slots=True, order=True)
class Damage:
    """A part of history that cannot be read, or is not what was written.

    Attributes
    ----------
    day : str
        The day (UTC) of the file, as in its name.
    start, end : int
        Samples that arrived in [start, end) may be missing. [ns, UTC]
    points : tuple of str
        The points concerned; empty if all points are.
    what : Message
        The damaged part of the file.
    path : Path
        The file.

    """

    day: str
    start: int
    end: int
    points: tuple[str, ...]
    what: Message
    path: Path

    @property
    def period(self) -> tuple[str, str]:
        """The bounds of the period as text, UTC, in whole seconds around it."""
        start, end = write_instants(np.array([self.start // SECOND, -(-self.end // SECOND)]) * SECOND)
        return start, end


TakeDamage = Callable[[Damage], None]
"""Receives every damage that a reader meets; the same damage may come again."""


_LOGGED: Final[set[Damage]] = set()
"""Damages that are in the log of this process: its readers meet the same ones."""


class DamageLog:
    """Collects damages, and writes each to the program log once."""

    def __init__(self) -> None:
        self._met: Final[dict[Damage, None]] = {}

    def __call__(self, damage: Damage) -> None:
        """Add a damage; a repeated damage has no effect."""
        if damage not in self._met:
            self._met[damage] = None
        if damage not in _LOGGED:
            _LOGGED.add(damage)
            _LOG.error(
                "%s day=%s from=%s to=%s points=%s what=%s path=%s",
                Message("history is damaged, samples are missing"),
                damage.day,
                *damage.period,
                ",".join(damage.points) or "all",
                damage.what,
                damage.path,
            )

    def keep(self, is_left: Callable[[Damage], bool]) -> None:
        """Drop the damages that are no longer there, and write each to the program log."""
        for damage in self:
            if not is_left(damage):
                self._met.pop(damage, None)
                _LOGGED.discard(damage)
                event = Message("damage of history is gone")
                _LOG.warning("%s day=%s what=%s path=%s", event, damage.day, damage.what, damage.path)

    def __iter__(self) -> Iterator[Damage]:
        """Iterate over the damages in the order of their first report."""
        return iter(tuple(self._met))

    def __len__(self) -> int:
        return len(self._met)
