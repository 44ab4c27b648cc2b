"""Operations of the code of a calculated point, as numbers for the compiled engine: they work on a stack."""

(
    CONSTANT, INPUT, NEGATE, ADD, SUBTRACT, MULTIPLY, DIVIDE, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL,
    NOT_EQUAL, MINIMUM, MAXIMUM, ABSOLUTE, SQUARE_ROOT, LOGARITHM, EXPONENTIAL, WHERE,
) = range(20)  # fmt: skip
# The engine tells kinds of operations apart by comparing numbers: up to DIVIDE arithmetic, up to NOT_EQUAL comparisons,
# then MINIMUM and MAXIMUM; from ABSOLUTE on, functions of one number, and WHERE as the last.
