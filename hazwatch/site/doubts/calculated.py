"""Finds calculated points whose `fault` raises and clears while their inputs come one after the other."""

from collections.abc import Iterator, Sequence
from typing import Final

from plant import Message, Point
from rules import inputs_of, parse_expression

ON_DELAY: Final = 'fault = { on_delay = "10s" }'
"""What a site file may write; it must be longer than the time in which all inputs have come."""


def restless(points: Sequence[Point]) -> Iterator[tuple[str, Message]]:
    """Yield the calculated points without a delay of `fault` that follow from several measured points.

    An input that has had no evidence, or is in doubt, makes the value BAD. At a first start, and when a source comes
    back, the input that comes first therefore raises `fault`, and the last one clears it.
    """
    inputs = {point.id: _inputs(point) for point in points}
    for point in points:
        measured = _measured(point.id, inputs)
        if inputs[point.id] and len(measured) > 1 and not point.fault.on_delay:
            message = Message(
                "calculated from {points}: at a first start, and when a source comes back, `fault` raises and clears "
                "until each has a value; expected {on_delay}",
                points=tuple(measured),
                on_delay=ON_DELAY,
            )
            yield point.id, message


def _inputs(point: Point) -> tuple[str, ...]:
    try:
        return () if point.expression is None else inputs_of(parse_expression(point.expression))
    except ValueError:
        # The expression is a mistake of its own.
        return ()


def _measured(point: str, inputs: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the measured points from which a point follows, each once; a circle is a mistake of its own."""
    measured: list[str] = []
    waiting, seen = [point], {point}
    while waiting:
        name = waiting.pop()
        further = [each for each in inputs.get(name, ()) if each not in seen]
        seen.update(further)
        waiting += reversed(further)
        if not inputs.get(name):
            measured.append(name)
    return measured
