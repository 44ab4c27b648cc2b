"""Whose turn it is: which units a poll reads, and when there is time for those that are slow or do not answer.

Theory of operation. The prompt units, quick ones that answer, are read on the grid of the period, always in the same
order. All others are tried beside the polls: slow units, and what is not answered. How much that costs the prompt units
depends on what stands between:

    parallel       an answer to a poll came while a trial was pending: trials cost nothing, and begin at once
    not parallel   a poll waited until a trial was over, or there is one line: a trial begins after a poll, if it ends
                   before the next, or if its excess is within the share of the time that trials may take

After a silence the units that were not heard since are asked last, so that those which answer are not kept waiting by
units that died at the same time. Times are [s, real time] unless they say otherwise.
"""

from collections.abc import Sequence
from typing import Final

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.plan import Request
from adapters.sources.modbus.unit import Unit
from plant.units import SECOND

SHARE_OF_TRIALS: Final = 0.05
"""Part of the time by which trials may delay the polls. [1]"""
ROOM_OF_POLLS: Final = 0.8
"""Part of the period that the prompt units may take; slower units are read beside them. [1]"""
NOTABLE: Final = 0.05
"""A request that takes longer than usual by more than this has waited for another. [s]"""
WAKE: Final = 5.0
"""How long after our time-out a gateway may still wait for a unit; a delay in this time is a cost of the trial. [s]"""
FREE_TRIES: Final = 2
"""The second try, and the probe of another address, are made whatever they cost."""
MARGIN_OF_TRIALS: Final = 0.01
"""Time between the end of a trial and the next poll. [s]"""
OVERRUN: Final = 3
"""Number of late polls in a row that the log names. [1]"""
IN_TIME: Final = 60
"""Number of polls in time after which the late ones count as over. [1]"""
SMOOTHING: Final = 0.3
"""Weight of the latest duration in the usual one. [1]"""


class Turn:
    """What is known of the times of one unit: when it is due [ns, the log's time], how long it takes, when it spoke."""

    def __init__(self, unit: Unit, due: int) -> None:
        self.unit: Final = unit
        self.due = due
        self.usual = 0.0
        self.heard = 0.0
        self.tries = 0
        self.trial = 0.0
        self.missed = 0
        self.busy = False
        self._late_in_a_row = 0
        self._in_time = 0
        self._before = 0.0

    def took(self, duration: float) -> None:
        """Take note of how long the unit took to be read whole; one that is slow twice in a row is a slow one."""
        # A single slow answer does not count: the gateway may have been busy with another unit.
        shorter, self._before = min(duration, self._before), duration
        if shorter > 2 * self.usual + NOTABLE:
            self.usual = shorter
        else:
            self.usual += SMOOTHING * (shorter - self.usual)

    def advance(self, now: int, period: int) -> int:
        """Move to the next point of the grid; return how many were missed. [ns, the log's time]."""
        late = max(0, now - self.due - period) // period
        self.due += period * (1 + late)
        self.missed += late
        self._in_time = 0 if late else self._in_time + 1
        if late:
            self._late_in_a_row += 1
        elif self._in_time >= IN_TIME or not self.overruns:
            self._late_in_a_row = 0
        return late

    @property
    def overruns(self) -> bool:
        """Whether polls are missed again and again, not once for an answer that did not come."""
        return self._late_in_a_row >= OVERRUN


class Attempt:
    """One thing to try beside the polls: a request that was not answered, or the whole of a slow unit."""

    def __init__(self, turn: Turn, request: Request | None, cost: float) -> None:
        self.turn: Final = turn
        self.request: Final = request
        self.cost: Final = cost


