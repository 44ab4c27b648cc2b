"""points.csv: the points of a mine as a table."""

from pathlib import Path

import pytest

from hazwatch.site.config import ConfigError, load
from hazwatch.site.points_csv import NUMBER_KEYS, PointTableError, columns_of, read_points
from plant import Point
from tests import sites
from tests.hazwatch.site.mistakes import mistakes

SITE = sites.text(
    'points = "points.csv"',
    sites.mine(),
    sites.gas(id="gas-3101"),
    sites.point("T0", hazard_source="gas-3101", name="手写的测点"),
    sites.limit("T1.alarm", "T1", high=1.0, level="orange"),
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    return tmp_path / "points.csv"


def refused(table: Path) -> list[str]:
    with pytest.raises(PointTableError) as caught:
        read_points(table)
    return [f"{mistake.line} {mistake.path}: {mistake.message}" for mistake in caught.value.mistakes]


def test_the_columns_are_the_keys_of_a_point() -> None:
    columns = list(columns_of(Point))
    assert {"id", "range", "fault.on_delay", "over_range.off_delay", "flatline.epsilon", "discrepancy.with"} <= {
        *columns
    }
    assert "fault" not in columns
    assert {*columns} >= NUMBER_KEYS


def test_points_of_the_table_follow_those_of_the_file(table: Path) -> None:
    table.write_text("id,hazard_source,name\nT1,gas-3101,甲烷\nT2,gas-3101,甲烷\n", encoding="utf-8")
    assert [point.id for point in load(table.with_name("site.toml")).points.points] == ["T0", "T1", "T2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_gives_the_keys_of_a_point(table: Path, encoding: str, end: str) -> None:
    lines = (
        "id,name, range ,resolution,fault.on_delay,flatline.window,flatline.epsilon",
        'T1,"甲烷, 上隅角",-40..85,0.01,5s,,',
        "T2,甲烷,,,,12h,0",
    )
    table.write_bytes((end.join(lines) + end).encode(encoding))
    assert read_points(table) == [
        (
            2,
            {
                "id": "T1",
                "name": "甲烷, 上隅角",
                "range": [-40.0, 85.0],
                "resolution": 0.01,
                "fault": {"on_delay": "5s"},
            },
        ),
        (3, {"id": "T2", "name": "甲烷", "flatline": {"window": "12h", "epsilon": 0.0}}),
    ]


def test_empty_rows_and_empty_cells_beyond_the_columns_are_nothing(table: Path) -> None:
    table.write_text("id,name\n\n,\nT1,甲烷,,\nT2\n", encoding="utf-8")
    assert read_points(table) == [(4, {"id": "T1", "name": "甲烷"}), (5, {"id": "T2"})]


def test_an_unknown_column_is_said_once(table: Path) -> None:
    table.write_text("id,adress,id,fault\n" + "T1,x,y,z\n" * 100, encoding="utf-8")
    assert refused(table) == [
        '1 first line: column "id" occurs twice',
        '1 first line: column "adress": unknown; expected keys of [[point]] in docs/en/configuration.md',
        '1 first line: column "fault": unknown; expected keys of [[point]] in docs/en/configuration.md',
    ]


def test_every_cell_that_is_no_number_is_said_with_its_line(table: Path) -> None:
    table.write_text("id,range,step\nT1,0-4,\nT2,0..4,big\nT3,0..4,1,2\n", encoding="utf-8")
    assert refused(table) == [
        "2 range: expected \"lowest..highest\", such as 0..4; found '0-4'",
        "3 step: expected a number; found 'big'",
        "4 row: expected 3 cells, as in the first line; found 4",
    ]


def test_a_mistake_in_a_row_is_in_both_languages(table: Path) -> None:
    table.write_text("id,name\nT1,甲烷,2\n", encoding="utf-8")
    with pytest.raises(PointTableError) as caught:
        read_points(table)
    assert str(caught.value) == (
        f"{table}:2: 这一行：应有 2 格，与首行相同；实际 3 格 / row: expected 2 cells, as in the first line; found 3"
    )


@pytest.mark.parametrize(
    ("encoding", "advice"),
    [
        ("gb18030", 'not UTF-8 but GBK; save it as UTF-8, in Excel as "CSV UTF-8"'),
        ("utf-16", 'not UTF-8 but UTF-16 ("Unicode" in Notepad and Excel); save it as UTF-8, in Excel "CSV UTF-8"'),
    ],
)
def test_a_file_that_is_not_utf_8_says_how_to_save_it(table: Path, encoding: str, advice: str) -> None:
    table.write_bytes("id,name\nT1,甲烷\n".encode(encoding))
    assert refused(table) == [f"0 : cannot be read: {advice}"]


ONE_QUOTED = (
    "2 step: expected a number; found '“1”'; found the full-width quotation mark “; write the straight one: \"; "
    'found the full-width quotation mark ”; write the straight one: "'
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id;name\nT1;甲烷\n", '1 row: the columns are separated by ";"; expected ","'),
        ("id,name\nT1;甲烷\n", '2 row: the columns are separated by ";"; expected ","'),
        ("sep=,\nid,name\n", '1 row: found "sep=,", which only Excel reads; delete this line'),
        ("id，name\nT1，甲烷\n", '1 row: the columns are separated by "，"; expected ","'),
        (
            "id,step\nT1,１.5\n",
            '2 step: expected a number; found \'１.5\'; found the full-width "１"; write "1"',
        ),
        (
            "id,range\nT1,0～4\n",
            "2 range: expected \"lowest..highest\", such as 0..4; found '0～4'",
        ),
        ("id,step\nT1,“1”\n", ONE_QUOTED),
        ("id,step\nT1,1_0\n", "2 step: expected a number; found '1_0'"),
    ],
)
def test_signs_of_another_keyboard_are_named(table: Path, text: str, problem: str) -> None:
    table.write_text(text, encoding="utf-8")
    assert refused(table) == [problem]


def test_columns_that_are_empty_are_nothing(table: Path) -> None:
    table.write_text("id,name,,\nT1,甲烷,,\n", encoding="utf-8")
    assert read_points(table) == [(2, {"id": "T1", "name": "甲烷"})]


@pytest.mark.parametrize("text", ["", 'id,name\nT1,"甲烷\n'])
def test_a_broken_file_is_refused(table: Path, text: str) -> None:
    table.write_text(text, encoding="utf-8")
    assert len(refused(table)) == 1


def test_a_mistake_in_a_point_names_the_line_of_its_row(table: Path) -> None:
    table.write_text(
        'id,hazard_source,name,stale_after\n\nT1,gas-3101,"两\n行",20\nT1,gas-3101,甲烷,20s\nT2,gas-9,甲烷,20s\n',
        encoding="utf-8",
    )
    assert mistakes(table.with_name("site.toml")) == [
        'points.csv:4: point "T1".name: expected visible characters on one line; found \\n',
        'points.csv:4: point "T1".stale_after: expected a duration such as "500ms", "7.5s" or "12h" '
        "(ns, us, ms, s, m, h, d)",
        'points.csv:5: point "T1".id: duplicate id; expected each once, line 4 has it',
        'points.csv:6: point "T2".hazard_source: no [[hazard_source]] has the id "gas-9"',
    ]


def test_a_row_without_an_id_is_named_by_its_line_alone(table: Path) -> None:
    table.write_text("id,hazard_source,name\nT1,gas-3101,甲烷\n,gas-3101,甲烷\n", encoding="utf-8")
    assert mistakes(table.with_name("site.toml")) == ["points.csv:3: point.id: missing; expected a value"]


def test_limits_of_a_table_that_cannot_be_read_are_not_said_to_be_wrong(table: Path) -> None:
    found = mistakes(table.with_name("site.toml"))
    assert found == ["points.csv: cannot be read: no such file or directory"]


def test_a_column_named_like_an_inner_table_is_unknown_and_hides_no_mistake_of_a_row(table: Path) -> None:
    table.write_text("id,fault,fault.on_delay,step\nT1,x,5s,much\n", encoding="utf-8")
    assert refused(table) == [
        '1 first line: column "fault": unknown; expected keys of [[point]] in docs/en/configuration.md',
        "2 step: expected a number; found 'much'",
    ]


def test_an_unknown_column_hides_no_mistake_of_a_row(table: Path) -> None:
    table.write_text("id,hazard_source,name,resolutoin,colour\nT1,gas,甲烷,-1,red\n", encoding="utf-8")
    with pytest.raises(PointTableError) as caught:
        read_points(table)
    assert [row["resolution"] for _, row in caught.value.rows] == [-1.0]
    with pytest.raises(ConfigError) as error:
        load(table.with_name("site.toml"))
    said = [str(mistake) for mistake in error.value.mistakes]
    assert any('column "colour": unknown' in mistake for mistake in said)
    assert any("points.csv:2:" in mistake and "resolution" in mistake for mistake in said), said
