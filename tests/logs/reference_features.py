"""Features, thresholds and formulas as the specification words them, one number at a time."""

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple

from plant import Point
from plant.units import MINUTE
from rules.spec.rule import Limit

WITH_RESOLUTION = frozenset(("value", "min", "max", "range", "delta"))


class Evidence(NamedTuple):
    """What the memory of a point keeps of one evidence sample: `x` is the value as it is looked at."""

    time: int
    x: float
    one_sided: bool
    stale_changes: int


def decimal(number: float) -> Decimal:
    """Return the number as written."""
    return Decimal(repr(number))


def rounded(*terms: Decimal) -> float:
    """Return the sum, rounded once."""
    with localcontext() as context:
        context.prec = 800
        return float(sum(terms, Decimal(0)))


def product(left: Decimal, right: Decimal) -> Decimal:
    """Return the exact product."""
    with localcontext() as context:
        context.prec = 800
        return left * right


def tolerance(resolution: float | None, *numbers: Decimal) -> Decimal:
    """Return e: half the resolution, or 1e-9 of the largest of the numbers and 1e-12 at least."""
    if resolution is not None:
        return product(decimal(resolution), Decimal("0.5"))
    return max(product(max(abs(number) for number in numbers), Decimal("1e-9")), Decimal("1e-12"))


def beyond(point: Point, number: float) -> float:
    """Return what a difference must exceed to be beyond the number."""
    return rounded(decimal(number), tolerance(point.resolution, decimal(number)))


def thresholds(limit: Limit, point: Point) -> tuple[float, float]:
    """Return the right-hand sides of `in` and `out`."""
    setpoint = decimal(limit.setpoint)
    sign = -1 if limit.direction == "high" else 1
    clear = setpoint
    if limit.clear is not None:
        clear = decimal(limit.clear)
    elif limit.deadband is not None:
        with localcontext() as context:
            context.prec = 800
            clear = setpoint + sign * decimal(limit.deadband)
    resolution = point.resolution if limit.feature in WITH_RESOLUTION else None
    e = sign * tolerance(resolution, setpoint, clear)
    return rounded(setpoint, e), rounded(clear, e)


def ends(point: Point) -> tuple[float, float] | None:
    """Return the values below and above which a sample is over range."""
    if point.range is None:
        return None
    low, high = decimal(point.range[0]), decimal(point.range[1])
    with localcontext() as context:
        context.prec = 800
        margin = (high - low) * Decimal("0.025") if point.range_margin is None else decimal(point.range_margin)
        return rounded(low, -margin), rounded(high, margin)


def window_of(history: Sequence[Evidence], now: int, width: int) -> list[Evidence]:
    """Return the evidence with time in (now - width, now]."""
    found: list[Evidence] = []
    for evidence in reversed(history):
        if evidence.time <= now - width:
            break
        found.append(evidence)
    found.reverse()
    return found


def before_window(history: Sequence[Evidence], now: int, width: int) -> Evidence | None:
    """Return the last evidence at or before now - width."""
    return next((evidence for evidence in reversed(history) if evidence.time <= now - width), None)


def slope_of(window: Sequence[Evidence], now: int, width: int) -> Fraction | None:
    """Return the slope of least squares per nanosecond, exactly; None where it is undefined."""
    if len(window) < 3 or 2 * (window[-1].time - window[0].time) < width:
        return None
    times = [evidence.time - now for evidence in window]
    values = [Fraction(evidence.x) for evidence in window]
    n, st, sx = len(window), sum(times), sum(values)
    stx = sum((t * x for t, x in zip(times, values, strict=True)), Fraction(0))
    return Fraction(n * stx - st * sx) / (n * sum(t * t for t in times) - st * st)


