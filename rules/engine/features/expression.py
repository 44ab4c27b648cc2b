"""Calculated points: the value of an expression of other points, from its code (see rules/spec/expression.py)."""

import math
from typing import Final

from plant.quality import BAD
from rules.engine.compiled import compiled
from rules.engine.memory.machine import Machine
from rules.spec.operations import (
    ABSOLUTE,
    ADD,
    CONSTANT,
    EQUAL,
    GREATER,
    GREATER_EQUAL,
    INPUT,
    LESS,
    LESS_EQUAL,
    LOGARITHM,
    MINIMUM,
    MULTIPLY,
    NEGATE,
    SQUARE_ROOT,
    SUBTRACT,
    WHERE,
)

LARGEST_EXPONENT: Final = 709.78


@compiled
def recompute(m: Machine, p: int) -> tuple[float, int]:
    """Return value and quality of a calculated point, from the latest evidence of its inputs.

    The quality is the worst of the inputs; one that is in doubt, or has had no evidence, makes it BAD.
    """
    links = m.point_links[m.point_config[p]["links"]]
    quality = 0
    for place in range(links["inputs"], links["inputs_end"]):
        point = m.point[m.graph[place]]
        quality = max(quality, point["quality"])
        if point["in_doubt"] or math.isnan(point["evidence"]):
            quality = BAD
    return _run(m, links["code"], links["code_end"]), quality


@compiled
def _run(m: Machine, begin: int, end: int) -> float:
    depth = 0
    for step in range(begin, end):
        operation = m.code[step]["operation"]
        if operation == CONSTANT:
            m.stack[depth] = m.code[step]["number"]
            depth += 1
        elif operation == INPUT:
            m.stack[depth] = m.point[m.code[step]["point"]]["evidence"]
            depth += 1
        elif operation == NEGATE or operation >= ABSOLUTE:
            if operation == WHERE:
                depth -= 2
                m.stack[depth - 1] = m.stack[depth] if m.stack[depth - 1] != 0.0 else m.stack[depth + 1]
            else:
                m.stack[depth - 1] = _of_one(operation, m.stack[depth - 1])
        else:
            depth -= 1
            m.stack[depth - 1] = _of_two(operation, m.stack[depth - 1], m.stack[depth])
    return float(m.stack[0])


@compiled
def _of_one(operation: int, a: float) -> float:
    if operation == NEGATE:
        return -a
    if operation == ABSOLUTE:
        return abs(a)
    if operation == SQUARE_ROOT:
        return math.sqrt(a) if a >= 0.0 else math.nan
    if operation == LOGARITHM:
        return math.log(a) if a > 0.0 else (-math.inf if a == 0.0 else math.nan)
    return math.exp(a) if a < LARGEST_EXPONENT or math.isnan(a) else math.inf


@compiled
def _of_two(operation: int, a: float, b: float) -> float:
    if operation < LESS:
        return _arithmetic(operation, a, b)
    if operation >= MINIMUM:
        if math.isnan(a) or math.isnan(b):
            return math.nan
        return min(a, b) if operation == MINIMUM else max(a, b)
    return 1.0 if _compares(operation, a, b) else 0.0


@compiled
def _compares(operation: int, a: float, b: float) -> bool:
    if operation == LESS:
        return a < b
    if operation == LESS_EQUAL:
        return a <= b
    if operation == GREATER:
        return a > b
    if operation == GREATER_EQUAL:
        return a >= b
    return a == b if operation == EQUAL else a != b


@compiled
def _arithmetic(operation: int, a: float, b: float) -> float:
    if operation == ADD:
        return a + b
    if operation == SUBTRACT:
        return a - b
    if operation == MULTIPLY:
        return a * b
    return _divide(a, b)


@compiled
def _divide(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    return math.nan if a == 0.0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)
