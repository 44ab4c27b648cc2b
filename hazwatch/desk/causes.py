"""The cause of each alarm about a point without a value: it may change while the alarm stands."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from alarms import Alarm
from hazwatch.words.causes import (
    BROKEN_WIRE,
    CAUSE_NOT_KEPT,
    NO_ANSWER,
    NO_RESULT,
    NO_VALID_VALUE,
    Cause,
    fault_cause,
    missing_inputs,
)
from plant import NO_ARRIVAL, Point, PointTable, Quality
from rules import Readings, health_id, health_kind, inputs_of, parse_expression

MOST_AT_ONCE: Final = 1000
"""Largest number of points to look at in one call."""


class AlarmCauses:
    """Finds the cause of the alarms `fault` and `over_range`, and remembers it when the fault is gone.

    Parameters
    ----------
    points : PointTable
        The points of the site.
    readings : callable
        Returns the engine's columns.
    connected : callable
        Tells whether a source, by its id, has a value for any of its points.

    Attributes
    ----------
    inputs : dict of str to tuple of str
        The inputs of the calculated points, by point.

    """

    def __init__(self, points: PointTable, readings: Callable[[], Readings], connected: Callable[[str], bool]) -> None:
        self._points: Final = points
        self._readings: Final = readings
        self._connected: Final = connected
        self._links: Final[dict[str, bool]] = {}
        self._of_source: Final[dict[str, list[str]]] = {}
        for entity in points.points:
            if entity.source is not None:
                self._of_source.setdefault(entity.source, []).append(entity.id)
        self._known: Final[dict[str, Cause]] = {}
        self._waiting: Final[dict[str, None]] = {}
        self.inputs: Final = {
            point.id: inputs_of(parse_expression(point.expression))
            for point in points.points
            if point.expression is not None
        }
        self._dependents: Final[dict[str, list[str]]] = {}
        for name, inputs in self.inputs.items():
            for point in inputs:
                self._dependents.setdefault(point, []).append(name)

    def of(self, alarm: Alarm) -> Cause | None:
        """Return the cause of an alarm; None if its kind says everything."""
        point = self._points.get(alarm.point or "")
        kind = health_kind(alarm.condition)
        if point is None:
            return None
        if kind == "fault":
            # The journal tells an alarm before the page looks at the readings.
            return self._known.get(point.id) or self._cause(point, self._readings()) or CAUSE_NOT_KEPT
        value = alarm.raised.value
        is_low = value is not None and point.range is not None and value < point.range[0]
        return BROKEN_WIRE if kind == "over_range" and is_low else None

    def recall(self, alarm: Alarm, cause: Cause) -> bool:
        """Take a cause that the history tells; return False if the page has seen one by now."""
        return self.of(alarm) is CAUSE_NOT_KEPT and self._known.setdefault(alarm.point or "", cause) is cause

    def refresh(self, points: Iterable[str]) -> list[str]:
        """Look at points whose readings changed; return the fault conditions whose cause is another now.

        Of many points some are looked at with the next calls.
        """
        names = [*points, *self._of_changed_links()]
        dependents = (dependent for name in names for dependent in self._dependents.get(name, ()))
        self._waiting.update(dict.fromkeys((*names, *dependents)))
        affected = tuple(islice(self._waiting, MOST_AT_ONCE))
        if not affected:
            return []
        seen = self._readings()
        changed = []
        for name in affected:
            del self._waiting[name]
            cause = self._cause(self._points[name], seen)
            if cause is not None and cause != self._known.get(name):
                self._known[name] = cause
                changed.append(health_id("fault", name))
        return changed

    def _of_changed_links(self) -> Iterator[str]:
        """Yield the points of each source that was lost or came back: the cause of a BAD value depends on it."""
        for source, names in self._of_source.items():
            if (connected := self._connected(source)) != self._links.get(source):
                self._links[source] = connected
                yield from names

    def _without_bit(self, point: Point) -> Cause:
        """Return the cause of a BAD value without a state bit."""
        if point.source is None:
            return NO_RESULT
        return NO_VALID_VALUE if self._connected(point.source) else NO_ANSWER

    def _cause(self, point: Point, seen: Readings) -> Cause | None:
        missing = [name for name in self.inputs.get(point.id, ()) if seen.in_doubt[self._points.column(name)]]
        if missing:
            return missing_inputs(missing)
        column = self._points.column(point.id)
        if seen.time[column] == NO_ARRIVAL:
            return None
        quality, state = int(seen.quality[column]), int(seen.state[column])
        return None if quality != Quality.BAD and not state else fault_cause(quality, state, self._without_bit(point))
