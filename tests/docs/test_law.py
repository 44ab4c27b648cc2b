"""The page about the numbers of the regulation is what the script makes of the profiles, in both languages."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest

from plant.profiles import profiles
from tests.docs.pages import DOCS, LANGUAGES, ROOT, Language, page, section, tables

NUMBERS = {"zh": "## 数值", "en": "## Numbers"}
EXAMPLES = {"zh": "## 未启用的示例", "en": "## Examples, disabled"}


@pytest.fixture(scope="module")
def law_page() -> ModuleType:
    spec = spec_from_file_location("law_page", ROOT / "scripts" / "law_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_are_as_the_profiles_are(law_page: ModuleType, language: Language) -> None:
    path = DOCS / language / "law.md"
    assert path.read_text(encoding="utf-8") == law_page.page(path, language), "run .venv/bin/python scripts/law_page.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_in_use_stands_beside_article_edition_force_and_mark(language: Language) -> None:
    (rows,) = tables(section(page("law.md", language), NUMBERS[language]))
    shipped = [
        (f"`{one.name}`", f"`{suffix}`", str(one.articles[one.templates[suffix][side]].number))
        for one in profiles().values() if not one.is_example
        for suffix, side in one.setpoints()
    ]  # fmt: skip
    assert [(row[0], row[2], row[4]) for row in rows[1:]] == shipped
    assert {row[5] for row in rows[1:]} == {"2025"}
    assert {row[7] for row in rows[1:]} == {"V"}
    assert all(re.search(r"\d", row[3]) for row in rows[1:])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_from_memory_or_an_excerpt_is_an_example(language: Language) -> None:
    (rows,) = tables(section(page("law.md", language), EXAMPLES[language]))
    assert {row[0].strip("`"): row[4] for row in rows[1:]} == {
        one.name: one.mark for one in profiles().values() if one.is_example
    }
