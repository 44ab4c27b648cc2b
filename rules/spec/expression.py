"""Parses expressions of calculated points into code for a stack machine."""

import ast
import sys
import warnings
from dataclasses import dataclass
from typing import Final

from plant import Message, message_of
from plant.bounds import DEEPEST_EXPRESSION, LONGEST_EXPRESSION, shown
from rules.spec import operations as code

# The grammar is a subset of Python's, so Python's own parser reads it; `_code` admits only the nodes listed here.
BINARY: Final[dict[type[ast.operator], int]] = {
    ast.Add: code.ADD,
    ast.Sub: code.SUBTRACT,
    ast.Mult: code.MULTIPLY,
    ast.Div: code.DIVIDE,
}
COMPARISONS: Final[dict[type[ast.cmpop], int]] = {
    ast.Lt: code.LESS,
    ast.LtE: code.LESS_EQUAL,
    ast.Gt: code.GREATER,
    ast.GtE: code.GREATER_EQUAL,
    ast.Eq: code.EQUAL,
    ast.NotEq: code.NOT_EQUAL,
}
OF_ONE: Final = {
    "abs": code.ABSOLUTE,
    "sqrt": code.SQUARE_ROOT,
    "log": code.LOGARITHM,
    "exp": code.EXPONENTIAL,
}
OF_SOME: Final = {"min": code.MINIMUM, "max": code.MAXIMUM}
GRAMMAR: Final = Message(
    "expected numbers, nan, point ids (in quotes where they are no plain names), + - * /, < <= > >= == !=, "
    "min, max, abs, sqrt, log, exp, where(condition, then, otherwise)"
)


TOO_DEEP_EXPRESSION: Final = Message("nested more than {most} deep", most=DEEPEST_EXPRESSION)
LARGEST_NUMBER: Final = sys.float_info.max


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of the code: a constant, an input by its id, or an operation on the stack."""

    operation: int
    number: float = 0.0
    point: str = ""


class ExpressionError(ValueError):
    """The expression is not in the grammar."""


def parse_expression(text: str) -> tuple[Operation, ...]:
    """Return the code of an expression.

    Raises
    ------
    ExpressionError
        The expression is not in the grammar; the message states the grammar.

    """
    try:
        return _code(_parsed(text.strip()), DEEPEST_EXPRESSION)
    except ExpressionError as error:
        raise ExpressionError(Message("{problem}; {grammar}", problem=message_of(error), grammar=GRAMMAR)) from None


def _parsed(text: str) -> ast.expr:
    if len(text) > LONGEST_EXPRESSION:
        raise ExpressionError(Message("longer than {most} characters", most=LONGEST_EXPRESSION))
    # A deeply nested expression exhausts the parser's stack or the interpreter's. ValueError: a null character.
    try:
        # Python warns of what it will refuse one day (`1or 2`): that is not in the grammar today.
        with warnings.catch_warnings(action="error"):
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, Warning):
        raise ExpressionError(Message("invalid syntax")) from None
    except (RecursionError, MemoryError):
        raise ExpressionError(TOO_DEEP_EXPRESSION) from None


def inputs_of(operations: tuple[Operation, ...]) -> tuple[str, ...]:
    """Return the ids of the points in an expression, in order and without duplicates."""
    return tuple(dict.fromkeys(step.point for step in operations if step.operation == code.INPUT))


def depth_of(operations: tuple[Operation, ...]) -> int:
    """Return the largest number of values on the stack."""
    # Constants and inputs push one value. WHERE takes three and pushes one; operations of two values take two and push
    # one; NEGATE and functions of one value change the top.
    depth = most = 0
    for step in operations:
        if step.operation in (code.CONSTANT, code.INPUT):
            depth += 1
        elif step.operation == code.WHERE:
            depth -= 2
        elif step.operation != code.NEGATE and step.operation < code.ABSOLUTE:
            depth -= 1
        most = max(most, depth)
    return most


def _code(node: ast.expr, room: int) -> tuple[Operation, ...]:
    """Return the code of a node; `room` is how deep it may be."""
    if not room:
        raise ExpressionError(TOO_DEEP_EXPRESSION)
    room -= 1
    match node:
        case ast.Constant() | ast.Name() | ast.Attribute():
            return (_operand(node),)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return (*_code(operand, room), Operation(code.NEGATE))
        case ast.BinOp() if type(node.op) in BINARY:
            return _chain(node, room)
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in COMPARISONS:
            return (*_code(left, room), *_code(right, room), Operation(COMPARISONS[type(operator)]))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, [_code(argument, room) for argument in arguments])
    raise ExpressionError(Message('"{text}" is not in the grammar', text=_quoted(node)))


def _chain(node: ast.expr, room: int) -> tuple[Operation, ...]:
    """Return the code of a + b + c ...: it may be long, and is deep in the tree alone."""
    terms: list[tuple[ast.expr, int]] = []
    while isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        terms.append((node.right, BINARY[type(node.op)]))
        node = node.left
    steps = [*_code(node, room)]
    for term, operation in reversed(terms):
        steps += (*_code(term, room), Operation(operation))
    return tuple(steps)


def _quoted(node: ast.expr) -> str:
    try:
        return shown(ast.unparse(node))
    except RecursionError:
        return "..."


def _operand(node: ast.expr) -> Operation:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if not abs(number) <= LARGEST_NUMBER:
                raise ExpressionError(Message("a number beyond 1.8e308"))
            return Operation(code.CONSTANT, number=float(number))
        case ast.Name(id="nan"):
            return Operation(code.CONSTANT, number=float("nan"))
    return Operation(code.INPUT, point=_id(node))


def _id(node: ast.expr) -> str:
    match node:
        case ast.Attribute(value=value, attr=name):
            return f"{_id(value)}.{name}"
        case ast.Name(id=name) | ast.Constant(value=str(name)):
            return name
    raise ExpressionError(Message('"{text}" is not a point id', text=_quoted(node)))


def _call(name: str, arguments: list[tuple[Operation, ...]]) -> tuple[Operation, ...]:
    steps = [step for argument in arguments for step in argument]
    if name in OF_ONE and len(arguments) == 1:
        return (*steps, Operation(OF_ONE[name]))
    if name in OF_SOME and len(arguments) >= 2:
        return (*steps, *[Operation(OF_SOME[name])] * (len(arguments) - 1))
    if name == "where" and len(arguments) == 3:
        return (*steps, Operation(code.WHERE))
    raise ExpressionError(
        Message('"{name}" with {count} arguments is not in the grammar', name=name, count=len(arguments))
    )
