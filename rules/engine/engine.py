"""Engine: the log in, the event stream out."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest import Log
from plant import Message
from plant.columns.rows import Column, Rows, joined, lengthened
from rules.engine.build import build
from rules.engine.calm import wake_all, write_all_back
from rules.engine.compiled import is_ready
from rules.engine.edit import Rules, take_over
from rules.engine.event import Event, Events
from rules.engine.memory import codes
from rules.engine.memory.machine import Columns, Machine
from rules.engine.memory.records import EventRecord
from rules.engine.readings import Counts, Readings, counts_of, readings_of
from rules.engine.restore import let_stand, remember_event
from rules.engine.snapshot import read_snapshot, write_snapshot
from rules.engine.walk import walk
from rules.spec.ruleset import RuleSet

COLUMNS: Final[dict[str, np.dtype[np.generic]]] = {
    "kind": np.dtype(np.uint8),
    "point": np.dtype(np.int32),
    "time": np.dtype(np.int64),
    "value": np.dtype(np.float64),
    "quality": np.dtype(np.uint8),
    "state": np.dtype(np.uint16),
    "backfilled": np.dtype(np.bool_),
}


class UnknownConditionError(ValueError):
    """Conditions stood that the rule-set does not have; to drop them needs a command that says so."""


class RuleSetError(ValueError):
    """A rule-set with problems; `RuleSet.problems` lists them all."""


class Engine:
    """Evaluates a rule-set over a log, piece by piece.

    Parameters
    ----------
    rules : RuleSet
        Without problems.
    skip_calm : bool
        Whether to skip samples that cannot change anything; the events are the same either way.

    Raises
    ------
    RuleSetError
        The rule-set has problems other than judgements.

    References
    ----------
    docs/en/semantics.md.

    """

    def __init__(self, rules: RuleSet, *, skip_calm: bool = True) -> None:
        problems = [problem for problem in rules.problems() if not problem.is_judgement]
        if problems:
            messages = [
                Message("{path}: {problem}", path=".".join(problem.path), problem=problem.message)
                for problem in problems
            ]
            raise RuleSetError(Message("{problems}", problems=tuple(messages)))
        self._rules: Final = rules
        self._machine, self._conditions = build(rules)
        self._skip_calm: Final = skip_calm
        if not skip_calm:
            self._machine.point_config["may_be_calm"] = 0
        self._seq = 0

    @property
    def is_ready(self) -> bool:
        """Whether `evaluate` begins at once; otherwise its first call compiles the kernels, for about a minute."""
        return is_ready(walk, self._machine, _columns_of(Log.concatenate(())), 0)

    def evaluate(self, log: Log) -> Sequence[Event]:
        """Take the next piece of the log; return the events that follow from it, in their order.

        Raises
        ------
        IndexError
            A sample of a point that the rule-set does not have; nothing of the piece is evaluated.

        """
        columns = _columns_of(log)
        blocks: list[Rows[EventRecord]] = []
        begin, reason = 0, codes.EVENTS_FULL
        while reason != codes.DONE:
            # Compiled code does not warn of NaN and infinities; without numba, numpy would.
            with np.errstate(all="ignore"):
                begin, reason = walk(self._machine, columns, begin)
            count = int(self._machine.globals["events"][0])
            if count:
                blocks.append(self._machine.events[:count].copy())
                self._machine.globals["events"] = 0
            self._grow(reason, count)
        if not blocks:
            return ()
        events = Events(joined(blocks), self._conditions, self._rules.version, self._seq)
        self._seq += len(events)
        return events

    def __copy__(self) -> "Engine":
        """Return an engine of the same rules in the same state; the two share nothing that changes."""
        copy = object.__new__(type(self))
        vars(copy).update(vars(self))
        copy._machine = Machine._make(array.copy() for array in self._machine)
        return copy

    def restore(self, standing: Sequence[Event], last_seq: int, recent: Sequence[Event] = ()) -> None:
        """Go on where a run was stopped: conditions that stood are ACTIVE with their raise time, `seq` goes on.

        Parameters
        ----------
        standing : sequence of Event
            The raise of every condition that stood.
        last_seq : int
            `seq` of the last event that was journaled; 0 for none.
        recent : sequence of Event
            In the order of the journal, the last raise and the last clear at least of every condition that has any;
            without them an event that repeats the time of one before the stop may repeat its id.

        Raises
        ------
        UnknownConditionError
            Conditions stood that the rule-set does not have; the engine is unchanged.

        """
        row = self._conditions.rows()
        unknown = [event.condition for event in standing if not self._has(row, event)]
        if unknown:
            raise UnknownConditionError(
                Message(
                    "these conditions stood, and the rule-set no longer has them: {conditions}",
                    conditions=tuple(unknown),
                )
            )
        wake_all(self._machine)
        self.remember((*recent, *standing))
        for event in standing:
            let_stand(self._machine, row[event.condition])
        self._seq = last_seq

    def remember(self, recent: Sequence[Event]) -> None:
        """Let no later event repeat the id, or go before the time, of one of these; in the order of the journal."""
        row = self._conditions.rows()
        for event in recent:
            if event.condition in row:
                remember_event(self._machine, row[event.condition], event)

    def edited(self, rules: RuleSet) -> "Engine":
        """Return the engine of another rule-set that goes on from here; the edit neither raises nor clears.

        Conditions keep their state, by hazard source, point and id; running delays count from the same begin, windows
        keep their evidence; the next sample is judged by the new numbers. What only this rule-set has is left behind.

        Raises
        ------
        RuleSetError
            The rule-set has problems.

        """
        edited = object.__new__(type(self))
        vars(edited).update(vars(type(self)(rules, skip_calm=self._skip_calm)))
        # Only awake points have their windows up to date.
        wake_all(self._machine)
        old = Rules(self._machine, self._rules, self._conditions)
        edited._machine = take_over(old, Rules(edited._machine, rules, edited._conditions))
        edited._seq = self._seq
        return edited

    def snapshot(self) -> bytes:
        """Return the state of the engine; an engine that resumes it gives the same events from then on."""
        write_all_back(self._machine)
        return write_snapshot(self._machine, self._rules.version, self._seq)

    def resume(self, snapshot: bytes) -> None:
        """Continue from a snapshot.

        Raises
        ------
        SnapshotError
            The snapshot is damaged, or belongs to another rule-set or version; the engine is unchanged.

        """
        self._machine, self._seq = read_snapshot(snapshot, self._machine, self._rules.version)

    def readings(self) -> Readings:
        """Return the last accepted sample of every point."""
        return readings_of(self._machine)

    def standing(self) -> frozenset[str]:
        """Return the ids of the conditions that stand."""
        rows = np.flatnonzero(np.isin(self._machine.row["state"], (codes.ACTIVE, codes.RETURNING)))
        return frozenset(self._conditions.of(int(row)).id for row in rows)

    @property
    def counts(self) -> Counts:
        """How many samples were accepted, late and duplicates."""
        return counts_of(self._machine)

    def feature(self, limit: str) -> float:
        """Return a limit's feature at the last evaluated sample; NaN before, and for the feature `value`.

        Calm samples that were skipped since then do not count.
        """
        row = self._conditions.rows()[limit]
        return float(self._machine.memory["value"][self._machine.row_config["memory"][row]])

    def calm_points(self) -> NDArray[np.bool_]:
        """Return for every point whether its last sample was skipped as calm, shape (points,)."""
        return self._machine.calm["taken"] > 0

    def _has(self, row: Mapping[str, int], event: Event) -> bool:
        if event.condition not in row:
            return False
        condition = self._conditions.of(row[event.condition])
        return (condition.hazard_source, condition.point) == (event.hazard_source, event.point)

    def _grow(self, reason: int, events: int) -> None:
        """Double what was full when the walk stopped."""
        machine = self._machine
        if reason == codes.NO_SUCH_POINT:
            raise IndexError(f"expected points 0 to {len(self._rules.points) - 1}")
        if reason == codes.POOL_FULL:
            samples = lengthened(machine.samples, 2 * len(machine.samples))
            sums = np.concatenate((machine.sums, np.zeros(len(machine.sums))))
            self._machine = machine._replace(samples=samples, sums=sums)
        elif reason == codes.TIMERS_FULL:
            self._machine = machine._replace(timers=lengthened(machine.timers, 2 * len(machine.timers)))
        # Events that were there have made room by being taken out.
        elif reason == codes.EVENTS_FULL and not events:
            self._machine = machine._replace(events=lengthened(machine.events, 2 * len(machine.events)))


def _columns_of(log: Log) -> Columns:
    return Columns(*(_column(getattr(log, name), dtype) for name, dtype in COLUMNS.items()))


def _column(column: Column, dtype: np.dtype[np.generic]) -> Column:
    """Return a column in the one form for which the walk is compiled: contiguous, aligned and writeable."""
    if column.dtype == dtype and column.flags.carray:
        return column
    return np.require(column, dtype, ("C", "A", "W"))
