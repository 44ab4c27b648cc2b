"""Numbers of the operations in the code of a calculated point, which works on a stack."""

(
    CONSTANT, INPUT, NEGATE, ADD, SUBTRACT, MULTIPLY, DIVIDE, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL,
    NOT_EQUAL, MINIMUM, MAXIMUM, ABSOLUTE, SQUARE_ROOT, LOGARITHM, EXPONENTIAL, WHERE,
) = range(20)  # fmt: skip
# The order matters, because the engine distinguishes kinds of operations by comparing numbers: arithmetic up to DIVIDE,
# comparisons up to NOT_EQUAL, then MINIMUM and MAXIMUM, functions of one number from ABSOLUTE on, and WHERE last.
