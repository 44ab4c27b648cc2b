"""Where a mistake of a site file stands."""

from pathlib import Path

import pytest

from hazwatch.site.site_text import Mistake, SiteText
from plant import Message

TEXT = """\
points = 5
[site]
name = "示范煤矿"

[[point]]                       # 1
id = "T1"
name = "[[point]]"

[[point]]
id = "T2"
  "range" = [0, 4]
fault.on_delay = "5"

[point.flatline]
window = "12h"
step = 3

[[limit]]
point = "T1"
"""


@pytest.mark.parametrize(
    ("table", "number", "key", "line"),
    [
        pytest.param("points", None, None, 1, id="a key before all tables"),
        pytest.param("site", None, "name", 3, id="a key of a table"),
        pytest.param("site", None, "id", 2, id="a key that is missing: its table"),
        pytest.param("point", 0, "name", 7, id="a key of the first of many"),
        pytest.param("point", 1, "id", 10, id="a key of the second"),
        pytest.param("point", 1, "range", 11, id="in quotes"),
        pytest.param("point", 1, "fault", 12, id="with a dot"),
        pytest.param("point", 1, "flatline", 14, id="a table of its own"),
        pytest.param("point", 1, "step", 9, id="the same name within another table"),
        pytest.param("limit", 0, "point", 19, id="a key named as a table"),
        pytest.param("vote", None, None, 1, id="a table that is not there"),
    ],
)
def test_a_key_is_found_in_its_table(table: str, number: int | None, key: str | None, line: int) -> None:
    assert SiteText(Path("site.toml"), TEXT).line(table, number, key) == line


def test_a_mistake_says_file_line_place_and_what_was_expected() -> None:
    text = SiteText(Path("site.toml"), TEXT)
    assert str(text.mistake("point", 1, "T2", ("fault", "on_delay"), Message("expected a duration"))) == (
        'site.toml:12: point "T2".fault.on_delay: expected a duration'
    )
    assert str(text.mistake("limit", 0, None, ("id",), Message("missing; expected a value"))) == (
        "site.toml:18: 第 1 个 limit 的 id：缺少此键，必须给出 / limit number 1.id: missing; expected a value"
    )
    assert str(text.mistake("limit", 0, None, (), Message("expected a table"))) == (
        "site.toml:18: 第 1 个 limit：应为一个表 / limit number 1: expected a table"
    )
    assert str(Mistake("site.toml", 0, "", Message("cannot be read"))) == "site.toml: cannot be read"
