"""`check --law`: sensors that articles 537 to 542 require and a site file does not have."""

from pathlib import Path

import pytest

from hazwatch.cli.main import main
from hazwatch.site.config import load
from hazwatch.site.law.missing_sensors import missing_sensors
from tests import sites

UNITS = {"CH4": "%", "CO2": "%", "O2": "%", "CO": "ppm", "T": "℃", "V": "m/s"}


def sensor(name: str, quantity: str, profile: str | None = None, **keys: object) -> str:
    keys |= {"profile": profile} if profile else {}
    return sites.point(name, quantity=quantity, unit=UNITS.get(quantity, ""), **keys)


FACE = (sensor("T1", "CH4", "ch4.face"), sensor("T2", "CH4", "ch4.return"), sensor("T0", "CH4", "ch4.upper-corner"))
MINE = (
    sites.table("hazard_source", id="mine", name="全矿", kind="gas", grade="II"),
    sensor("D", "CH4", "ch4.district-return", hazard_source="mine"),
    sensor("R", "CH4", "ch4.total-return", hazard_source="mine"),
    sensor("V", "V", hazard_source="mine"),
    sensor("RCO", "CO", hazard_source="mine"),
    sensor("RT", "T", hazard_source="mine"),
    sensor("F", "主扇", hazard_source="mine"),
    sensor("DOOR", "风门", hazard_source="mine"),
    sensor("KD", "馈电", hazard_source="mine"),
    sites.table("interlock", id="D.off", cut="D.cut", feed="KD", level="red"),
)
REST = (sensor("CO", "CO"), sensor("T", "T"), sensor("K", "馈电"))
INTERLOCKS = tuple(
    sites.table("interlock", id=f"{name}.off", cut=f"{name}.cut", feed="K", level="red") for name in ("T0", "T1", "T2")
)


def found(path: Path, *tables: str) -> list[str]:
    """Return table, id and English message of each finding."""
    file = path / "site.toml"
    file.write_text(sites.text(sites.HEAD, *tables), encoding="utf-8")
    return [
        f"{one.path}: {one.message}".replace("Coal Mine Safety Regulations (2025), article ", "")
        for one in missing_sensors(load(file))
    ]


def test_a_face_with_all_its_sensors_misses_none(tmp_path: Path) -> None:
    assert found(tmp_path, *FACE, *MINE, *REST, *INTERLOCKS) == []


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        (FACE[0], 'hazard_source "gas": 537: no methane sensor of the face'),
        (FACE[1], 'hazard_source "gas": 537: no methane sensor of the face\'s return'),
        (FACE[2], 'hazard_source "gas": 537: no methane sensor of the face\'s return corner'),
        (REST[0], 'hazard_source "gas": 541: no carbon monoxide sensor of the return'),
        (REST[1], 'hazard_source "gas": 541: no temperature sensor of the return'),
        (MINE[2], "site: 537: no methane sensor of the main return"),
        (MINE[3], 'hazard_source "mine": 540: no air speed sensor of the gauging station'),
        (MINE[6], "site: 542: no running sensor of the main fan"),
        (MINE[7], "site: 542: no door sensors of the main air doors"),
        (INTERLOCKS[1], 'point "T1": 542: no [[interlock]] watches the feed of T1.cut'),
    ],
)
def test_each_sensor_that_is_gone_is_named_with_its_article(tmp_path: Path, gone: str, missing: str) -> None:
    tables = [table for table in (*FACE, *MINE, *REST, *INTERLOCKS) if table != gone]
    name = gone.splitlines()[1].partition('"')[2].rstrip('"')
    assert missing in found(tmp_path, *(table for table in tables if f'cut = "{name}.' not in table))


OUTBURST = (
    sensor("T1", "CH4", "ch4.face-outburst", range=[0.0, 4.0]),
    sensor("T2", "CH4", "ch4.return", range=[0.0, 100.0]),
    FACE[2],
)


def test_an_outburst_mine_needs_direction_and_speed_as_well(tmp_path: Path) -> None:
    lacks = found(tmp_path, *OUTBURST, *MINE, *REST, *INTERLOCKS)
    assert lacks == [
        f'hazard_source "gas": {what}'
        for what in (
            "537: no methane sensor of the face's intake, in an outburst mine",
            "539: no methane of the cut-off device on the shearer, in an outburst mine",
            "540: no air direction sensor of the face's intake, in an outburst seam",
            "540: no air speed sensor of the face's return, in an outburst seam",
        )
    ]


def test_a_sensor_without_full_range_is_a_warning_of_every_check_of_an_outburst_mine(tmp_path: Path) -> None:
    found(tmp_path, *OUTBURST)
    required = "Coal Mine Safety Regulations (2025), article 538: a full-range methane sensor is required"
    assert [(warning.path, str(warning.message)) for warning in load(tmp_path / "site.toml").warnings] == [
        ('point "T1".range', f"{required}; expected range = [0.0, 100.0], found [0.0, 4.0]"),
        ('point "T0".range', f"{required}; expected range = [0.0, 100.0], found none"),
    ]
    found(tmp_path, *FACE)
    assert load(tmp_path / "site.toml").warnings == ()
    (tmp_path / "site.toml").write_text(sites.text(sites.mine(), sites.gas(kind="outburst"), *FACE), encoding="utf-8")
    assert len(load(tmp_path / "site.toml").warnings) == 3


