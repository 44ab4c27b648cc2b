"""A value that is kept as a text is the value, and nothing reads it before somebody asks."""

import pytest
from pydantic import TypeAdapter, ValidationError

from alarms.kept_texts import KeptTexts

PAIR = TypeAdapter(tuple[int, str])


def resumed() -> KeptTexts[tuple[int, str]]:
    kept = KeptTexts(PAIR)
    kept.resume([("a", '[1,"甲"]'), ("b", "[2,"), ("c", '[3,"丙"]')])
    return kept


def test_a_text_is_read_when_it_is_asked_for_and_not_before() -> None:
    kept = resumed()
    assert (len(kept), list(kept), "b" in kept) == (3, ["a", "b", "c"], True)
    assert (kept["a"], kept["c"]) == ((1, "甲"), (3, "丙"))
    with pytest.raises(ValidationError):
        kept["b"]


def test_a_value_has_the_text_that_it_came_from_and_keeps_its_place() -> None:
    kept = resumed()
    before = kept.texts()
    kept["a"] = kept["a"]
    assert kept.texts() == before
    kept["b"] = (2, "乙")
    assert kept.texts() == (before[0], ("b", '[2,"乙"]'), before[2])


def test_values_and_their_texts_are_equal() -> None:
    made = KeptTexts(PAIR)
    made["a"] = (1, "甲")
    kept = resumed()
    del kept["b"], kept["c"]
    assert kept == made
    assert kept.texts() == made.texts()
