"""What the kernels compare with: setpoints, clears and ranges with their tolerances."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from plant import Point
from rules.spec.decimals import EXACT, minus, plus, tolerance, written
from rules.spec.features import FEATURES
from rules.spec.rule import Limit

MARGIN: Final = Decimal("0.025")
"""Of the span of a point; NAMUR NE 43."""


@dataclass(frozen=True, slots=True)
class ExactLimit:
    """A limit's numbers in decimal: in at `enter` or beyond it, out on the safe side of `leave`."""

    setpoint: Decimal
    clear: Decimal
    enter: Decimal
    leave: Decimal


def comparison_of(limit: Limit, point: Point) -> ExactLimit:
    """Return with what a limit compares its feature."""
    setpoint = written(limit.setpoint)
    clear = limit.clears_at
    e = tolerance(point.resolution if FEATURES[limit.feature].stepped else None, setpoint, clear)
    move = minus if limit.direction == "high" else plus
    return ExactLimit(setpoint, clear, move(setpoint, e), move(clear, e))


def beyond(number: float, resolution: float | None) -> float:
    """Return what must be exceeded to be beyond a number."""
    exact = written(number)
    return float(plus(exact, tolerance(resolution, exact)))


def ends_of(point: Point) -> tuple[float, float]:
    """Return below and above which a value is over range; nothing is where the point has no range."""
    if point.range is None:
        return float("-inf"), float("inf")
    low, high = written(point.range[0]), written(point.range[1])
    span = minus(high, low)
    margin = EXACT.multiply(span, MARGIN) if point.range_margin is None else written(point.range_margin)
    return float(minus(low, margin)), float(plus(high, margin))
