"""The pages of bounds hold every bound of the product with its number, and no other."""

import re

import pytest

import plant.bounds
from tests.docs.pages import LANGUAGES, ROOT

ROW = re.compile(r"^\| `([A-Z_]+)` \|[^|]+\| ([\d,]+) \|[^|]+\|$", re.MULTILINE)
UNIT = {"MEBI"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_bound_is_documented_with_its_number(language: str) -> None:
    text = (ROOT / "docs" / language / "bounds.md").read_text(encoding="utf-8")
    documented = {name: int(number.replace(",", "")) for name, number in ROW.findall(text)}
    bounds = {name: value for name, value in vars(plant.bounds).items() if name.isupper() and name not in UNIT}
    assert documented == bounds
