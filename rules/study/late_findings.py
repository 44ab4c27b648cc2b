"""Retrospective events: what late data would have raised, had it come in time, and nobody was told."""

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
    """An episode, or the beginning of one, that was found in late data.

    Attributes
    ----------
    raised : Event
        With an id of its own, see `late_id`.
    cleared : Event or None
        None where it was not found, and where only the beginning is new.
    of : str or None
        Id of the raise that was told already, where this is an earlier beginning of the same episode.
    until : int
        Up to when it is known to have stood where there is no clear. [ns, UTC]

    """

    raised: Event
    cleared: Event | None
    of: str | None
    until: int

    @property
    def last(self) -> int:
        """Until when it stood, as far as that is known. [ns, UTC]."""
        return self.until if self.cleared is None else self.cleared.time


@dataclass(frozen=True, slots=True)
class _Spell:
    """One episode of one condition, whoever told of it."""

    raised: Event
    cleared: Event | None
    end: int
    anomaly: Anomaly | None = None

    @property
    def start(self) -> int:
        return self.raised.time

    def meets(self, other: "_Spell") -> bool:
        """Whether both stood at one moment at least."""
        return self.start <= other.end and other.start <= self.end


def late_id(raised: str, transition: str = "raise") -> str:
    """Return the id of a retrospective event; no event of the live stream can have it.

    Parameters
    ----------
    raised : str
        Of a raise the id that the engine gives it, of a clear that of its retrospective raise.
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
    told: Iterable[Anomaly] = (),
    until: int,
) -> list[Anomaly]:
    """Find the episodes that late data brings about, and that nobody was told of.

    An episode of the whole log is new if no episode of its condition that stood at one moment with it is in the live
    stream, in the known log, or among those told. One that is not new, and begins before all of these, is told as the
    earlier beginning of that which it meets. One that was told without its clear is told again with it.

    Parameters
    ----------
    rules : RuleSet
        Without problems.
    known, whole : Log
        In event time, without and with the late samples; both from a moment on up to which there were none.
    standing : sequence of Event
        The raises of the conditions that stood at the beginning of both.
    live : iterable of Event
        The live stream, as far as it tells of this period.
    told : iterable of Anomaly
        What was found before.
    until : int
        Up to when the logs are complete. [ns, UTC]

    Returns
    -------
    list of Anomaly
        By their beginning; the same logs with these among `told` give no new event.

    """
    stream = _spells(live)
    before = _spells(_play(rules, known, standing), until)
    after = _spells(_play(rules, whole, standing), until)
    of_told = _told(told)
    found: list[Anomaly] = []
    for condition, spells in after.items():
        judge = _Judge(stream.get(condition, []), before.get(condition, []), of_told.get(condition, []), until)
        found += [anomaly for spell in spells for anomaly in judge.take(spell)]
    return sorted(found, key=lambda anomaly: (anomaly.raised.time, anomaly.raised.seq))


class _Judge:
    """What is known of one condition, and what its episodes in the whole log add to that."""

    def __init__(self, live: list[_Spell], before: list[_Spell], told: list[_Spell], until: int) -> None:
        self._live: Final = live
        self._before: Final = before
        self._told: Final = told
        self._until: Final = until

    def take(self, spell: _Spell) -> list[Anomaly]:
        """Return what the next episode adds, by its beginning."""
        live = _met(self._live, spell)
        told = [one for one in self._told if one.meets(spell)]
        before = _met(self._before, spell)
        if not live and not told and not before:
            return [_anomaly(spell, None, self._until)]
        open_ones = [one for one in told if _goes_on_in(one, spell)] if not live else []
        found = [self._longer(one, one.anomaly, spell) for one in open_ones if one.anomaly is not None]
        met = live + told
        if met and spell.start < min(one.start for one in met + before):
            first = min(met, key=lambda one: one.start)
            found.append(_anomaly(replace(spell, cleared=None), first.raised.id, first.start))
        return found

    def _longer(self, told: _Spell, old: Anomaly, spell: _Spell) -> Anomaly:
        """Return what was told, with the clear that is known now, or known to have stood for longer."""
        longer = replace(old, cleared=_cleared(spell.cleared, old.raised), until=max(old.until, self._until))
        self._told[self._told.index(told)] = _of(longer)
        return longer


def _met(line: Sequence[_Spell], spell: _Spell) -> list[_Spell]:
    """Return those of one stream that an episode meets; they follow one another."""
    after = bisect_right(line, spell.end, key=lambda one: one.start)
    first = bisect_left(line, spell.start, hi=after, key=lambda one: one.end)
    return list(line[first:after])


def _play(rules: RuleSet, log: Log, standing: Sequence[Event]) -> Iterator[Event]:
    engine = Engine(rules)
    engine.restore(standing, len(standing), standing)
    yield from standing
    yield from engine.evaluate(log)


def _spells(events: Iterable[Event], until: int = FOR_EVER) -> dict[str, list[_Spell]]:
    """Return the episodes of every condition; those that stand at the end stand at least until then. [ns, UTC]."""
    found: dict[str, list[_Spell]] = defaultdict(list)
    for event in events:
        spells = found[event.condition]
        if event.transition == "raise":
            spells.append(_Spell(event, None, max(until, event.time)))
        elif spells and spells[-1].cleared is None:
            spells[-1] = _Spell(spells[-1].raised, event, event.time)
    return found


def _told(anomalies: Iterable[Anomaly]) -> dict[str, list[_Spell]]:
    found: dict[str, list[_Spell]] = defaultdict(list)
    for anomaly in anomalies:
        found[anomaly.raised.condition].append(_of(anomaly))
    return found


def _of(anomaly: Anomaly) -> _Spell:
    return _Spell(anomaly.raised, anomaly.cleared, anomaly.last, anomaly)


def _goes_on_in(told: _Spell, spell: _Spell) -> bool:
    """Whether an episode that was told without a clear may be one with another, and end as it does."""
    return told.anomaly is not None and told.anomaly.of is None and told.cleared is None and told.start < spell.end


def _anomaly(spell: _Spell, of: str | None, until: int) -> Anomaly:
    raised = replace(spell.raised, id=late_id(spell.raised.id))
    return Anomaly(raised, _cleared(spell.cleared, raised), of, max(until, raised.time))


def _cleared(event: Event | None, raised: Event) -> Event | None:
    return None if event is None else replace(event, id=late_id(raised.id, "clear"))