class Feature:
    """The feature of one limit."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.smooth: float | None = None
        self.smoothed_at = 0

    def forget(self) -> None:
        """Start anew."""
        self.smooth = None

    def at(self, history: Sequence[Evidence]) -> tuple[float | None, bool]:
        """Return its value at the last evidence (None: undefined), and whether it is one-sided."""
        limit, last = self.limit, history[-1]
        if limit.feature == "value":
            return last.x, last.one_sided
        if limit.feature == "ewma":
            assert limit.tau is not None
            if self.smooth is None:
                self.smooth = last.x
            else:
                self.smooth += -math.expm1(-(last.time - self.smoothed_at) / limit.tau) * (last.x - self.smooth)
            self.smoothed_at = last.time
            return self.smooth, any(e.one_sided for e in window_of(history, last.time, 5 * limit.tau))
        assert limit.window is not None
        window = window_of(history, last.time, limit.window)
        return self._windowed(window, last), any(e.one_sided for e in window)

    def _windowed(self, window: Sequence[Evidence], last: Evidence) -> float | None:
        limit = self.limit
        assert limit.window is not None
        exact = [Fraction(evidence.x) for evidence in window]
        values = [evidence.x for evidence in window]
        match limit.feature:
            case "mean":
                return float(sum(exact) / len(exact))
            case "min":
                return min(values)
            case "max":
                return max(values)
            case "range":
                return max(values) - min(values)
            case "std":
                mean = sum(exact) / len(exact)
                return math.sqrt(sum((x - mean) ** 2 for x in exact) / len(exact))
            case "sum":
                return float(sum(exact))
            case "count":
                return float(len(values))
            case "delta":
                if 2 * (last.time - window[0].time) < limit.window:
                    return None
                return last.x - window[0].x
        slope = slope_of(window, last.time, limit.window)
        if slope is None:
            return None
        if limit.feature == "slope":
            return float(slope * (limit.per or MINUTE))
        assert limit.horizon is not None
        return float(Fraction(last.x) + slope * limit.horizon)


def _divide(left: float, right: float) -> float:
    if right == 0:
        if left == 0 or math.isnan(left):
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    return left / right


def _guarded(function: Callable[[float], float], otherwise: Callable[[float], float]) -> Callable[[float], float]:
    def guarded(x: float) -> float:
        try:
            return function(x)
        except (ValueError, OverflowError):
            return otherwise(x)

    return guarded


def _least(*values: float) -> float:
    return math.nan if any(map(math.isnan, values)) else min(values)


def _greatest(*values: float) -> float:
    return math.nan if any(map(math.isnan, values)) else max(values)


BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divide,
}
COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
CALLS: dict[str, Callable[..., float]] = {
    "min": _least,
    "max": _greatest,
    "abs": abs,
    "sqrt": _guarded(math.sqrt, lambda _: math.nan),
    "log": _guarded(math.log, lambda x: -math.inf if x == 0 else math.nan),
    "exp": _guarded(math.exp, lambda _: math.inf),
    "where": lambda condition, yes, no: yes if condition else no,
}


class Formula:
    """The expression of a calculated point, evaluated as IEEE 754 does: 1 / 0 is infinite, sqrt(-1) is NaN."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text, mode="eval").body
        called = {id(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call)}
        names = [node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name) and id(node) not in called]
        self.inputs = frozenset(name for name in names if name != "nan")

    def value(self, inputs: Mapping[str, float]) -> float:
        """Return the value for these inputs."""
        return float(self._value(self.tree, inputs))

    def _value(self, node: Any, inputs: Mapping[str, float]) -> float:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return inputs[name] if name in inputs else float(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._value(operand, inputs)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._value(operand, inputs)
            case ast.BinOp(left=left, op=op, right=right):
                return BINARY[type(op)](self._value(left, inputs), self._value(right, inputs))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return float(COMPARE[type(op)](self._value(left, inputs), self._value(right, inputs)))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in CALLS:
                return CALLS[name](*(self._value(argument, inputs) for argument in arguments))
        raise ValueError(f"not in the grammar: {ast.unparse(node)}")
