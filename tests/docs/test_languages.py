"""Every page is there in Chinese and in English, and both have the same headings, tables and code."""

import re

import pytest

from tests.docs.pages import (
    DOCS,
    LANGUAGES,
    ROOT,
    Language,
    both,
    code_blocks,
    headings,
    names,
    page,
    prose,
    tables,
    width,
)

LONGEST = 160
"""Of a line of text. [columns]"""
FULL_WIDTH = re.compile("[，。；：？！（）“”、《》]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]|[\u4e00-\u9fff]\.(?:\s|$)|[,;] ?[\u4e00-\u9fff]")
QUOTED = re.compile(r"`[^`]*`|\]\([^)]*\)|[\u4e00-\u9fff（）]+")
ALONE = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((DOCS / "decisions").glob("*.md")),
]


@pytest.mark.parametrize("name", names())
def test_a_page_is_there_in_both_languages(name: str) -> None:
    assert [language for language in LANGUAGES if not (DOCS / language / name).exists()] == []


def test_no_page_stands_outside_of_a_language() -> None:
    assert [file.name for file in DOCS.glob("*.md")] == []


@pytest.mark.parametrize("name", names())
def test_headings_have_the_same_number_and_levels(name: str) -> None:
    levels = [[level for level, _ in headings(text)] for text in both(name).values()]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("name", names())
def test_tables_have_the_same_rows_and_columns(name: str) -> None:
    shapes = [[[len(row) for row in table] for table in tables(text)] for text in both(name).values()]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", names())
def test_code_blocks_are_the_same(name: str) -> None:
    chinese, english = (code_blocks(text) for text in both(name).values())
    assert chinese == english


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", names())
def test_no_line_of_text_is_too_long_to_be_read(name: str, language: Language) -> None:
    assert [line for line in prose(page(name, language)) if width(line) > LONGEST] == []


@pytest.mark.parametrize("name", names())
def test_english_sentences_have_no_chinese_punctuation(name: str) -> None:
    cells = [cell for table in tables(page(name, "en")) for row in table for cell in row]
    lines = [QUOTED.sub("", line) for line in (*prose(page(name, "en")), *cells)]
    assert [line for line in lines if FULL_WIDTH.search(line)] == []


@pytest.mark.parametrize("name", names())
def test_chinese_sentences_have_no_english_punctuation(name: str) -> None:
    lines = [re.sub(r"`[^`]*`|\]\([^)]*\)", "`", line) for line in prose(page(name, "zh"))]
    assert [line for line in lines if HALF_WIDTH.search(line)] == []


@pytest.mark.parametrize("file", [file for file in ALONE if file.exists()], ids=lambda file: file.name)
def test_pages_in_one_file_have_no_line_that_is_too_long(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [line for line in prose(text) if width(line) > LONGEST] == []