class Turns:
    """The units of an endpoint, and what their requests cost each other."""

    def __init__(self, units: Sequence[Unit], spec: ModbusSource, *, now: int) -> None:
        self.all: Final = [Turn(unit, now) for unit in units]
        self.parallel: bool | None = False if spec.one_line else None
        self._shared = spec.one_line
        self._period: Final = spec.poll
        self._timeout: Final = spec.timeout / SECOND
        self._slow: frozenset[int] = frozenset()
        self._silence = 0.0
        self._credit = self._timeout
        self._counted = 0.0
        self._trial_began: float | None = None
        self._trial_ended = -WAKE

    def share(self, shared: bool) -> None:  # noqa: FBT001
        """Take note that polls and trials go over one connection, or no longer do."""
        if shared != self._shared:
            self._shared, self.parallel = shared, False if shared else None

    def next_poll(self, now: int) -> Turn | None:
        """Return the prompt unit that is due, the one that was heard first. [ns, the log's time]."""
        due = [turn for turn in self._prompt() if turn.due <= now]
        return min(due, key=self._order, default=None)

    def _order(self, turn: Turn) -> tuple[bool, float, int, int]:
        # Units that fail together fail at one moment, so the one that was heard last is the likeliest to answer.
        unconfirmed = self.unconfirmed(turn)
        # Otherwise the order never changes, or a unit's period would vary by the length of all polls.
        return unconfirmed, -turn.heard if unconfirmed else 0.0, turn.due, turn.unit.number

    @property
    def next_due(self) -> int | None:
        """When the next prompt unit is due; None without any. [ns, the log's time]."""
        return min((turn.due for turn in self._prompt()), default=None)

    def unconfirmed(self, turn: Turn) -> bool:
        """Whether a unit was not heard since the latest silence of any."""
        return turn.heard < self._silence

    def patience(self, turn: Turn) -> float:
        """Return how long a poll waits for an answer: less after a silence, where others need not wait for it."""
        if self.parallel and self.unconfirmed(turn):
            return min(self._timeout, max(2 * NOTABLE, 5 * turn.usual))
        return self._timeout

    def sort(self, rate: float) -> None:
        """Choose the prompt units: the quickest ones that fit into the period together. `rate` is log time by time."""
        room = ROOM_OF_POLLS * self._period / 1e9 / max(rate, 1.0)
        slow, taken = set(), 0.0
        for place, turn in enumerate(sorted(self.all, key=lambda turn: (turn.usual, turn.unit.number))):
            # Nothing is gained by reading a unit beside polls that do not exist.
            # The first one is prompt whatever it takes, and a unit that is slow returns only with room to spare.
            taken += turn.usual * (1.25 if turn.unit.number in self._slow else 1.0)
            if taken > room and place:
                slow.add(turn.unit.number)
        self._slow = frozenset(slow)

    def next_trial(self, now: float, log_now: int) -> Attempt | None:
        """Return what to try next: first what was tried least since it was heard."""
        trials = []
        for turn in self.all:
            if (request := turn.unit.suspect(now)) is not None:
                trials.append(Attempt(turn, request, self._cost(turn, request)))
            elif not turn.busy and turn.due <= log_now and (self._is_slow(turn) or self._is_doubted(turn)):
                trials.append(Attempt(turn, None, turn.usual))
        return min(trials, key=self._urgency, default=None)

    def _urgency(self, trial: Attempt) -> tuple[bool, int, float]:
        doubted = trial.request is None and self._is_doubted(trial.turn)
        return not doubted, trial.turn.tries, trial.turn.heard if doubted else float(trial.turn.due)

    def _is_doubted(self, turn: Turn) -> bool:
        """Whether polls and trials should both look for units that answer, from the two ends of their order."""
        return self.parallel is True and self.unconfirmed(turn) and bool(turn.unit.requests)

    def _cost(self, turn: Turn, request: Request) -> float:
        """Return how long a trial will probably take: that of a unit which answers no longer than usual."""
        unit = turn.unit
        if unit.silent or request in unit.resting or (unit.doubtful and turn.tries):
            return turn.trial or self._timeout
        return turn.usual if unit.doubtful else turn.trial or turn.usual

    def has_time_for(self, trial: Attempt, now: float, gap: float, *, mid_gap: bool = False) -> bool:
        """Tell whether a trial may begin, when the polls are idle for `gap`; they are not idle if that is 0."""
        # Unused time does not add up without end: a quiet week must not buy an hour of delays.
        most = max(self._timeout, trial.cost + MARGIN_OF_TRIALS)
        self._credit = min(most, self._credit + SHARE_OF_TRIALS * (now - self._counted))
        self._counted = now
        is_free = trial.request is not None and trial.turn.tries < FREE_TRIES and gap > 0 and not mid_gap
        if self.parallel is not False or is_free:
            return True
        excess = trial.cost + MARGIN_OF_TRIALS - gap
        return excess <= 0 or (self._credit >= excess and not mid_gap)

    def trial_begins(self, now: float) -> None:
        """Take note that a request of a trial is sent."""
        self._trial_began = now

    def trial_ends(self, now: float) -> None:
        """Take note that a request of a trial was answered, or not."""
        self._trial_began, self._trial_ended = None, now

    def tried(self, trial: Attempt, took: float, gap: float) -> None:
        """Take note of what a trial cost."""
        if trial.request is not None:
            trial.turn.tries += 1
            trial.turn.trial = took
        if self.parallel is False:
            self._spend(took - max(0.0, gap))

    def known_request(self, ill: Turn) -> Request | None:
        """Return a request of another unit, the one that was heard last; None if none was heard."""
        heard = [turn for turn in self.all if turn is not ill and turn.heard and turn.unit.requests]
        return max(heard, key=lambda turn: turn.heard).unit.requests[0] if heard else None

    def heard(self, turn: Turn, now: float) -> None:
        """Take note that a unit answered."""
        turn.heard = now
        turn.tries = 0

    def silence(self, now: float) -> None:
        """Take note that a unit did not answer."""
        self._silence = now

    def polled(self, turn: Turn, began: float, now: float, *, answered: bool) -> None:
        """Learn from a request of a poll whether trials delay it, and note its silence."""
        if self._shared:
            return
        # A gateway with one line would have worked off the trial first, because the trial was there first. The
        # opposite is only likely where a poll took much longer than usual: any answer may be slow for once.
        pending, ended = self._trial_began, self._trial_ended
        delayed = now - began > NOTABLE + 4 * turn.usual
        if answered and pending is not None and pending <= began:
            self.parallel = True
        elif began <= ended or pending is not None:
            # Not answered in the presence of a trial, or only when it was over.
            self.parallel = False if delayed else self.parallel
        if delayed and self.parallel is False and began - ended < WAKE:
            self._spend(now - began)

    def _spend(self, excess: float) -> None:
        self._credit = max(-self._timeout, self._credit - max(0.0, excess))

    def _prompt(self) -> list[Turn]:
        # A silent unit is among them: it is not asked, and its points are BAD at each of its polls.
        return [turn for turn in self.all if not (turn.busy or turn.unit.doubtful or self._is_slow(turn))]

    def _is_slow(self, turn: Turn) -> bool:
        return turn.unit.number in self._slow and bool(turn.unit.requests)
