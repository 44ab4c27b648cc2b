"""Late findings: episodes that late data would have raised in time, but that nobody was alerted to.

The same rules run over two logs of one period, without and with the late samples. An episode of the second run is
compared with three lists of its condition: the live events, the episodes of the first run, and earlier findings.

    live         |-----|
    first run    |-----|
    second run  |-------|       |---|
                an earlier      a new episode
                beginning

The first run is there so that effects of arrival order, restarts and rule edits on the live events are not taken for
effects of late data: what it has as well does not follow from the late samples.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from ingest import Log
from rules.engine.engine import Engine
from rules.engine.event import Event
from rules.spec.ruleset import RuleSet

FOR_EVER: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Anomaly:
    """An episode in late data, or an earlier beginning of a known episode.

    Attributes
    ----------
    raised : Event
        Its raise, with an id from `late_id`.
    cleared : Event or None
        Its clear; None if it is not known, and for an earlier beginning.
    of : str or None
        Id of the known raise, if this is an earlier beginning of its episode.
    until : int
        End of the time in which it is known to have stood, if it has no clear. [ns, UTC]

    """

    raised: Event
    cleared: Event | None
    of: str | None
    until: int

    @property
    def last(self) -> int:
        """Last time at which it is known to have stood. [ns, UTC]."""
        return self.until if self.cleared is None else self.cleared.time


@dataclass(frozen=True, slots=True)
class _Spell:
    """One episode of one condition, from any source."""

    raised: Event
    cleared: Event | None
    end: int
    anomaly: Anomaly | None = None

    @property
    def start(self) -> int:
        return self.raised.time

    def meets(self, other: "_Spell") -> bool:
        """Tell whether there is a moment at which both stood."""
        return self.start <= other.end and other.start <= self.end


def late_id(raised: str, transition: str = "raise") -> str:
    """Return the id of a retrospective event; no live event can have it.

    Parameters
    ----------
    raised : str
        For a raise, the id that the engine gives it; for a clear, the id of its retrospective raise.
    transition : str
        `raise` or `clear`.

    """
    return sha256(f"{raised}|{transition}|late".encode()).hexdigest()[:16]


def look_back(
    rules: RuleSet,
    known: Log,
    whole: Log,
    *,
    standing: Sequence[Event] = (),
    live: Iterable[Event] = (),
    recorded: Iterable[Anomaly] = (),
    until: int,
) -> list[Anomaly]:
    """Return the episodes that late data adds.

    An episode of the whole log is new if it meets no episode of its condition among the live events, in the known log
    and among the recorded anomalies. An episode that meets one of these but begins before all of them is an earlier
    beginning of the first that it meets. A recorded anomaly without a clear is returned again when its clear is known.

    Parameters
    ----------
    rules : RuleSet
        Rules without problems.
    known, whole : Log
        Logs in event time, without and with the late samples. They begin at a moment before which they are the same.
    standing : sequence of Event
        Raises of the conditions that stood at the beginning of both logs.
    live : iterable of Event
        Live events of the period.
    recorded : iterable of Anomaly
        Results of earlier calls.
    until : int
        Time up to which the logs are complete. [ns, UTC]

    Returns
    -------
    list of Anomaly
        New anomalies by their beginning. The same call with these among `recorded` returns no new event.

    """
    of_live = _spells(live)
    of_known = _spells(_play(rules, known, standing), until)
    of_whole = _spells(_play(rules, whole, standing), until)
    of_recorded = _spells_of(recorded)
    anomalies: list[Anomaly] = []
    for condition, spells in of_whole.items():
        live_ones, known_ones = of_live.get(condition, []), of_known.get(condition, [])
        judge = _Judge(live_ones, known_ones, of_recorded.get(condition, []), until)
        anomalies += [anomaly for spell in spells for anomaly in judge.take(spell)]
    return sorted(anomalies, key=lambda anomaly: (anomaly.raised.time, anomaly.raised.seq))


class _Judge:
    """The known episodes of one condition, with which episodes of the whole log are compared."""

    def __init__(self, live: list[_Spell], known: list[_Spell], recorded: list[_Spell], until: int) -> None:
        self._live: Final = live
        self._known: Final = known
        self._recorded: Final = recorded
        self._until: Final = until

    def take(self, spell: _Spell) -> list[Anomaly]:
        """Return what the next episode adds; episodes come by their beginning."""
        live = _met(self._live, spell)
        recorded = [other for other in self._recorded if other.meets(spell)]
        known = _met(self._known, spell)
        if not live and not recorded and not known:
            return [_anomaly(spell, None, self._until)]
        # A live episode has its own clear, so only without one can a recorded anomaly still need the clear of this one.
        unfinished = [] if live else [other for other in recorded if _may_go_on_in(other, spell)]
        anomalies = [self._longer(other, other.anomaly, spell) for other in unfinished if other.anomaly is not None]
        shown = live + recorded
        if shown and spell.start < min(other.start for other in shown + known):
            first = min(shown, key=lambda other: other.start)
            anomalies.append(_anomaly(replace(spell, cleared=None), first.raised.id, first.start))
        return anomalies

    def _longer(self, recorded: _Spell, old: Anomaly, spell: _Spell) -> Anomaly:
        """Return a recorded anomaly with its clear, or with a later time at which it still stood."""
        longer = replace(old, cleared=_cleared(spell.cleared, old.raised), until=max(old.until, self._until))
        self._recorded[self._recorded.index(recorded)] = _spell_of(longer)
        return longer


def _met(spells: Sequence[_Spell], spell: _Spell) -> list[_Spell]:
    """Return the episodes of one list that an episode meets; those of a list do not overlap each other."""
    after = bisect_right(spells, spell.end, key=lambda other: other.start)
    first = bisect_left(spells, spell.start, hi=after, key=lambda other: other.end)
    return list(spells[first:after])


def _play(rules: RuleSet, log: Log, standing: Sequence[Event]) -> Iterator[Event]:
    engine = Engine(rules)
    engine.restore(standing, len(standing), standing)
    yield from standing
    yield from engine.evaluate(log)


def _spells(events: Iterable[Event], until: int = FOR_EVER) -> dict[str, list[_Spell]]:
    """Return the episodes of every condition; an episode without a clear stands at least until then. [ns, UTC]."""
    of_condition: dict[str, list[_Spell]] = defaultdict(list)
    for event in events:
        spells = of_condition[event.condition]
        if event.transition == "raise":
            spells.append(_Spell(event, None, max(until, event.time)))
        elif spells and spells[-1].cleared is None:
            spells[-1] = _Spell(spells[-1].raised, event, event.time)
    return of_condition


def _spells_of(anomalies: Iterable[Anomaly]) -> dict[str, list[_Spell]]:
    of_condition: dict[str, list[_Spell]] = defaultdict(list)
    for anomaly in anomalies:
        of_condition[anomaly.raised.condition].append(_spell_of(anomaly))
    return of_condition


def _spell_of(anomaly: Anomaly) -> _Spell:
    return _Spell(anomaly.raised, anomaly.cleared, anomaly.last, anomaly)


def _may_go_on_in(recorded: _Spell, spell: _Spell) -> bool:
    """Tell whether a recorded anomaly without a clear may be the same episode, and so end with it."""
    anomaly = recorded.anomaly
    return anomaly is not None and anomaly.of is None and recorded.cleared is None and recorded.start < spell.end


def _anomaly(spell: _Spell, of: str | None, until: int) -> Anomaly:
    raised = replace(spell.raised, id=late_id(spell.raised.id))
    return Anomaly(raised, _cleared(spell.cleared, raised), of, max(until, raised.time))


def _cleared(event: Event | None, raised: Event) -> Event | None:
    return None if event is None else replace(event, id=late_id(raised.id, "clear"))
