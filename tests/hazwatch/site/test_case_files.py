"""One mistake of a case file hides no other mistake of the file, and each is named with what to write instead."""

from pathlib import Path

import pytest

from hazwatch.site.case_files import CaseFileError, read_cases
from rules import CaseBench
from tests.rules.play import limit, point, rule_set
from tests.sites import MINE


def test_every_mistake_of_an_expected_event_is_named(tmp_path: Path) -> None:
    bench = CaseBench(rule_set(points=(point("T1"),), limits=(limit("T1.alarm"),)), MINE)
    path = tmp_path / "a.cases.toml"
    path.write_text(
        '[[case]]\nname = "a"\nseries."T1" = "0.6x5"\nexpect = [\n'
        '{ at = "5x", condition = "T1.alrm", transition = "raze" },\n'
        '{ at = 1, condition = "", transition = "clear" },\n]\n',
        encoding="utf-8",
    )
    with pytest.raises(CaseFileError) as caught:
        read_cases([path], bench)
    assert [(mistake.line, mistake.path.rpartition(".")[2]) for mistake in caught.value.mistakes] == [
        (5, "at"), (5, "condition"), (5, "transition"), (6, "at"), (6, "condition"),
    ]  # fmt: skip


CASE = (
    '[[case]]\nname = "a"\nseries."T1" = "0.6x5"\nexpect = [\n'
    '    { at = "4s", condition = "T9.alarm", transition = "raise" },\n]\n'
    '[[case]]\nname = "b"\nseries."T9" = "0.6x5"\nexpect = []\n'
)


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ('"4s", condition', '"4s"， condition', 'found the full-width "，"; write ","'),
        ('"4s", condition', '"4s"； condition', 'found ";" between values; write ","'),
        ('"4s", condition', '"4s"; condition', 'found ";" between values; write ","'),
        ('"raise" },', '"raise" };', 'found ";" between values; write ","'),
    ],
)
def test_a_separator_is_named_and_the_rest_of_the_file_is_read(old: str, new: str, advice: str, tmp_path: Path) -> None:
    bench = CaseBench(rule_set(points=(point("T1"),), limits=(limit("T1.alarm"),)), MINE)
    path = tmp_path / "a.cases.toml"
    path.write_text(CASE.replace(old, new), encoding="utf-8")
    with pytest.raises(CaseFileError) as caught:
        read_cases([path], bench)
    found = caught.value.mistakes
    assert [mistake.line for mistake in found] == [5, 5, 9]
    (separator,) = (mistake for mistake in found if mistake.path == "TOML")
    assert advice in separator.message
    assert 'write ";"' not in separator.message


def test_a_line_that_cannot_be_read_hides_no_other_mistake_and_makes_none(tmp_path: Path) -> None:
    bench = CaseBench(rule_set(points=(point("T1"),), limits=(limit("T1.alarm"),)), MINE)
    path = tmp_path / "a.cases.toml"
    path.write_text(CASE.replace('name = "a"', "name = ="), encoding="utf-8")
    with pytest.raises(CaseFileError) as caught:
        read_cases([path], bench)
    assert [mistake.line for mistake in caught.value.mistakes] == [2, 5, 9]


@pytest.mark.parametrize("header", ["[[case]", "[case]", "[[csae]]", "［［case］］", "[[case]];"])
def test_a_broken_header_is_one_mistake_and_hides_none(header: str, tmp_path: Path) -> None:
    bench = CaseBench(rule_set(points=(point("T1"),), limits=(limit("T1.alarm"),)), MINE)
    path = tmp_path / "a.cases.toml"
    path.write_text(CASE.replace("[[case]]", header, 1), encoding="utf-8")
    with pytest.raises(CaseFileError) as caught:
        read_cases([path], bench)
    assert [mistake.line for mistake in caught.value.mistakes] == [1, 5, 9]
    assert "[[case]]" in caught.value.mistakes[0].message


def test_a_table_of_an_expected_event_is_a_header(tmp_path: Path) -> None:
    bench = CaseBench(rule_set(points=(point("T1"),), limits=(limit("T1.alarm"),)), MINE)
    path = tmp_path / "a.cases.toml"
    expected = '[[case.expect]]\nat = "2s"\ncondition = "T1.alarm"\ntransition = "raise"\n'
    path.write_text(f'[[case]]\nname = "a"\nseries."T1" = "0.6x2 1.2x2"\n{expected}', encoding="utf-8")
    assert [case.case.name for case in read_cases([path], bench)] == ["a"]
