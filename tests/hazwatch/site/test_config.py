"""A site file is read whole, or all of its mistakes are said."""

import random
import re
from pathlib import Path

import pytest

from hazwatch.site.config import ConfigError, load
from hazwatch.words import chinese
from tests.hazwatch.site.mistakes import mistakes

CASES = Path(__file__).parents[2] / "cases" / "config"
GOOD = (CASES / "face.good.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("site", sorted(CASES.glob("*.good.toml")), ids=lambda path: path.name)
def test_a_good_file_is_read_without_a_warning(site: Path) -> None:
    assert load(site).warnings == ()


@pytest.mark.parametrize("site", sorted(CASES.glob("*.bad.toml")), ids=lambda path: path.name)
def test_all_mistakes_are_said_at_once_with_line_place_and_what_was_expected(site: Path) -> None:
    expected = site.with_name(site.name.replace(".bad.toml", ".expected.txt")).read_text(encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(site)
    assert [str(mistake).removeprefix(f"{site}:") for mistake in caught.value.mistakes] == expected.splitlines()


def test_what_is_read_is_what_was_written() -> None:
    config = load(CASES / "face.good.toml")
    assert (config.site.name, config.site.allowance, config.historian.retention) == (
        "示范煤矿",
        2 * 10**9,
        400 * 86_400 * 10**9,
    )
    assert [source.protocol for source in config.sources] == ["opcua", "modbus"]
    assert config.arrival_timed().tolist() == [False, True]
    assert config.points_of("kj-mb") == [(1, "unit=1;holding=0;type=int16;scale=0.1")]
    assert [limit.id for limit in config.rules.limits] == ["T1.alarm", "T1.rise"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[site]", "[sight]", ["1: sight: unknown table; expected one of those in docs/en/configuration.md"]),
        ('point = "T1"\nfeature = "slope"', 'point = "T3"\nfeature = "slope"', ['no [[point]] has the id "T3"']),
        ('source = "kj-mb"', 'source = "kj"', ['no [[source]] has the id "kj"']),
        ("ns=2;s=3101.T1", "3101.T1", ['expected an OPC UA node id such as "ns=2;s=3101.T1" or']),
        ("unit=1;holding=0", "unit=999;holding=0", ["address: unit: expected 255 or less"]),
        ("high = 1.0", "high = inf", ["high: expected a number that is finite; found inf"]),
        ('window = "5m"', 'window = "0s"', ["window: expected more than 0"]),
        ("clear = 0.04", "clear = 0.04\ndeadband = 0.1", ["expected clear or deadband, not both"]),
        ('level = "yellow"\n', "", ["level: missing; expected a value"]),
        ('feature = "value"\n', "", ["feature: missing; expected a value"]),
        ('stale_after = "20s"', 'stale_after = "0s"', ['expected a duration above zero, or "never"']),
        ("[site]", 'points = "none.csv"\n[site]', ["none.csv: cannot be read"]),
        (
            'retention = "400d"',
            'retention = "1h"',
            ['historian.retention: expected whole days, "1d" or more; leave it out'],
        ),
        ('retention = "400d"', 'retention = "0s"', ['retention: expected whole days, "1d" or more; leave it out']),
        ("[site]", '[site]\ntick_period = "9ms"', ['2: site.tick_period: expected "10ms" or longer']),
        ("2025-03-01", '"2025-03-01"', ["assessed: expected a date without quotes, such as 2025-03-01"]),
        ("2025-03-01", "20250301", ["assessed: expected a date without quotes, such as 2025-03-01"]),
        ("2025-03-01", "2025-03-01T00:00:00Z", ["assessed: expected a date without quotes, such as 2025-03-01"]),
        ('id = "T1"', 'id = "T1\\n"', ['point "T1\\n".id: expected visible characters only; found \\n']),
        (
            'id = "T1.alarm"',
            'id = "T1\\u200b"',
            ['limit "T1\\u200b".id: expected visible characters only; found \\u200b'],
        ),
        (
            'name = "3101 工作面甲烷 T1"',
            'name = "3101 工作面\\u202e甲烷"',
            ['point "T1".name: expected visible characters on one line; found \\u202e'],
        ),
        ('unit = "%"', 'unit = "%\\n"', ['point "T1".unit: expected visible characters on one line; found \\n']),
        (
            'level = "yellow"\n',
            'level = "yellow"\nmessage = "1\\n2\\u0007"\n',
            [".message: expected visible characters on one line; found \\x07"],
        ),
        ('id = "kj-ua"', 'id = "kj\\tua"', ['source "kj\\tua".id: expected visible characters only; found \\t']),
        ("[0.0, 4.0]", "[0.0; 4.0]", ["TOML: cannot be read", 'found ";" between values; write ","']),
        ('level = "yellow"', "level = yellow", ['write level = "yellow"']),
        ("high = 1.0", "high = 1.0\nticket = True", ["write ticket = true"]),
        ("[site]", "points = 5\n[site]", ['1: points: expected a file name, "points.csv"']),
    ],
)
def test_one_mistake_is_said_as_it_is(old: str, new: str, message: list[str], tmp_path: Path) -> None:
    assert old in GOOD
    site = tmp_path / "site.toml"
    site.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    found = mistakes(site)
    for part in message:
        assert any(part in mistake for mistake in found), found


def test_a_reference_to_nothing_is_said_beside_another_mistake_of_its_table(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(GOOD.replace('point = "T1"\nfeature = "value"', 'point = "T9"\nfeature = "vale"'), "utf-8")
    assert any("feature" in mistake for mistake in mistakes(site))
    assert any('no [[point]] has the id "T9"' in mistake for mistake in mistakes(site))


def test_a_limit_of_a_point_with_a_mistake_is_not_said_to_refer_to_nothing(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(GOOD.replace("resolution = 0.01", "resolution = -1"), "utf-8")
    assert len(mistakes(site)) == 1


@pytest.mark.parametrize(
    ("stale_after", "warning"),
    [
        ("never", '"never": nobody will notice when the point falls silent'),
        ("10s", '"10s": a steady point looks stale; expected more than scan of its source, "10s"'),
    ],
)
def test_what_may_be_meant_but_is_doubtful_is_a_warning(stale_after: str, warning: str, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(GOOD.replace('stale_after = "20s"', f'stale_after = "{stale_after}"'), "utf-8")
    assert [(found.path, found.message) for found in load(site).warnings] == [('point "T1".stale_after', warning)]


def test_a_register_that_is_numbered_as_in_a_manual_is_a_warning(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    assert "holding=0;" in GOOD
    site.write_text(GOOD.replace("holding=0;", "holding=40001;"), "utf-8")
    (warning,) = load(site).warnings
    assert warning.message.endswith("40001 in a manual is holding=0")


def test_no_damage_to_a_file_is_anything_else_than_mistakes(tmp_path: Path) -> None:
    choose = random.Random(1)
    site = tmp_path / "site.toml"
    lines = GOOD.splitlines()
    count = 0
    for _ in range(300):
        damaged = list(lines)
        for _ in range(choose.randint(1, 4)):
            place = choose.randrange(len(damaged))
            key = damaged[place].partition("=")[0]
            value = choose.choice(["5", '"x"', "[]", "{}", "true", "[[1]]", "2025-03-01", "nan", "-1e400", '""'])
            damaged[place] = choose.choice(["", damaged[choose.randrange(len(damaged))], f"{key}= {value}"])
        site.write_text("\n".join(damaged), encoding="utf-8")
        try:
            load(site)
        except ConfigError as error:
            count += len(error.mistakes)
    assert count > 300


@pytest.mark.parametrize("text", ["x = " + "[" * 5000, "x = 1" + "0" * 6000], ids=["deep", "long"])
def test_a_file_that_no_parser_takes_is_a_mistake(tmp_path: Path, text: str) -> None:
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "site.toml")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    good = Path(__file__).parents[2] / "cases" / "config" / "face.good.toml"
    (tmp_path / "site.toml").write_text("\ufeff" + good.read_text(encoding="utf-8"), encoding="utf-8")
    assert load(tmp_path / "site.toml").site.id == "140522001"


def test_points_that_read_the_same_are_warned_of(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    twin = GOOD[GOOD.index("[[point]]") : GOOD.index("[[point]]", GOOD.index("[[point]]") + 1)]
    site.write_text(GOOD + twin.replace('id = "T1"', 'id = "T1b"'), encoding="utf-8")
    (warning,) = load(site).warnings
    assert "T1 和 T1b 读取同一数据源的同一地址" in str(warning)


def test_a_site_without_points_is_warned_of(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[site]\nid = "1"\nname = "空"\ntimezone = "Asia/Shanghai"\n', encoding="utf-8")
    (warning,) = load(site).warnings
    assert "没有测点" in str(warning)


def test_forty_kinds_of_mistakes_stand_in_one_report_in_order_and_in_both_languages() -> None:
    with pytest.raises(ConfigError) as caught:
        load(CASES / "forty-kinds.bad.toml")
    found = caught.value.mistakes
    kinds = {(re.sub(r'".*?"', "", mistake.path), mistake.message.template, mistake.message) for mistake in found}
    assert len(found) == len(kinds) == 40
    assert [mistake.line for mistake in found] == sorted(mistake.line for mistake in found)
    assert [mistake for mistake in found if chinese(mistake.message) == mistake.message] == []


@pytest.mark.parametrize("header", ["[[pointt]]", "[point]", "[[point]", "［［point］］", "[[Point]];"])
def test_a_broken_header_hides_no_mistake_of_its_table(header: str, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    wrong = GOOD.replace("resolution = 0.01", "resolution = -1", 1)
    site.write_text(wrong, encoding="utf-8")
    (resolution,) = mistakes(site)
    site.write_text(wrong.replace("[[point]]", header, 1), encoding="utf-8")
    first, second = mistakes(site)
    assert "expected [[point]]" in first
    assert second == resolution
