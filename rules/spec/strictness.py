"""Strictness of rules: a looser rule raises later, clears sooner, or has a lower level."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import inf
from typing import Final, NamedTuple

from plant import HEALTH_KINDS, Point, write_duration
from rules.spec.decimals import EXACT, minus, written
from rules.spec.rule import Interlock, Limit, Vote
from rules.spec.tolerance import comparison_of, ends_of

TIMES: Final = ("window", "horizon", "tau")
"""Times of a feature. With another one it is another number, so that the setpoints cannot be compared."""


class Looser(NamedTuple):
    """A key in which a limit is looser, its value, and the value of the other limit."""

    key: str
    given: str
    than: str


def looser_keys(limit: Limit, than: Limit, point: Point) -> list[Looser]:
    """Return the keys in which a limit of a point is looser than another limit.

    Another feature or direction counts as looser, because it does not watch what the other limit watches; so does
    another window, horizon or time constant. A clear value that only follows the setpoint is not named beside it.
    """
    if limit.feature != than.feature:
        return [Looser("feature", limit.feature, than.feature)]
    if limit.direction != than.direction:
        return [Looser(limit.direction, limit.direction, than.direction)]
    looser = [
        Looser(key, write_duration(getattr(limit, key)), write_duration(getattr(than, key)))
        for key in TIMES
        if getattr(limit, key) != getattr(than, key)
    ]
    looser += _looser_numbers(limit, than, point)
    if limit.on_delay > than.on_delay:
        looser.append(Looser("on_delay", write_duration(limit.on_delay), write_duration(than.on_delay)))
    if limit.off_delay < than.off_delay:
        looser.append(Looser("off_delay", write_duration(limit.off_delay), write_duration(than.off_delay)))
    return looser


def _looser_numbers(limit: Limit, than: Limit, point: Point) -> Iterator[Looser]:
    # Setpoints of other time units are compared at one time unit; the factors keep the numbers exact.
    setpoint, clear = _numbers(limit, point, than.per_or_minute)
    than_setpoint, than_clear = _numbers(than, point, limit.per_or_minute)
    sign = 1 if limit.direction == "high" else -1
    # With the sign, a larger number is the looser one for low limits as well.
    is_later = sign * minus(setpoint, than_setpoint) > 0
    nearer = sign * minus(minus(clear, setpoint), minus(than_clear, than_setpoint)) > 0
    clears_sooner = sign * minus(clear, than_clear) > 0 and (nearer or limit.clear is not None)
    if limit.per_or_minute != than.per_or_minute:
        # Which of the numbers is to blame cannot be told without the time unit.
        if is_later or clears_sooner:
            yield Looser("per", _rate(limit), _rate(than))
        return
    if is_later:
        yield Looser(limit.direction, str(written(limit.setpoint)), str(written(than.setpoint)))
    if clears_sooner:
        yield Looser("clear", str(limit.clears_at), str(than.clears_at))


def _numbers(limit: Limit, point: Point, times: int) -> tuple[Decimal, Decimal]:
    """Return setpoint and clear value, times a whole number."""
    exact = comparison_of(limit, point)
    return EXACT.multiply(exact.setpoint, Decimal(times)), EXACT.multiply(exact.clear, Decimal(times))


def _rate(limit: Limit) -> str:
    return f"{written(limit.setpoint)} / {write_duration(limit.per_or_minute)}"


def lax_keys(new: Point | Limit | Vote | Interlock, old: Point | Limit | Vote | Interlock) -> set[str]:
    """Return the keys in which an entry is less strict than another entry of its kind.

    For a limit these are only level and ticket; `looser_keys` has the others. Keys that cannot be compared, such as a
    resolution or an expression, are never among them.
    """
    before = _laxness(old)
    lax = {key for key, number in _laxness(new).items() if number > before[key]}
    match new, old:
        case Vote(), Vote() if not set(old.of) <= set(new.of):
            lax.add("of")
        case Interlock(), Interlock():
            lax |= {key for key in ("cut", "feed") if getattr(new, key) != getattr(old, key)}
    return lax


def _laxness(entry: Point | Limit | Vote | Interlock) -> Mapping[str, float]:
    """Return a number for each key that can be compared; a larger number is less strict."""
    match entry:
        case Point():
            return dict(_laxness_of_point(entry))
        case Vote():
            return {"level": entry.level.rank, "ticket": -entry.ticket, "at_least": entry.at_least}
        case Interlock():
            return {"level": entry.level.rank, "ticket": -entry.ticket, "within": entry.within}
        case Limit():
            return {"level": entry.level.rank, "ticket": -entry.ticket}


def _laxness_of_point(point: Point) -> Iterator[tuple[str, float]]:
    yield "health_level", point.health_level.rank
    low, high = ends_of(point) if point.range else (-inf, inf)
    # A wider range makes over-range later; both keys move the same ends.
    yield "range", high - low
    yield "range_margin", high - low
    for row in HEALTH_KINDS.values():
        for setting in row.settings:
            value = setting.of(point)
            if setting.laxer:
                yield setting.key, setting.laxer * value if isinstance(value, int | float) else inf
