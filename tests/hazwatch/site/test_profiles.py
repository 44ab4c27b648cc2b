"""Profiles in a site file: which limits a point gets, what overrides them, and what is refused where."""

from pathlib import Path

import pytest

from hazwatch.site.config import Config, ConfigError, load
from plant import Point
from plant.profiles import Profile, profiles
from tests import sites
from tests.hazwatch.site.mistakes import mistakes as said
from tests.plant.sensors import RESOLUTIONS

SENSOR = {"quantity": "CH4", "unit": "%", "range": [0.0, 4.0], "resolution": 0.01, "profile": "ch4.face"}
SITE = sites.text(sites.HEAD, sites.point("T1", **SENSOR))
T2 = SITE[SITE.index("[[point]]") :].replace("T1", "T2").replace("ch4.face", "ch4.return")
VOTE = '[[vote]]\nid = "v"\nhazard_source = "gas"\nat_least = 2\nof = ["T1.alarm", "T2.alarm"]\nlevel = "red"\n'
PROFILE = 20
"""Line of the key `profile` of T1, the last one of SITE."""


def loaded(path: Path, *parts: str) -> Config:
    file = path / "site.toml"
    file.write_text("".join(parts), encoding="utf-8")
    return load(file)


def mistakes(path: Path, *parts: str) -> list[str]:
    with pytest.raises(ConfigError):
        loaded(path, *parts)
    return said(path / "site.toml")


def limit(name: str, *keys: str) -> str:
    return "\n".join(["[[limit]]", f'id = "{name}"', *keys, ""])


def test_a_point_gets_the_limits_of_its_profile_and_keeps_those_that_are_written(tmp_path: Path) -> None:
    rise = limit("T1.rise", 'point = "T1"', 'feature = "slope"', 'window = "5m"', "high = 0.08", 'level = "yellow"')
    config = loaded(tmp_path, SITE, T2, rise)
    assert [one.id for one in config.rules.limits] == ["T1.alarm", "T1.cut", "T2.alarm", "T2.cut", "T1.rise"]
    assert config.rules.limits[1].high == 1.5
    assert list(config.statutory) == ["T1.alarm", "T1.cut", "T2.alarm", "T2.cut"]
    assert config.warnings == ()


def test_an_override_changes_the_keys_that_it_gives_and_keeps_the_place_of_its_limit(tmp_path: Path) -> None:
    config = loaded(tmp_path, SITE, T2, limit("T1.alarm", "clear = 0.9", 'off_delay = "60s"'))
    assert [one.id for one in config.rules.limits] == ["T1.alarm", "T1.cut", "T2.alarm", "T2.cut"]
    mine, legal = config.rules.limits[0], config.statutory["T1.alarm"]
    assert (mine.high, mine.clear, mine.off_delay) == (1.0, 0.9, 60_000_000_000)
    assert (mine.message, mine.level, mine.basis) == (legal.message, legal.level, legal.basis)
    assert legal.clear is None
    assert config.warnings == ()


def test_the_same_limits_written_by_hand_are_the_same_rules(tmp_path: Path) -> None:
    by_hand = (
        limit("T1.alarm", 'point = "T1"', 'feature = "value"', "high = 1.0", 'level = "orange"'),
        limit("T1.cut", 'point = "T1"', 'feature = "value"', "high = 1.5", "clear = 1.0", 'level = "red"'),
    )
    without = SITE.replace('profile = "ch4.face"\n', "")
    assert loaded(tmp_path, SITE).rules.version == loaded(tmp_path, without, *by_hand).rules.version


def test_votes_and_interlocks_take_the_limits_of_profiles(tmp_path: Path) -> None:
    feed = '[[point]]\nid = "K"\nhazard_source = "gas"\nname = "馈电"\n'
    interlock = '[[interlock]]\nid = "i"\ncut = "T1.cut"\nfeed = "K"\nlevel = "red"\n'
    assert len(loaded(tmp_path, SITE, T2, feed, VOTE, interlock).rules.votes) == 1


CO = sites.point("CO", quantity="CO", unit="ppm", range=[0.0, 500.0], resolution=1.0, profile="co.return")


def test_a_looser_limit_needs_somebody_who_approved_it_where_the_article_says_should(tmp_path: Path) -> None:
    site = f"{SITE}\n{CO}\n"
    (mistake,) = mistakes(tmp_path, site, limit("CO.alarm", "high = 25.0"))
    assert mistake.endswith(
        'limit "CO.alarm".high: 25.0 is looser than 24.0 of profile "co.return" (Coal Mine Safety Regulations (2025), '
        "article 541); expected a value as strict, or `basis`: who approved it"
    )
    config = loaded(tmp_path, site, limit("CO.alarm", "high = 25.0", 'basis = "总工程师 张工, 2026-03-01"'))
    assert [warning.message for warning in config.warnings] == [
        '25.0 is looser than 24.0 of profile "co.return" (Coal Mine Safety Regulations (2025), article 541)'
    ]
    assert config.statutory["CO.alarm"].high == 24.0
    article = 'basis = "煤矿安全规程(2025) 第五百四十一条"'
    assert mistakes(tmp_path, site, limit("CO.alarm", "high = 25.0", article)) == [mistake]


