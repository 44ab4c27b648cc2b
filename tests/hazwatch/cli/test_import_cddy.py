"""`hazwatch import cddy` makes a site file that passes `check` once its marks are filled in, and replaces no file."""

from pathlib import Path

import pytest

from hazwatch.cli.main import main
from hazwatch.site.config import load
from hazwatch.words.fill_in import FILL_IN

HEADER = "140522001;示范煤矿;KJ90;安全监控;厂家;2027-01-01;2026-05-01 08:00:00~"


def record(code: str, kind: str, span: str, limits: str) -> str:
    return f"{code};01;001;甲烷;{kind};%;{span};{limits};有;无;3101 工作面;1;2;3;;2026-05-01 08:00:00~"


CDDY = "".join((
    HEADER,
    record("MN-1", "MN", "4;0", "1.0;0.9;-0.01;-0.01;1.5;1.0;-0.01;-0.01"),
    record("MN-2", "MN", "-0.01;-0.01", "-0.01;;0.2;0.1;;;;"),
    record("KG-1", "KG", ";", "1;0;-0.01;-0.01;-0.01;-0.01;-0.01;-0.01"),
    record("MN-1", "MN", "4;0", "2;2;;;;;;"),
    "MN-3;01~",
    record("MN-4", "MN", "4;0", "x;1;;;;;;"),
    "||",
))  # fmt: skip


def imported(folder: Path, text: str = CDDY, name: str = "140522001_CDDY_20260501080000.txt") -> int:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return main(["import", "cddy", str(file), "--out", str(folder / "new")])


def test_the_site_file_has_points_and_limits_and_passes_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path) == 0
    said = capsys.readouterr().out
    site = tmp_path / "new" / "site.toml"
    text = site.read_text(encoding="utf-8")
    for key, value in (("name", "瓦斯"), ("kind", "gas"), ("grade", "II")):
        text = text.replace(f'{key} = "{FILL_IN}"', f'{key} = "{value}"')
    site.write_text(text, encoding="utf-8")
    config = load(site)
    assert (config.site.id, config.site.name) == ("140522001", "示范煤矿")
    assert config.points.ids == ("MN-1", "MN-2", "KG-1", "MN-4")
    assert config.points["MN-1"].range == (0.0, 4.0)
    assert config.points["MN-2"].range is None
    assert config.points["MN-1"].address == "type=CDSS;code=MN-1;unit=%"
    limits = {limit.id: (limit.high, limit.low, limit.clear) for limit in config.rules.limits}
    assert limits == {
        "MN-1.high_alarm": (1.0, None, 0.9),
        "MN-1.high_cut": (1.5, None, 1.0),
        # The clear value of the file is below a low limit; the setpoint takes its place.
        "MN-2.low_alarm": (None, 0.2, 0.2),
    }
    for remark in ("MN-2: low_alarm_clear", "limits of the value type KG", "record 5", "record 6", "MN-4: high_alarm"):
        assert remark in said
        assert remark in text


def test_files_that_are_there_stay_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new").mkdir()
    table = tmp_path / "new" / "points.csv"
    table.write_text("mine", encoding="utf-8")
    assert imported(tmp_path) == 1
    assert "--out" in capsys.readouterr().err
    assert table.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "new" / "site.toml").exists()


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("", "a.txt", "the header"),
        ("140522001;x~||", "a.txt", "expected 7 fields"),
        (HEADER, "140522001_CDSS_20260501080000.txt", "expected CDDY"),
    ],
)
def test_another_file_is_refused(
    text: str, name: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, text, name) == 1
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_missing_file_and_an_unknown_table_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "cddy", str(tmp_path / "none.txt")]) == 1
    assert imported(tmp_path) == 0
    assert main(["import", "cddy", str(tmp_path), "--dialect", "moon", "--out", str(tmp_path / "b")]) == 1
    assert "moon" in capsys.readouterr().err
