"""docs/profiles.md says what the profiles say, place by place."""

import re
from pathlib import Path

import pytest

from plant.profiles import Profile, profiles

PAGE = (Path(__file__).parents[2] / "docs/profiles.md").read_text(encoding="utf-8")
SIGNS = {"high": "≥", "low": "≤", "above": ">", "below": "<"}
OUT = {"high": "<", "low": ">", "above": "≤", "below": "≥"}


def limits_of(one: Profile) -> str:
    """Write the numbers of a profile, `alarm` ≥ 1.0, `cut` ≥ 1.5 until < 1.0, in its unit."""
    found = []
    for suffix, template in one.templates.items():
        for side, sign in SIGNS.items():
            if (number := one.numbers.get(template.get(side, ""))) is not None:
                clear = one.numbers.get(template.get("clear", ""), number)
                until = "" if clear == number else f", {OUT[side]} {clear:g}"
                found.append(f"`{suffix}` {sign} {number:g}{until}")
    return "; ".join(found)


def row_of(one: Profile) -> str:
    """Return the line of the page on a profile."""
    scope = f"{one.texts['scope']} / {one.texts['scope_en']}" if "scope" in one.texts else ""
    note = f"{one.example} / {one.example_en}" if one.example else scope
    return f"| `{one.name}` | {one.place} / {one.place_en} | {limits_of(one)} | {number_of(one.basis)} | {note} |"


def number_of(basis: str) -> str:
    """Shorten what the heading of the page says already."""
    return basis.removeprefix("煤矿安全规程(2025) ")


@pytest.mark.parametrize("one", profiles().values(), ids=lambda one: one.name)
def test_every_profile_is_on_the_page_as_it_is(one: Profile) -> None:
    assert row_of(one) in PAGE.splitlines()


def test_the_page_has_no_other_profiles_and_examples_come_last() -> None:
    named = re.findall(r"^\| `([a-z0-9]+\.[a-z0-9-]+)` \|", PAGE, re.MULTILINE)
    assert sorted(named) == sorted(profiles())
    examples = [bool(profiles()[name].example) for name in named]
    assert examples == sorted(examples)


def test_the_page_says_which_quantity_and_unit_a_profile_is_for() -> None:
    for one in profiles().values():
        assert f'`quantity = "{one.quantities[0]}"`, `unit = "{one.units[0]}"`' in PAGE, one.name
