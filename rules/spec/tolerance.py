"""The numbers that kernels compare with: setpoints, clears and ranges with their tolerances."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from plant import Point
from rules.spec.decimals import EXACT, minus, plus, tolerance, written
from rules.spec.features import FEATURES
from rules.spec.rule import Limit

MARGIN: Final = Decimal("0.025")
"""Default margin of a range, as a share of its span; NAMUR NE 43."""


@dataclass(frozen=True, slots=True)
class ExactLimit:
    """The numbers of a limit in decimal. It is in at `enter` or beyond, and out on the safe side of `leave`."""

    setpoint: Decimal
    clear: Decimal
    enter: Decimal
    leave: Decimal


def comparison_of(limit: Limit, point: Point) -> ExactLimit:
    """Return the numbers that a limit compares its feature with."""
    setpoint = written(limit.setpoint)
    clear = limit.clears_at
    e = tolerance(point.resolution if FEATURES[limit.feature].stepped else None, setpoint, clear)
    # A reading within e of the setpoint counts as the setpoint: float errors must not decide about an alarm.
    move = minus if limit.direction == "high" else plus
    return ExactLimit(setpoint, clear, move(setpoint, e), move(clear, e))


def beyond(number: float, resolution: float | None) -> float:
    """Return the number that a value must exceed to be beyond another one."""
    exact = written(number)
    return float(plus(exact, tolerance(resolution, exact)))


def ends_of(point: Point) -> tuple[float, float]:
    """Return the ends beyond which a value is over range; infinite if the point has no range."""
    if point.range is None:
        return float("-inf"), float("inf")
    low, high = written(point.range[0]), written(point.range[1])
    span = minus(high, low)
    margin = EXACT.multiply(span, MARGIN) if point.range_margin is None else written(point.range_margin)
    return float(minus(low, margin)), float(plus(high, margin))
