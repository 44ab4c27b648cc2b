"""Alarm performance of a rule-set, in the figures of ANSI/ISA-18.2: the load on those who answer alarms."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from plant.units import DAY, HOUR, MINUTE
from rules.study.episodes import Episode

TEN_MINUTES: Final = 10 * MINUTE
"""Time over which the guideline counts the alarms of a flood. [ns]"""
WORST: Final = 10
"""Number of conditions in the list of those with most raises."""

Verdict = Literal["target", "acceptable", "exceeded"]


@dataclass(frozen=True, slots=True)
class Guideline:
    """Recommended figures of an alarm system, per operator; ANSI/ISA-18.2-2016 and EEMUA 191.

    Attributes
    ----------
    per_hour, per_ten_minutes : (float, float)
        Target, and largest manageable number, of alarms on average. [1]
    flood_begins, flood_ends : int
        A flood begins with more alarms in ten minutes than the first, and ends with fewer than the second. [1]
    flood_share : float
        Largest share of the time that may be flood. [1]
    chatter, chatter_within : int
        This number of alarms of one condition within this time is chattering. [1], [ns]
    fleeting : int
        An alarm that clears sooner than this leaves no time to answer it. [ns]
    standing : int
        An alarm that stands longer than this has become a state. [ns]
    most_standing : int
        This number of such alarms is too large. [1]

    """

    per_hour: tuple[float, float] = (6.0, 12.0)
    per_ten_minutes: tuple[float, float] = (1.0, 2.0)
    flood_begins: int = 10
    flood_ends: int = 5
    flood_share: float = 0.01
    chatter: int = 3
    chatter_within: int = MINUTE
    fleeting: int = MINUTE
    standing: int = DAY
    most_standing: int = 5


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood: time of the alarm that began it, its end [ns, UTC], and its number of alarms."""

    start: int
    end: int
    alarms: int


@dataclass(frozen=True, slots=True)
class ConditionCount:
    """A condition, and how often something happened to it."""

    condition: str
    count: int


@dataclass(frozen=True, slots=True)
class Rating:
    """A figure beside its target and the largest manageable value."""

    figure: str
    value: float
    target: float
    most: float

    @property
    def verdict(self) -> Verdict:
        """Position of the figure."""
        if self.value <= self.target:
            return "target"
        return "acceptable" if self.value <= self.most else "exceeded"


@dataclass(frozen=True, slots=True)
class Performance:
    """Figures of one rule-set over one period.

    Attributes
    ----------
    alarms : int
        Raises. [1]
    minutes : float
        Standing time, summed over the conditions. [min]
    per_hour, per_ten_minutes : float
        Average raises over the recorded time, including times without any. [1]
    busiest : int
        Largest number of raises in one ten-minute period; the periods follow one another from the start. [1]
    over : float
        Share of these periods with more raises than a flood needs. [1]
    floods : tuple of Flood
    flood_share : float
        Share of the recorded time. [1]
    fleeting : int
        Alarms that cleared too soon to be answered. [1]
    chattering : tuple of ConditionCount
        Number of alarms that came in bursts, by condition.
    standing : tuple of Episode
        Episodes that stood too long.
    worst : tuple of ConditionCount
        Conditions with most raises.
    worst_share : float
        Their share of all raises. [1]
    levels : dict of int
        Raises by level.

    """

    alarms: int
    minutes: float
    per_hour: float
    per_ten_minutes: float
    busiest: int
    over: float
    floods: tuple[Flood, ...]
    flood_share: float
    fleeting: int
    chattering: tuple[ConditionCount, ...]
    standing: tuple[Episode, ...]
    worst: tuple[ConditionCount, ...]
    worst_share: float
    levels: dict[str, int]

    def ratings(self, guideline: Guideline) -> tuple[Rating, ...]:
        """Return the figures for which the guideline has a number."""
        return (
            Rating("per_hour", self.per_hour, *guideline.per_hour),
            Rating("per_ten_minutes", self.per_ten_minutes, *guideline.per_ten_minutes),
            Rating("over", self.over, guideline.flood_share, guideline.flood_share),
            Rating("flood_share", self.flood_share, guideline.flood_share, guideline.flood_share),
            Rating("chattering", len(self.chattering), 0, 0),
            Rating("standing", len(self.standing), 0, guideline.most_standing - 1),
        )