@pytest.mark.parametrize("place", ["ch4.intake-series", "ch4.heading-twin-return", "ch4.tbm"])
def test_each_intake_return_and_heading_of_an_outburst_mine_needs_full_range(tmp_path: Path, place: str) -> None:
    found(tmp_path, *OUTBURST, sensor("X", "CH4", place))
    assert 'point "X".range' in [warning.path for warning in load(tmp_path / "site.toml").warnings]


@pytest.mark.parametrize(
    ("tables", "missing"),
    [
        ([sensor("T1", "CH4", "ch4.heading")], "537: no methane sensor of the heading's return air"),
        ([sensor("T2", "CH4", "ch4.heading-return")], "537: no methane sensor of the heading"),
        ([sensor("T1", "CH4", "ch4.heading")], "542: no running sensor of the local fan"),
        ([sensor("B", "CH4", "ch4.bunker")], "155: no carbon monoxide sensor of the bunker"),
        ([sensor("B", "CH4", "ch4.bunker")], "155: no coal level gauge of the bunker"),
        ([sensor("B", "CO", "co.belt-intake")], "541: no smoke sensor of the belt in the intake"),
        ([sensor("C", "CH4", "ch4.charging-room")], "541: no hydrogen sensor of the charging room"),
        ([sensor("P", "CH4", "ch4.pump-house")], "537: no methane sensor in the pipes of the drainage pump"),
        ([sensor("F", "主扇", "fan.main")], "540: no air pressure sensor of the fan drift"),
    ],
)
def test_other_places_need_theirs(tmp_path: Path, tables: list[str], missing: str) -> None:
    assert f'hazard_source "gas": {missing}' in found(tmp_path, *tables)


def test_a_face_inerted_with_carbon_dioxide_needs_a_sensor_of_it_besides_that_of_the_pipe_and_one_of_oxygen(
    tmp_path: Path,
) -> None:
    face = (*FACE, *MINE, *REST, *INTERLOCKS, sensor("PIPE", "CO2", "co2.inerting"))
    place = "of the face into whose goaf carbon dioxide is injected"
    lacks = [f'hazard_source "gas": 541: no {gas} sensor {place}' for gas in ("carbon dioxide", "oxygen")]
    assert found(tmp_path, *face) == lacks
    assert found(tmp_path, *face, sensor("AIR", "CO2")) == lacks[1:]
    assert found(tmp_path, *face, sensor("AIR", "CO2"), sensor("O2", "氧气")) == []


def test_hazard_sources_at_one_place_share_their_sensors(tmp_path: Path) -> None:
    fire = sites.table("hazard_source", id="fire", name="自燃", kind="fire", grade="II", place="3101 工作面")
    there = (fire, sensor("CO", "CO", hazard_source="fire"), *FACE, *MINE, *REST[1:], *INTERLOCKS)
    assert 'hazard_source "gas": 541: no carbon monoxide sensor of the return' in found(tmp_path, *there)
    file = tmp_path / "site.toml"
    text = file.read_text(encoding="utf-8").replace('id = "gas"', 'id = "gas"\nplace = "3101 工作面"', 1)
    file.write_text(text, encoding="utf-8")
    assert missing_sensors(load(file)) == []


def test_the_command_names_them_where_they_are_asked_for_with_line_and_article(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found(tmp_path, *FACE[:2], *MINE, *REST, *INTERLOCKS[1:])
    file = tmp_path / "site.toml"
    assert main(["check", str(file)]) == 0
    assert "return corner" not in capsys.readouterr().out
    assert main(["check", str(file), "--law"]) == 0
    *_, finding, end, without = capsys.readouterr().out.splitlines()
    line = file.read_text(encoding="utf-8").splitlines().index("[[hazard_source]]") + 1
    assert finding.startswith(
        f'{file}:{line}: hazard_source "gas": 煤矿安全规程(2025) 第五百三十七条：没有采煤工作面回风隅角的甲烷传感器'
    )
    assert "1 required sensor is not in the site file, 0 required [[interlock]]s are missing" in end
    assert "points have no profile and cannot be judged" in without
    assert "article 531" in end


def test_points_of_a_table_are_named_without_a_line_of_the_site_file(tmp_path: Path) -> None:
    header = "id,hazard_source,name,quantity,unit,range,resolution,profile\n"
    (tmp_path / "points.csv").write_text(f"{header}T9,gas,T9,CH4,%,0..100,0.01,ch4.face\n", encoding="utf-8")
    file = tmp_path / "site.toml"
    file.write_text('points = "points.csv"\n' + sites.text(sites.HEAD, *FACE, *INTERLOCKS, REST[2]), encoding="utf-8")
    (last,) = [one for one in missing_sensors(load(file)) if "T9" in str(one)]
    assert (last.line, str(last).startswith(f"{file}: ")) == (0, True)
    assert 'point "T9": Coal Mine Safety Regulations (2025), article 542: no [[interlock]]' in str(last.message)
