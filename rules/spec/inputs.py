"""The units of the inputs of an expression: they are converted into those that it names, and mistakes are found."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from plant import Message, Point
from plant.units import MeasuringUnit, conversion, measuring_unit, names_of
from rules.spec import operations as code
from rules.spec.expression import Operation, parse_expression

BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
"""A key of TOML that needs no quotes."""


def code_of(point: Point, by_id: Mapping[str, Point]) -> tuple[Operation, ...]:
    """Return the code of the expression of a calculated point, which converts its inputs into the units it names."""
    return tuple(
        step
        for operation in parse_expression(point.expression or "")
        for step in _converted(operation, point.inputs or {}, by_id)
    )


def _converted(operation: Operation, units: Mapping[str, str], by_id: Mapping[str, Point]) -> Iterator[Operation]:
    yield operation
    if operation.operation != code.INPUT or operation.point not in units:
        return
    factor, offset = conversion(by_id[operation.point].unit, units[operation.point]) or (Fraction(1), Fraction(0))
    # A division by 10000 is rounded once; a product with 0.0001, which is no float64, would be rounded twice.
    steps = ((factor.numerator, code.MULTIPLY), (factor.denominator, code.DIVIDE), (offset, code.ADD))
    for number, step in steps:
        if number != (0 if step == code.ADD else 1):
            yield Operation(code.CONSTANT, number=float(number))
            yield Operation(step)


def unit_problems(point: Point, names: Sequence[str], by_id: Mapping[str, Point]) -> Iterator[tuple[str, Message]]:
    """Yield the mistakes in the units of the points in an expression, each with the key at which it is."""
    if point.inputs is None:
        yield from _mixed([by_id[name] for name in names if name in by_id])
        return
    for name in point.inputs:
        if name not in names:
            message = Message('"{point}" is not in the expression; expected {inputs}', point=name, inputs=tuple(names))
            yield "inputs", message
    for name in names:
        if name not in point.inputs:
            message = Message('expected the unit of every point in the expression; "{point}" is missing', point=name)
            yield "inputs", message
        elif name in by_id:
            yield from (("inputs", message) for message in _misfit(by_id[name], point.inputs[name]))


def _misfit(point: Point, named: str) -> Iterator[Message]:
    if conversion(point.unit, named) is not None:
        return
    if not point.unit:
        yield Message('"{point}" has no unit; expected unit = "{unit}" at this [[point]]', point=point.id, unit=named)
        return
    unit = measuring_unit(point.unit)
    yield Message(
        '"{point}" is in "{unit}", which does not convert into "{named}"; expected one of {units}',
        point=point.id,
        unit=point.unit,
        named=named,
        units=(point.unit,) if unit is None else names_of(unit.kind),
    )


def _mixed(points: Sequence[Point]) -> Iterator[tuple[str, Message]]:
    """Yield the mistake that a formula without `inputs` has units of which nobody knows whether they fit together."""
    known = [(point, unit) for point in points if (unit := measuring_unit(point.unit)) is not None]
    unknown = [point for point in points if measuring_unit(point.unit) is None and not _is_contact(point)]
    pairs = (
        (point, other) for number, (point, of) in enumerate(known) for other, unit in known[number + 1 :]
        if of.kind == unit.kind and of != unit
    )  # fmt: skip
    pair = next(pairs, None)
    if pair is not None:
        yield "expression", _several(*pair, points)
    elif known and unknown:
        yield "expression", _unknown(unknown[0], known[0][0], points)


def _is_contact(point: Point) -> bool:
    """Whether a point has the values 0 and 1 alone, which no unit could change."""
    return not point.unit and point.range == (0.0, 1.0) and point.resolution == 1.0


def _several(point: Point, other: Point, points: Sequence[Point]) -> Message:
    return Message(
        '"{point}" is in "{unit}" and "{other}" in "{other_unit}"; expected the units in which the formula takes its '
        "points: {inputs} converts them; or, if the formula itself converts them, as with a factor of 0.0001, {own}",
        **_pair(point, other),
        unit=point.unit,
        inputs=_written_inputs(points, _largest(points)),
        own=_written_inputs(points, {}),
    )


def _unknown(point: Point, known: Point, points: Sequence[Point]) -> Message:
    inputs = _written_inputs(points, {})
    if not point.unit:
        return Message(
            '"{point}" has no unit and "{other}" is in "{other_unit}"; expected its unit at its [[point]], or, if '
            "it is a number without unit, {inputs}",
            **_pair(point, known),
            inputs=inputs,
        )
    return Message(
        '"{point}" is in "{unit}", which is no known unit, and "{other}" in "{other_unit}"; expected a known unit, or, '
        "if the formula takes it so, {inputs}",
        **_pair(point, known),
        unit=point.unit,
        inputs=inputs,
    )


def _pair(point: Point, other: Point) -> dict[str, str]:
    """Return what every message about the units of two points names."""
    return {"point": point.id, "other": other.id, "other_unit": other.unit}


def _largest(points: Sequence[Point]) -> dict[str, str]:
    """Return the spelling of the largest unit of each kind."""
    largest: dict[str, tuple[MeasuringUnit, str]] = {}
    for point in points:
        unit = measuring_unit(point.unit)
        if unit is not None and (unit.kind not in largest or unit.factor > largest[unit.kind][0].factor):
            largest[unit.kind] = (unit, point.unit)
    return {kind: name for kind, (_, name) in largest.items()}


def _written_inputs(points: Sequence[Point], units: Mapping[str, str]) -> str:
    """Return a table `inputs` with a unit for each kind; a point of another kind has its own unit."""
    kinds = ((point, measuring_unit(point.unit)) for point in points)
    names = [point.unit if unit is None else units.get(unit.kind, point.unit) for point, unit in kinds]
    keys = [point.id if BARE.fullmatch(point.id) else json.dumps(point.id, ensure_ascii=False) for point in points]
    pairs = [f"{key} = {json.dumps(name, ensure_ascii=False)}" for key, name in zip(keys, names, strict=True)]
    return f"inputs = {{ {', '.join(pairs)} }}"