def performance(
    episodes: Sequence[Episode], start: int, end: int, guideline: Guideline, recorded: int | None = None
) -> Performance:
    """Return the figures of the episodes of [start, end), which come by their start. [ns, UTC].

    Rates and shares refer to the recorded time [ns], by default the whole period.

    Raises
    ------
    ValueError
        A period without duration.

    """
    if end <= start:
        raise ValueError("expected a period that ends after its start")
    length = recorded or end - start
    raised = [episode for episode in episodes if start <= episode.start < end]
    times = [episode.start for episode in raised]
    # ISA-18.2 counts fixed periods of ten minutes from the start, and empty ones as well.
    buckets = np.bincount(
        np.array([(time - start) // TEN_MINUTES for time in times], np.int64),
        minlength=-(-(end - start) // TEN_MINUTES),
    )
    counts = Counter(episode.condition for episode in raised)
    worst = tuple(ConditionCount(*item) for item in counts.most_common(WORST))
    floods = _floods(times, end, guideline)
    return Performance(
        alarms=len(raised),
        minutes=sum(episode.stood(start, end) for episode in episodes) / MINUTE,
        per_hour=len(raised) * HOUR / length,
        per_ten_minutes=len(raised) * TEN_MINUTES / length,
        busiest=int(buckets.max()),
        over=min(1.0, float((buckets > guideline.flood_begins).sum()) / -(-length // TEN_MINUTES)),
        floods=floods,
        flood_share=min(1.0, sum(flood.end - flood.start for flood in floods) / length),
        fleeting=sum(e.end is not None and e.end - e.start < guideline.fleeting for e in raised),
        chattering=_chattering(raised, guideline),
        standing=tuple(e for e in episodes if (end if e.end is None else e.end) - e.start > guideline.standing),
        worst=worst,
        worst_share=sum(item.count for item in worst) / len(raised) if raised else 0.0,
        levels=dict(Counter(episode.level for episode in raised)),
    )


def _floods(times: Sequence[int], end: int, guideline: Guideline) -> tuple[Flood, ...]:
    """Slide a window (t - 10 min, t] over the raises. Its count falls only when a raise leaves it."""
    floods: list[Flood] = []
    begun: tuple[int, int] | None = None  # its time, and the place of its first raise
    first = 0
    for number, time in enumerate(times):
        while times[first] <= time - TEN_MINUTES:
            first += 1
        if begun is None and number - first >= guideline.flood_begins:
            begun = (time, first)
        if begun is None:
            continue
        # The flood is over when so many raises have left the window that too few remain.
        over = times[number + 1 - guideline.flood_ends] + TEN_MINUTES
        following = times[number + 1] if number + 1 < len(times) else end
        if over < following or number + 1 == len(times):
            floods.append(Flood(begun[0], min(over, end), number - begun[1] + 1))
            begun = None
    return tuple(floods)


def _chattering(raised: Sequence[Episode], guideline: Guideline) -> tuple[ConditionCount, ...]:
    """Count the raises of each condition that belong to a burst."""
    times: dict[str, list[int]] = defaultdict(list)
    for episode in raised:
        times[episode.condition].append(episode.start)
    # Bursts overlap: a set counts each raise once, however many groups of `chatter` raises contain it.
    counts = []
    for condition, starts in times.items():
        burst: set[int] = set()
        for number in range(len(starts) + 1 - guideline.chatter):
            last = number + guideline.chatter - 1
            if starts[last] - starts[number] <= guideline.chatter_within:
                burst.update(range(number, last + 1))
        if burst:
            counts.append(ConditionCount(condition, len(burst)))
    return tuple(sorted(counts, key=lambda item: -item.count))
