"""The units of the inputs of an expression: they are converted into those that it names, and mistakes are found."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final

from plant import Message, Point
from plant.units import MEASURING_UNITS, conversion
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
    unit = MEASURING_UNITS.get(point.unit)
    convertible = tuple(name for name, other in MEASURING_UNITS.items() if unit is not None and other.kind == unit.kind)
    yield Message(
        '"{point}" is in "{unit}", which does not convert into "{named}"; expected one of {units}',
        point=point.id,
        unit=point.unit,
        named=named,
        units=convertible or (point.unit,),
    )


def _mixed(points: Sequence[Point]) -> Iterator[tuple[str, Message]]:
    """Yield the mistake that the inputs of one kind have several units, and the expression names none."""
    first: dict[str, Point] = {}
    for point in points:
        unit = MEASURING_UNITS.get(point.unit)
        other = point if unit is None else first.setdefault(unit.kind, point)
        if unit is not None and MEASURING_UNITS[other.unit] != unit:
            message = Message(
                '"{point}" is in "{unit}" and "{other}" in "{other_unit}"; expected the units in which the formula '
                "takes its points, into which they are converted, such as {inputs}",
                point=other.id,
                unit=other.unit,
                other=point.id,
                other_unit=point.unit,
                inputs=_written_inputs(points),
            )
            yield "expression", message
            return


def _written_inputs(points: Sequence[Point]) -> str:
    """Return a table `inputs` with the largest unit of each kind."""
    largest: dict[str, str] = {}
    for name in (point.unit for point in points if point.unit in MEASURING_UNITS):
        unit = MEASURING_UNITS[name]
        if unit.factor > MEASURING_UNITS[largest.setdefault(unit.kind, name)].factor:
            largest[unit.kind] = name
    units = [
        largest[MEASURING_UNITS[point.unit].kind] if point.unit in MEASURING_UNITS else point.unit for point in points
    ]
    keys = [point.id if BARE.fullmatch(point.id) else json.dumps(point.id, ensure_ascii=False) for point in points]
    pairs = [f"{key} = {json.dumps(unit, ensure_ascii=False)}" for key, unit in zip(keys, units, strict=True)]
    return f"inputs = {{ {', '.join(pairs)} }}"
