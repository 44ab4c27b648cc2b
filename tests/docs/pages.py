"""The pages of the documentation, taken apart: headings, tables, code blocks and lines of text."""

import re
from pathlib import Path
from typing import Final, Literal, get_args
from unicodedata import east_asian_width

Language = Literal["zh", "en"]

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
FENCES: Final = ("```", "~~~")


def names() -> list[str]:
    """Return the names of the pages that there are in any language."""
    return sorted({page.name for language in LANGUAGES for page in (DOCS / language).glob("*.md")})


def page(name: str, language: Language) -> str:
    """Return the text of a page in a language."""
    return (DOCS / language / name).read_text(encoding="utf-8")


def both(name: str) -> dict[Language, str]:
    """Return the text of a page by language."""
    return {language: page(name, language) for language in LANGUAGES}


def code_blocks(text: str) -> list[str]:
    """Return the fenced and the indented code blocks of a page, in order."""
    return ["\n".join(block) for block, is_code in _parts(text) if is_code]


def prose(text: str) -> list[str]:
    """Return the lines of a page outside of code blocks and tables."""
    return [line for part, is_code in _parts(text) if not is_code for line in part if not line.startswith("|")]


def headings(text: str) -> list[tuple[int, str]]:
    """Return the headings of a page: level and text."""
    found = (re.match(r"(#+) (.*)", line) for line in prose(text))
    return [(len(heading[1]), heading[2]) for heading in found if heading]


def tables(text: str) -> list[list[list[str]]]:
    """Return the tables of a page: rows of cells, the first row being the names of the columns."""
    lines = "\n".join(line for part, is_code in _parts(text) if not is_code for line in part)
    return [
        [_cells(row) for row in table[0].splitlines() if "|---" not in row]
        for table in re.finditer(r"(?:^\|.*\n?)+", lines, re.MULTILINE)
    ]


def section(text: str, heading: str) -> str:
    """Return what stands below a heading (`## Options`), up to the next heading of any level."""
    return re.split(r"^#", text.split(f"\n{heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def width(line: str) -> int:
    """Return how many columns a line takes: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


def anchors(text: str) -> set[str]:
    """Return the anchors that the headings of a page make."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for _, heading in headings(text)}


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip()[1:-1])]


def _parts(text: str) -> list[tuple[list[str], bool]]:
    """Cut a page into runs of lines, each with whether it is a code block."""
    parts: list[tuple[list[str], bool]] = [([], False)]
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        end = _end_of_code(lines, number)
        if end > number:
            parts += [(lines[number:end], True), ([], False)]
            number = end
        else:
            parts[-1][0].append(lines[number])
            number += 1
    return parts


def _end_of_code(lines: list[str], begin: int) -> int:
    """Return the line after the code block that begins at a line; that line itself where none begins."""
    fence = lines[begin][:3]
    if fence in FENCES:
        return next(end for end in range(begin + 1, len(lines)) if lines[end].startswith(fence)) + 1
    if not lines[begin].startswith("    ") or (begin > 0 and lines[begin - 1].strip()):
        return begin
    end = begin
    while end < len(lines) and lines[end].startswith("    "):
        end += 1
    return end
