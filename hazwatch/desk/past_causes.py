"""The cause of a fault that began before the start, from the samples that the history has of that time."""

from collections.abc import Mapping
from typing import Final

from adapters.stores import HistoryReader
from alarms import Alarm
from hazwatch.words.causes import NO_ANSWER, NO_RESULT, NO_VALID_VALUE, Cause, fault_cause, missing_inputs
from plant import NEVER_STALE, Point, PointTable, Quality, SampleBatch, is_evidence
from plant.units import HOUR

LOOK_BACK: Final = HOUR
"""How long before a fault to look for the last sample of a point that is never stale. [ns]"""
MOST_NEIGHBOURS: Final = 20
"""Largest number of points of a source that are asked whether it answered. [1]"""


class PastCauses:
    """Finds what the samples of the past say about a fault.

    Parameters
    ----------
    points : PointTable
        The points of the site.
    inputs : mapping of str to tuple of str
        The inputs of the calculated points, by point.
    history : HistoryReader
        The history of the runs before.

    """

    def __init__(self, points: PointTable, inputs: Mapping[str, tuple[str, ...]], history: HistoryReader) -> None:
        self._points: Final = points
        self._inputs: Final = inputs
        self._history: Final = history

    def of(self, alarm: Alarm) -> Cause | None:
        """Return the cause of an alarm `fault` when it was raised; None if the history does not have it."""
        point = self._points.get(alarm.point or "")
        if point is None:
            return None
        at = alarm.raised.time
        if point.id in self._inputs:
            missing = [name for name in self._inputs[point.id] if self._was_missing(name, at)]
            return missing_inputs(missing) if missing else NO_RESULT
        last = self._last(point, at)
        if not len(last):
            return None
        without_bit = NO_VALID_VALUE if self._source_answered(point, at) else NO_ANSWER
        return fault_cause(_quality(last), int(last.state[0]), without_bit)

    def _was_missing(self, name: str, at: int) -> bool:
        """Tell whether an input had no value that can be trusted."""
        if name in self._inputs:
            return any(self._was_missing(of_input, at) for of_input in self._inputs[name])
        last = self._last(self._points[name], at)
        return not len(last) or not is_evidence(_quality(last), int(last.state[0]))

    def _source_answered(self, point: Point, at: int) -> bool:
        """Tell whether another point of the source had a value."""
        neighbours = [each for each in self._points.points if each.source == point.source and each.id != point.id]
        seen = (self._last(each, at) for each in neighbours[:MOST_NEIGHBOURS])
        return point.source is not None and any(len(last) and _quality(last) != Quality.BAD for last in seen)

    def _last(self, point: Point, at: int) -> SampleBatch:
        """Return the last sample of a point up to a time, as a batch of one; an empty one if it was stale."""
        silent = LOOK_BACK if point.stale_after == NEVER_STALE else point.stale_after
        # A delay of `fault` lies between the sample and the event.
        samples = self._history.samples(point.id, at - silent - point.fault.on_delay, at + 1, newest=True)
        return samples.take(slice(max(0, len(samples) - 1), None))


def _quality(last: SampleBatch) -> int:
    """Return the quality of a sample; a value that is not finite is BAD whatever its source says."""
    return int(last.quality[0]) if abs(float(last.value[0])) < float("inf") else int(Quality.BAD)
