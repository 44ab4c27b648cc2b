"""The cause of each alarm about a point without a value: it may change while the alarm stands."""

from collections.abc import Callable
from typing import Final

from alarms import Alarm
from hazwatch.words.causes import BROKEN_WIRE, Cause, fault_cause, missing_inputs
from plant import Point, PointTable
from rules import Readings, health_id, health_kind, inputs_of, parse_expression


class AlarmCauses:
    """Finds the cause of the alarms `fault` and `over_range`, and remembers it when the fault is gone."""

    def __init__(self, points: PointTable, readings: Callable[[], Readings]) -> None:
        self._points: Final = points
        self._readings: Final = readings
        self._known: Final[dict[str, Cause]] = {}
        self._inputs: Final = {
            point.id: inputs_of(parse_expression(point.expression))
            for point in points.points
            if point.expression is not None
        }
        self._dependents: Final[dict[str, list[str]]] = {}
        for name, inputs in self._inputs.items():
            for point in inputs:
                self._dependents.setdefault(point, []).append(name)

    def of(self, alarm: Alarm) -> Cause | None:
        """Return the cause of an alarm; None if its kind says everything."""
        point = self._points.get(alarm.point or "")
        kind = health_kind(alarm.condition)
        if point is None:
            return None
        if kind == "fault":
            return self._known.get(point.id)
        value = alarm.raised.value
        is_low = value is not None and point.range is not None and value < point.range[0]
        return BROKEN_WIRE if kind == "over_range" and is_low else None

    def refresh(self, points: list[str]) -> list[str]:
        """Look at points whose readings changed; return the fault conditions whose cause is another now."""
        affected = dict.fromkeys([*points, *(name for point in points for name in self._dependents.get(point, ()))])
        if not affected:
            return []
        seen = self._readings()
        changed = []
        for name in affected:
            cause = self._cause(self._points[name], seen)
            if cause is not None and cause != self._known.get(name):
                self._known[name] = cause
                changed.append(health_id("fault", name))
        return changed

    def _cause(self, point: Point, seen: Readings) -> Cause | None:
        missing = [name for name in self._inputs.get(point.id, ()) if seen.in_doubt[self._points.column(name)]]
        if missing:
            return missing_inputs(missing)
        column = self._points.column(point.id)
        return fault_cause(int(seen.quality[column]), int(seen.state[column]))
