"""Parses expressions of calculated points into code for a stack machine."""

import ast
from dataclasses import dataclass
from typing import Final

from plant import Message, message_of
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
    # A deeply nested expression exhausts the parser's stack or the interpreter's: it is the engineer's error, too.
    try:
        tree = ast.parse(text.strip(), mode="eval")
        return _code(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        problem = Message("invalid syntax") if isinstance(error, SyntaxError) else message_of(error)
        raise ExpressionError(Message("{problem}; {grammar}", problem=problem, grammar=GRAMMAR)) from None


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


def _code(node: ast.expr) -> tuple[Operation, ...]:
    match node:
        case ast.Constant() | ast.Name() | ast.Attribute():
            return (_operand(node),)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return (*_code(operand), Operation(code.NEGATE))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in BINARY:
            return (*_code(left), *_code(right), Operation(BINARY[type(operator)]))
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in COMPARISONS:
            return (*_code(left), *_code(right), Operation(COMPARISONS[type(operator)]))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, [_code(argument) for argument in arguments])
    raise ExpressionError(Message('"{text}" is not in the grammar', text=ast.unparse(node)))


def _operand(node: ast.expr) -> Operation:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
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
    raise ExpressionError(Message('"{text}" is not a point id', text=ast.unparse(node)))


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