AIR = 'of profile "co.air" (Coal Mine Safety Regulations (2025), article 156)'


@pytest.mark.parametrize("basis", [[], ['basis = "总工程师 张工, 2026-03-01"']])
@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (["high = 500.0"], "high: 500.0 is looser than 25.0"),
        (["high = 26.0"], "high: 26.0 is looser than 25.0"),
        (['on_delay = "1h"'], "on_delay: 1h is looser than 0s"),
        (['feature = "mean"', 'window = "5m"'], "feature: mean is looser than value"),
    ],
)
def test_no_basis_loosens_a_place_beyond_what_must_be_in_the_air_around_it(
    tmp_path: Path, keys: list[str], problem: str, basis: list[str]
) -> None:
    (mistake,) = mistakes(tmp_path, f"{SITE}\n{CO}\n", limit("CO.alarm", *keys, *basis))
    assert mistake.partition('limit "CO.alarm".')[2].startswith(f"{problem} {AIR}; expected a value as strict: the")


def test_another_limit_may_keep_what_must_be_in_the_air(tmp_path: Path) -> None:
    delayed = limit("CO.alarm", 'on_delay = "1h"', 'basis = "总工程师 张工, 2026-03-01"')
    own = limit("CO.own", 'point = "CO"', 'feature = "value"', "high = 25.0", 'level = "red"', "ticket = true")
    config = loaded(tmp_path, f"{SITE}\n{CO}\n", delayed, own)
    assert ["on_delay" in warning.path for warning in config.warnings] == [True]


def test_every_place_is_as_strict_as_the_air_around_it(tmp_path: Path) -> None:
    places = [one for one in profiles().values() if one.within]
    assert {one.within for one in places} == {"co.air"}
    assert len(places) == 4
    for one in places:
        point = sites.point("P", quantity="CO", unit="ppm", range=[0.0, 500.0], resolution=1.0, profile=one.name)
        assert loaded(tmp_path, sites.HEAD, point).judgements == ()


@pytest.mark.parametrize("basis", [[], ['basis = "总工程师 张工, 2026-03-01"'], ['basis = "矿长批准"']])
@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("high = 3.0", "high: 3.0 is looser than 1.0"),
        ('on_delay = "5s"', "on_delay: 5s is looser than 0s"),
        ('feature = "mean"\nwindow = "5m"', "feature: mean is looser than value"),
    ],
)
def test_no_basis_loosens_a_place_that_article_536_lists(
    tmp_path: Path, key: str, problem: str, basis: list[str]
) -> None:
    assert [
        mistake.partition('limit "T1.alarm".')[2]
        for mistake in mistakes(tmp_path, SITE, limit("T1.alarm", key, *basis))
    ] == [
        f'{problem} of profile "ch4.face" (Coal Mine Safety Regulations (2025), article 536); expected a value as '
        "strict: the article says must, and no `basis` permits another"
    ]


@pytest.mark.parametrize("basis", [[], ['basis = "总工程师"']], ids=["no basis", "a basis"])
def test_a_lower_level_and_a_ticket_that_is_not_opened_are_named(tmp_path: Path, basis: list[str]) -> None:
    config = loaded(tmp_path, SITE, limit("T1.alarm", 'level = "blue"', "ticket = false", *basis))
    assert [f"{warning.line}: {warning.path}: {warning.message}" for warning in config.warnings] == [
        '23: limit "T1.alarm".level: "blue" is below "orange" of profile "ch4.face"',
        '24: limit "T1.alarm".ticket: profile "ch4.face" opens a ticket, this limit opens none',
    ]


def test_a_higher_level_is_no_warning(tmp_path: Path) -> None:
    assert loaded(tmp_path, SITE, limit("T1.alarm", 'level = "red"')).warnings == ()


def test_temperature_beyond_which_work_stops_cannot_be_raised_either(tmp_path: Path) -> None:
    warm = sites.point(
        "W", quantity="T", unit="℃", range=[0.0, 60.0], resolution=0.1, profile="temperature.machine-room"
    )
    rest = limit("W.stop", "high = 40.0", 'basis = "总工程师"')
    (mistake,) = mistakes(tmp_path, f"{SITE}\n{warm}\n", rest)
    assert "40.0 is looser than 34.1 of profile" in mistake


def test_every_key_that_is_looser_is_named(tmp_path: Path) -> None:
    found = mistakes(tmp_path, SITE, limit("T1.alarm", "high = 1.2", "clear = 1.1", 'on_delay = "10s"'))
    assert [mistake.partition(" is ")[0] for mistake in found] == [
        '23: limit "T1.alarm".high: 1.2',
        '24: limit "T1.alarm".clear: 1.1',
        '25: limit "T1.alarm".on_delay: 10s',
    ]


