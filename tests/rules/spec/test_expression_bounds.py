"""An expression of any text is code or an error that names the grammar; what is too long or too deep is an error."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plant.bounds import DEEPEST_EXPRESSION, LONGEST_EXPRESSION
from rules.spec.expression import ExpressionError, parse_expression


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("T1 + " + "9" * 400, "a number beyond 1.8e308", id="400 digits"),
        pytest.param("T1 + " + "9" * 5000, "invalid syntax", id="5,000 digits"),
        pytest.param("T1 + 1e400", "a number beyond 1.8e308", id="a float beyond"),
        pytest.param("(" * 190 + "T1" + ")" * 190, "", id="brackets"),
        pytest.param("-" * 900 + "T1", "nested more than", id="signs"),
        pytest.param("abs(" * DEEPEST_EXPRESSION + "T1" + ")" * DEEPEST_EXPRESSION, "nested more than", id="calls"),
        pytest.param("T1" * LONGEST_EXPRESSION, "longer than", id="too long"),
        pytest.param("T1\0", "invalid syntax", id="a null character"),
        pytest.param("T1 if 1or 2 else 3", "invalid syntax", id="what Python warns of"),
    ],
)
def test_an_expression_beyond_the_bounds_is_refused(text: str, problem: str) -> None:
    if not problem:  # brackets alone leave no trace in the tree
        assert len(parse_expression(text)) == 1
        return
    with pytest.raises(ExpressionError, match=f"{problem}.*; expected numbers"):
        parse_expression(text)


def test_a_long_sum_is_no_deep_expression() -> None:
    assert len(parse_expression(" + ".join(["T1"] * 1000))) == 1999


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("T1.()+-*/<>=,' \"nawhermix0e_\0"), max_size=60))
def test_any_text_is_an_expression_or_an_error_with_the_grammar(text: str) -> None:
    with suppress(ExpressionError):
        assert parse_expression(text)
