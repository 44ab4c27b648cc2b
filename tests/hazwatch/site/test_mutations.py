"""One run of `check` finds everything that a second run would find after what was found is mended."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hazwatch.site.mutated_files import mistakes, with_lines

ROOT = Path(__file__).parents[3]
EXAMPLES = (
    *sorted((ROOT / "examples").glob("*/*site.toml")),
    ROOT / "tests" / "cases" / "config" / "face.good.toml",
)
KEY_LINE = re.compile(r"^([\w.]+) = (.+)$")

QUICK = 50
SEEDS = [*range(QUICK), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(QUICK, 200))]

MEASURES = ("range", "resolution", "profile", "feature", "id")
"""Keys by which others are measured: nobody can say whether a number is beyond a range that is wrong itself."""
MEASURED = re.compile(r"profile|resolution|range|feature|has the id")
"""Words of a mistake that compares with a measure."""

Mutation = Callable[[str, str], str]
MUTATIONS: dict[str, Mutation] = {
    "misspelt key": lambda key, value: f"{key[0]}{key} = {value}",
    "lost line": lambda _key, _value: "#",
    "another type": lambda key, value: f"{key} = 5" if value.startswith('"') else f'{key} = "5"',
    "no value": lambda key, _value: f"{key} =",
    "another name": lambda key, value: f"{key} = {value[:-1]}x{value[-1]}" if value.endswith('"') else f"{key} = -1",
    "a huge number": lambda key, _value: f"{key} = 1e300",
    "not finite": lambda key, _value: f"{key} = nan",
    "a list": lambda key, value: f"{key} = [{value}]",
    "full-width equals": lambda key, value: f"{key} ＝ {value}",
    "full-width quotes": lambda key, value: f"{key} = {value}".replace('"', "“"),
    "semicolon": lambda key, value: f"{key} = {value};",
    "no quotes": lambda key, value: f"{key} = {value}".replace('"', ""),
    "empty": lambda key, _value: f'{key} = ""',
}
HEADER_LINE = re.compile(r"^\[+(\w+)\]+$")
HEADER_MUTATIONS: tuple[Callable[[str], str], ...] = (
    lambda header: header.replace("]", "t]", 1),
    lambda header: header.replace("[", "[x", 1) if header[1] != "[" else header.replace("[[", "[[x"),
    lambda header: header[:-2] + "]" if header.startswith("[[") else f"[{header}]",
    lambda header: header[1:-1] if header.startswith("[[") else f"[{header}]",
    lambda header: header.replace("[", "［").replace("]", "］"),
    lambda header: f"{header};",
    str.title,
    lambda _header: "#",
)


def mutated(lines: list[str], chance: random.Random) -> dict[int, str]:
    """Return some lines with mistakes, by their numbers."""
    places = [number for number, line in enumerate(lines) if KEY_LINE.match(line)]
    chosen: dict[int, str] = {}
    for number in chance.sample(places, chance.randint(2, 8)):
        key, value = KEY_LINE.match(lines[number]).groups()  # type: ignore[union-attr]
        chosen[number] = chance.choice(list(MUTATIONS.values()))(key, value)
    headers = [number for number, line in enumerate(lines) if HEADER_LINE.match(line)]
    for number in chance.sample(headers, chance.randint(0, 2)):
        chosen[number] = chance.choice(HEADER_MUTATIONS)(lines[number])
    right = set(places) - chosen.keys()
    empty = [number for number in sorted(right) if number + 1 < len(lines) and not lines[number + 1]]
    if empty and chance.random() < 0.3:
        number = chance.choice(empty)
        chosen[number + 1] = lines[number]
    return chosen


@pytest.mark.parametrize("seed", SEEDS)
def test_no_mistake_appears_that_was_there_before(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    site = EXAMPLES[seed % len(EXAMPLES)]
    lines = site.read_text(encoding="utf-8").split("\n")
    path = tmp_path / "site.toml"
    wrong = mutated(lines, chance)
    first = mistakes(path, with_lines(lines, wrong))
    # What a person sees in the report is what changes it when it is mended.
    unseen = {
        number: line
        for number, line in wrong.items()
        if mistakes(path, with_lines(lines, {n: other for n, other in wrong.items() if n != number})) == first
    }
    later = mistakes(path, with_lines(lines, unseen))
    if any(is_measure(lines[number]) for number in wrong.keys() - unseen.keys()):
        later = [mistake for mistake in later if not MEASURED.search(mistake)]
    assert later == [], first


def is_measure(line: str) -> bool:
    match = KEY_LINE.match(line)
    return match is not None and match[1] in MEASURES
