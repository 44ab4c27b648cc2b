"""Names that lead back to themselves are found, however long the way."""

from hypothesis import given
from hypothesis import strategies as st

from rules.spec.circles import in_circles


def reached(start: str, leads_to: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(leads_to[start])
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += leads_to.get(name, [])
    return seen


NAMES = st.sampled_from("abcdefg")


@given(st.dictionaries(NAMES, st.lists(NAMES, max_size=3)))
def test_a_name_is_in_a_circle_if_it_reaches_itself(leads_to: dict[str, list[str]]) -> None:
    assert in_circles(leads_to) == {name for name in leads_to if name in reached(name, leads_to)}


def test_a_circle_may_be_longer_than_the_interpreters_stack() -> None:
    names = [str(number) for number in range(50_000)]
    leads_to = {name: [names[number - 1]] for number, name in enumerate(names)}
    assert in_circles(leads_to) == set(names)
