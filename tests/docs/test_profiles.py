"""The page about profiles lists the profiles place by place, in both languages."""

import re

import pytest

from plant.profiles import Profile, profiles
from tests.docs.pages import LANGUAGES, Language, both, page

SIGNS = {"high": "≥", "low": "≤", "above": ">", "below": "<"}
OUT = {"high": "<", "low": ">", "above": "≤", "below": "≥"}
REGULATION = {"zh": "煤矿安全规程(2025) ", "en": "Coal Mine Safety Regulations (2025), "}
"""What the page says once, and not in every row."""


def limits_of(profile: Profile) -> str:
    """Write the numbers of a profile, `alarm` ≥ 1.0, `cut` ≥ 1.5 until < 1.0, in its unit."""
    limits = []
    for suffix, template in profile.templates.items():
        for side, sign in SIGNS.items():
            if (number := profile.numbers.get(template.get(side, ""))) is not None:
                clear = profile.numbers.get(template.get("clear", ""), number)
                until = "" if clear == number else f", {OUT[side]} {clear:g}"
                limits.append(f"`{suffix}` {sign} {number:g}{until}")
    return "; ".join(limits)


def row_of(profile: Profile, language: Language) -> str:
    """Return the line of the page about a profile."""
    chinese = language == "zh"
    place, basis = (profile.place, profile.basis) if chinese else (profile.place_en, profile.basis_en)
    example = profile.example if chinese else profile.example_en
    note = example or profile.texts.get("scope" if chinese else "scope_en", "")
    return (
        f"| `{profile.name}` | {place} | {limits_of(profile)} | {basis.removeprefix(REGULATION[language])} | {note} |"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("profile", profiles().values(), ids=lambda profile: profile.name)
def test_every_profile_is_on_the_page_as_it_is(profile: Profile, language: Language) -> None:
    row = row_of(profile, language)
    assert row in page("profiles.md", language).splitlines(), f"write this into docs/{language}/profiles.md:\n{row}"


@pytest.mark.parametrize("text", both("profiles.md").values(), ids=LANGUAGES)
def test_the_page_has_no_other_profiles_and_examples_come_last(text: str) -> None:
    named = re.findall(r"^\| `([a-z0-9]+\.[a-z0-9-]+)` \|", text, re.MULTILINE)
    assert sorted(named) == sorted(profiles())
    examples = [bool(profiles()[name].example) for name in named]
    assert examples == sorted(examples)


@pytest.mark.parametrize("text", both("profiles.md").values(), ids=LANGUAGES)
def test_the_page_says_which_quantity_and_unit_a_profile_is_for(text: str) -> None:
    for profile in profiles().values():
        assert f'`quantity = "{profile.quantities[0]}"`, `unit = "{profile.units[0]}"`' in text, profile.name
