"""Episodes: conditions from raise to clear, and the pairing of the episodes of two rule-sets."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

from plant.units import MINUTE
from rules.engine.event import Event

Difference = Literal["added", "removed", "earlier", "later", "same"]
NEAR: Final = 10 * MINUTE
"""Two episodes that do not overlap are one pair if they begin within this of each other. [ns]"""


@dataclass(frozen=True, slots=True)
class Episode:
    """A condition from its raise to its clear.

    Attributes
    ----------
    condition, hazard_source, point, level : str
        As in its events.
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
        """Return how long it stood within [start, end). [ns]."""
        return max(0, min(end, end if self.end is None else self.end) - max(start, self.start))

    def stands_in(self, start: int, end: int) -> bool:
        """Tell whether it stood at any moment from start to end, both included. [ns, UTC]."""
        return self.start <= end and (self.end is None or self.end >= start)


def episodes(events: Iterable[Event], start: int, end: int) -> list[Episode]:
    """Return the episodes that stand within [start, end), by their start. Events from `end` on are ignored.

    Parameters
    ----------
    events : iterable of Event
        Events of one rule-set in the order of the log, beginning before `start`.
    start, end : int
        [ns, UTC]

    """
    seen: list[Episode] = []
    standing: dict[str, int] = {}  # place in `seen` of the episode of each condition that stands
    for event in events:
        # A clear after the period is not known at its end: the episode then counts as standing.
        if event.time >= end:
            continue
        if event.transition == "raise":
            standing[event.condition] = len(seen)
            seen.append(
                Episode(event.condition, event.hazard_source, event.point, event.level, event.time, None)
            )  # fmt: skip
        elif (number := standing.pop(event.condition, None)) is not None:
            seen[number] = replace(seen[number], end=event.time)
    return sorted((e for e in seen if e.end is None or e.end >= start), key=lambda episode: episode.start)


@dataclass(frozen=True, slots=True)
class Pair:
    """Episodes of one condition under two rule-sets. Several under one rule-set may be one under the other.

    Attributes
    ----------
    condition : str
    current, candidate : tuple of Episode
        Episodes under each rule-set by their start; one of the two tuples may be empty.

    """

    condition: str
    current: tuple[Episode, ...]
    candidate: tuple[Episode, ...]

    @property
    def start(self) -> int:
        """Beginning of the first of them. [ns, UTC]."""
        return min(episode.start for episode in self.current[:1] + self.candidate[:1])

    @property
    def shift(self) -> int | None:
        """Delay of the candidate's first episode; None if one rule-set has no episode. [ns]."""
        return self.candidate[0].start - self.current[0].start if self.current and self.candidate else None

    @property
    def difference(self) -> Difference:
        """The effect of the candidate."""
        shift = self.shift
        if shift is None:
            return "removed" if self.current else "added"
        if shift == 0:
            return "same"
        return "later" if shift > 0 else "earlier"


def pairs(current: Iterable[Episode], candidate: Iterable[Episode], near: int = NEAR) -> list[Pair]:
    """Pair the episodes of two rule-sets.

    Episodes that overlap belong together. Single episodes of both sides that follow one another are then joined, the
    nearest beginnings first, up to a distance of `near`.

    Parameters
    ----------
    current, candidate : iterable of Episode
        Episodes by their start.
    near : int
        [ns]

    """
    sides: dict[str, list[tuple[Episode, int]]] = defaultdict(list)
    for side, of_side in enumerate((current, candidate)):
        for episode in of_side:
            sides[episode.condition].append((episode, side))
    paired: list[Pair] = []
    for condition, mixed in sides.items():
        mixed.sort(key=lambda item: item[0].start)
        paired.extend(_nearest([_pair(condition, group) for group in _overlapping(mixed)], near))
    return sorted(paired, key=lambda pair: pair.start)


def _overlapping(mixed: Sequence[tuple[Episode, int]]) -> list[list[tuple[Episode, int]]]:
    """Group episodes, each with its side, that are linked by overlaps with the other side."""
    groups: list[list[tuple[Episode, int]]] = []
    last: list[Episode | None] = [None, None]  # the last episode of each side in the present group
    for episode, side in mixed:
        # The list is in order of start, so an episode can only overlap the latest of the other side.
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


def _nearest(groups: list[Pair], near: int) -> list[Pair]:
    """Join single episodes of both sides that follow one another, the nearest first."""
    gaps = [
        (after.start - before.start, number)
        for number, (before, after) in enumerate(pairwise(groups))
        if {before.difference, after.difference} == {"added", "removed"} and after.start - before.start <= near
    ]
    # Greedy, the nearest first: with long gaps between episodes the best overall matching is rarely another one.
    joined: dict[int, Pair] = {}
    taken: set[int] = set()
    for _, number in sorted(gaps):
        if not taken & {number, number + 1}:
            taken |= {number, number + 1}
            before, after = groups[number], groups[number + 1]
            joined[number] = Pair(before.condition, before.current + after.current, before.candidate + after.candidate)
    return [joined.get(number, pair) for number, pair in enumerate(groups) if number in joined or number not in taken]
