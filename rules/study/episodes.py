"""Episodes: conditions from raise to clear, and how those of two rule-sets belong together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from rules.engine.event import Event

Difference = Literal["added", "removed", "earlier", "later", "same"]
NEAR: Final = 600_000_000_000
"""Episodes that do not overlap belong together where they begin within this of each other. [ns]"""


@dataclass(frozen=True, slots=True)
class Episode:
    """A condition from its raise to its clear.

    Attributes
    ----------
    condition, hazard_source, point, level : str
        As on its events.
    start : int
        Time of the raise. [ns, UTC]
    end : int or None
        Time of the clear; None while it stands. [ns, UTC]

    """

    condition: str
    hazard_source: str
    point: str | None
    level: str
    start: int
    end: int | None

    def stood(self, start: int, end: int) -> int:
        """Return for how long it stood within [start, end). [ns]."""
        return max(0, min(end, end if self.end is None else self.end) - max(start, self.start))

    def stands_in(self, start: int, end: int) -> bool:
        """Tell whether it stood at any moment from start to end, both included. [ns, UTC]."""
        return self.start <= end and (self.end is None or self.end >= start)


def episodes(events: Iterable[Event], start: int, end: int) -> list[Episode]:
    """Return the episodes that stand within [start, end), by their start; what comes later is not known yet.

    Parameters
    ----------
    events : iterable of Event
        Of one rule-set, in the order of the log, from before `start` on.
    start, end : int
        [ns, UTC]

    """
    found: list[Episode] = []
    open_ones: dict[str, int] = {}
    for event in events:
        if event.time >= end:
            continue
        if event.transition == "raise":
            open_ones[event.condition] = len(found)
            found.append(
                Episode(event.condition, event.hazard_source, event.point, event.level, event.time, None)
            )  # fmt: skip
        elif (number := open_ones.pop(event.condition, None)) is not None:
            found[number] = replace(found[number], end=event.time)
    return sorted((e for e in found if e.end is None or e.end >= start), key=lambda episode: episode.start)


@dataclass(frozen=True, slots=True)
class Pair:
    """Episodes of one condition that belong together: many under one rule-set may be one under the other.

    Attributes
    ----------
    condition : str
    current, candidate : tuple of Episode
        Under the two rule-sets, by their start; one of both may be empty.

    """

    condition: str
    current: tuple[Episode, ...]
    candidate: tuple[Episode, ...]

    @property
    def start(self) -> int:
        """When the first of them begins. [ns, UTC]."""
        return min(episode.start for episode in self.current[:1] + self.candidate[:1])

    @property
    def shift(self) -> int | None:
        """How much later the candidate's begins; None where one of both has none. [ns]."""
        return self.candidate[0].start - self.current[0].start if self.current and self.candidate else None

    @property
    def difference(self) -> Difference:
        """What the candidate does to it."""
        shift = self.shift
        if shift is None:
            return "removed" if self.current else "added"
        return "same" if shift == 0 else "later" if shift > 0 else "earlier"


def pairs(current: Iterable[Episode], candidate: Iterable[Episode], near: int = NEAR) -> list[Pair]:
    """Put the episodes of two rule-sets together, by their start.

    Those that overlap belong together. Of the others, those two that begin nearest to each other, up to `near`.

    Parameters
    ----------
    current, candidate : iterable of Episode
        By their start.
    near : int
        [ns]

    """
    sides: dict[str, list[tuple[Episode, int]]] = defaultdict(list)
    for side, given in enumerate((current, candidate)):
        for episode in given:
            sides[episode.condition].append((episode, side))
    found: list[Pair] = []
    for condition, both in sides.items():
        both.sort(key=lambda item: item[0].start)
        found.extend(_nearest([_pair(condition, group) for group in _overlapping(both)], near))
    return sorted(found, key=lambda pair: pair.start)


def _overlapping(both: Sequence[tuple[Episode, int]]) -> list[list[tuple[Episode, int]]]:
    """Group episodes, each with its side, that are linked by overlaps with the other side."""
    groups: list[list[tuple[Episode, int]]] = []
    last: list[Episode | None] = [None, None]
    for episode, side in both:
        other = last[1 - side]
        if other is not None and other.stands_in(episode.start, episode.start):
            groups[-1].append((episode, side))
        else:
            groups.append([(episode, side)])
            last = [None, None]
        last[side] = episode
    return groups


def _pair(condition: str, group: Sequence[tuple[Episode, int]]) -> Pair:
    current, candidate = (tuple(episode for episode, of in group if of == side) for side in (0, 1))
    return Pair(condition, current, candidate)


def _nearest(found: list[Pair], near: int) -> list[Pair]:
    """Join single episodes of both sides that follow one another, the nearest first."""
    gaps = [
        (after.start - before.start, number)
        for number, (before, after) in enumerate(pairwise(found))
        if {before.difference, after.difference} == {"added", "removed"} and after.start - before.start <= near
    ]
    joined: dict[int, Pair] = {}
    taken: set[int] = set()
    for _, number in sorted(gaps):
        if not taken & {number, number + 1}:
            taken |= {number, number + 1}
            one, two = found[number], found[number + 1]
            joined[number] = Pair(one.condition, one.current + two.current, one.candidate + two.candidate)
    return [joined.get(number, pair) for number, pair in enumerate(found) if number in joined or number not in taken]