def test_an_override_keeps_to_the_point_of_the_profile(tmp_path: Path) -> None:
    assert mistakes(tmp_path, SITE, T2, limit("T1.alarm", 'point = "T2"')) == [
        '32: limit "T1.alarm".point: its profile gives "T1" the limit "T1.alarm"; expected that point, or another id'
    ]


def test_a_wrong_profile_is_the_only_mistake_of_the_limits_that_build_on_it(tmp_path: Path) -> None:
    rest = (T2, limit("T1.alarm", "clear = 0.9"), VOTE)
    (found,) = mistakes(tmp_path, SITE.replace("ch4.face", "ch4.fase"), *rest)
    assert found.startswith(f'{PROFILE}: point "T1".profile: no profile "ch4.fase"; expected')
    assert '"ch4.face"' in found
    (found,) = mistakes(tmp_path, SITE.replace('unit = "%"', 'unit = "ppm"'), *rest)
    assert found == '17: point "T1".unit: profile "ch4.face" is for "%"; found "ppm"'
    (found,) = mistakes(tmp_path, SITE.replace("0.01", '"0.01"'), *rest)
    assert found.startswith('19: point "T1".resolution: ')


def test_an_example_is_refused_until_it_is_the_sites_own(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, SITE.replace("ch4.face", "ch4.rise"))
    assert found.startswith(f'{PROFILE}: point "T1".profile: "ch4.rise" is an example (')
    assert "for a [[limit]]" in found


def test_a_point_on_which_a_limit_of_its_profile_makes_no_sense_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path, SITE.replace("[0.0, 4.0]", "[0.0, 1.2]")) == [
        f'{PROFILE}: point "T1".profile: T1.cut: 1.5: never reached within the range [0.0, 1.2]; '
        "expected a value inside it"
    ]
    (found,) = mistakes(tmp_path, SITE.replace("0.01", "0.3"))[:1]
    assert "T1.alarm: 1.0: expected a multiple of the resolution 0.3 of T1" in found


def test_what_is_missing_in_a_limit_that_is_no_profiles_is_still_told(tmp_path: Path) -> None:
    found = mistakes(tmp_path, SITE, limit("T1.rise", "high = 0.08"))
    assert [mistake.partition(": ")[2] for mistake in found] == [
        f'limit "T1.rise".{key}: missing; expected a value' for key in ("feature", "level", "point")
    ]


def test_a_table_of_points_names_profiles_too(tmp_path: Path) -> None:
    table = "id,hazard_source,name,quantity,unit,range,resolution,profile\n"
    (tmp_path / "points.csv").write_text(
        f"{table}V1,gas,风速,V,m/s,0..15,0.1,air.face\nV2,gas,风速,V,m/s,0..15,0.1,air.fase\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, 'points = "points.csv"\n', SITE)
    (mistake,) = error.value.mistakes
    assert (mistake.file, mistake.line) == (str(tmp_path / "points.csv"), 3)
    (tmp_path / "points.csv").write_text(f"{table}V1,gas,风速,V,m/s,0..15,0.1,air.face\n", encoding="utf-8")
    config = loaded(tmp_path, 'points = "points.csv"\n', SITE)
    assert [(one.id, one.low, one.high) for one in config.rules.limits[2:]] == [
        ("V1.low", 0.2, None),
        ("V1.high", None, 4.1),
    ]


def one_step_looser(one: Profile) -> dict[str, str]:
    """Return the overrides of a profile's limits, each a step of the sensor looser and with a basis, by the limit."""
    step = RESOLUTIONS[one.units[0]]
    point = Point.model_validate({"id": one.name, "hazard_source": "gas", "name": "p", "resolution": step})
    return {
        table["id"]: limit(
            table["id"],
            f"high = {round(table['high'] + step, 6)}" if "high" in table else f"low = {round(table['low'] - step, 6)}",
            'basis = "总工程师 张工"',
        )
        for table in one.limits(point)
    }


def test_every_limit_that_must_be_is_held_and_every_limit_that_should_be_gives_way_to_a_basis(tmp_path: Path) -> None:
    usable = [one for one in profiles().values() if not one.is_example]
    points = [
        sites.point(
            one.name, quantity=one.quantities[0], unit=one.units[0], range=[-1e9, 1e9],
            resolution=RESOLUTIONS[one.units[0]], profile=one.name,
        )
        for one in usable
    ]  # fmt: skip
    looser = {name: (one, text) for one in usable for name, text in one_step_looser(one).items()}
    binding = {name for name, (one, _) in looser.items() if one.binds(name)}
    # Article 523 says should, and article 156 says the same number of any air, and must.
    binding.add("co.charging-point.cut-above")
    assert 60 < len(binding) < len(looser)
    head = sites.text(sites.HEAD, *points)
    held = mistakes(tmp_path, head, *(text for _, text in looser.values()))
    assert {mistake.split('"')[1] for mistake in held} == binding
    assert all("no `basis` permits another" in mistake for mistake in held)
    config = loaded(tmp_path, head, *(text for name, (_, text) in looser.items() if name not in binding))
    named = {warning.path.split('"')[1] for warning in config.warnings if "is looser than" in warning.message}
    assert named == looser.keys() - binding
