"""A file that is too large, nested too deeply, or no file at all is refused at once, with what to write instead."""

import os
from pathlib import Path

import pytest

from hazwatch.site.bounded import read_text, read_toml
from hazwatch.site.config import ConfigError, load
from plant.bounds import DEEPEST, LARGEST_FILE, MOST_MISTAKES
from tests.sites import HEAD


def refusal(path: Path) -> str:
    with pytest.raises((OSError, ValueError)) as caught:
        read_text(path)
    return str(caught.value)


def test_a_pipe_a_device_and_a_folder_are_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "site.toml"
    os.mkfifo(pipe)
    assert "found a pipe" in refusal(pipe)
    assert "found a pipe" in refusal(Path("/dev/zero"))
    assert "Is a directory" in refusal(tmp_path)


def test_a_name_with_a_null_character_is_refused() -> None:
    assert "null character" in refusal(Path("a\0b"))


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    assert f"at most {LARGEST_FILE} bytes" in refusal(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("a = " + "[" * 5000 + "]" * 5000, "in each other", id="lists beyond the stack"),
        pytest.param("a = " + "[" * DEEPEST + "]" * DEEPEST, "in each other", id="lists"),
        pytest.param("a." * 100_000 + "a = 1", "line 1: a key of too many names", id="a dotted key"),
        pytest.param("[" + "a." * 100_000 + "a]", "a key of too many names", id="a dotted header"),
        pytest.param("\n[t]\n" + '"a" . ' * 1000 + "a = 1", "line 3: a key of too many names", id="quoted names"),
        pytest.param("a = " + "9" * 400, "a: a number of too many digits", id="400 digits"),
        pytest.param("a = " + "9" * 5000, "a number of too many digits", id="5,000 digits"),
        pytest.param("a = [1, 0x" + "f" * 9000 + "]", "a.2: a number of too many digits", id="9,000 digits of 16"),
    ],
)
def test_toml_beyond_the_bounds_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_toml(text)


def test_lists_beyond_the_stack_are_refused_behind_another_mistake_too(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("1,2\na = " + "[" * 5000 + "]" * 5000, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert "in each other" in str(caught.value.mistakes[-1])


def test_usual_toml_is_read_as_it_is() -> None:
    assert read_toml('a.b.c = [1, {d = "e.f.g"}]') == {"a": {"b": {"c": [1, {"d": "e.f.g"}]}}}


def test_mistakes_beyond_the_bound_are_not_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(HEAD + "[[point]]\n" * (MOST_MISTAKES // 2), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path)
    *mistakes, last = caught.value.mistakes
    assert MOST_MISTAKES < len(mistakes) < MOST_MISTAKES + 10
    assert "further mistakes are not looked for" in str(last)


def test_each_of_many_mistakes_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(HEAD + "[[limit]]\nid = 1\nwrong = 2\n" * 1000, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path)
    begin = HEAD.count("\n") + 1
    lines = {mistake.line for mistake in caught.value.mistakes if "unknown key" in mistake.message}
    assert lines == {begin + 2 + 3 * number for number in range(1000)}
