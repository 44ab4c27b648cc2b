"""Profiles: the numbers of the regulation, limits that an engine takes, and what is refused."""

import re
import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant import Level, Point
from plant.law import article, articles, required_sensors
from plant.profiles import Profile, UnknownProfileError, override, profile, profiles
from rules import Limit, RuleSet, looser_keys
from rules.spec.tolerance import comparison_of
from tests.plant.sensors import RANGES, RESOLUTIONS

ARTICLE_536 = {  # alarm and cut at or above, restore below; % CH4
    "ch4.upper-corner": (1.0, 1.5, 1.0),
    "ch4.face": (1.0, 1.5, 1.0),
    "ch4.face-outburst": (1.0, 1.5, 1.0),
    "ch4.return": (1.0, 1.0, 1.0),
    "ch4.intake-outburst": (0.5, 0.5, 0.5),
    "ch4.intake-series": (0.5, 0.5, 0.5),
    "ch4.return-middle": (1.0, 1.0, 1.0),
    "ch4.shearer": (1.0, 1.5, 1.0),
    "ch4.heading": (1.0, 1.5, 1.0),
    "ch4.heading-return": (1.0, 1.0, 1.0),
    "ch4.heading-intake-outburst": (0.5, 0.5, 0.5),
    "ch4.heading-series": (0.5, 0.5, 0.5),
    "ch4.heading-twin-return": (1.0, 1.0, 1.0),
    "ch4.heading-middle": (1.0, 1.0, 1.0),
    "ch4.heading-machine": (1.0, 1.5, 1.0),
    "ch4.tbm": (1.0, 1.0, 1.0),
    "ch4.drilling-outburst": (1.5, 1.5, 1.0),
    "ch4.chamber": (0.5, None, None),
    "ch4.belt-shaft": (0.5, 0.75, 0.5),
    "ch4.district-return": (1.0, 1.0, 1.0),
    "ch4.total-return": (0.75, None, None),
    "ch4.loading-point": (0.5, 0.5, 0.5),
    "ch4.battery-vehicle": (0.5, 0.5, 0.5),
    "ch4.diesel-vehicle": (0.5, 0.5, 0.5),
    "ch4.bunker": (1.5, 1.5, 1.5),
    "ch4.belt-gallery": (1.5, 1.5, 1.5),
    "ch4.pump-house": (0.5, None, None),
    "ch4.pump-station": (0.5, 1.0, 0.5),
    "ch4.pump-outlet": (1.0, 1.0, 1.0),
}
ARTICLE_157 = {  # lowest and highest that is permitted; m/s
    "air.fan-drift": (None, 15.0),
    "air.material-shaft": (None, 12.0),
    "air.bridge": (None, 10.0),
    "air.man-shaft": (None, 8.0),
    "air.main-road": (None, 8.0),
    "air.trolley-road": (1.0, 8.0),
    "air.skip-shaft-intake": (None, 6.0),
    "air.belt-shaft-return": (None, 6.0),
    "air.conveyor-road": (0.25, 6.0),
    "air.belt-shaft-intake": (None, 4.0),
    "air.face": (0.25, 4.0),
    "air.heading-coal": (0.25, 4.0),
    "air.heading-rock": (0.15, 4.0),
    "air.travel-road": (0.15, None),
    "air.ladder-shaft": (None, 8.0),
    "air.trolley-road-gas-free": (0.5, 8.0),
    "air.face-mechanised": (0.25, 5.0),
}
VERIFIED = [one for one in profiles().values() if not one.is_example]
EXAMPLES = [one for one in profiles().values() if one.is_example]


def point_of(one: Profile, **keys: Any) -> Point:
    unit = one.units[0]
    defaults = {
        "id": "P", "hazard_source": "h", "name": "p", "quantity": one.quantities[0], "unit": unit,
        "range": RANGES[unit], "resolution": RESOLUTIONS[unit],
    }  # fmt: skip
    return Point(**(defaults | keys))


def limits_of(one: Profile, **keys: Any) -> dict[str, Limit]:
    tables = one.limits(point_of(one, **keys))
    return {table["id"].removeprefix("P."): Limit.model_validate(table) for table in tables}


@pytest.mark.parametrize("name", ARTICLE_536)
def test_methane_is_as_in_the_table_of_article_536(name: str) -> None:
    limits = limits_of(profile(name))
    alarm, cut, restore = ARTICLE_536[name]
    assert (limits["alarm"].high, limits["alarm"].clear) == (alarm, None)
    assert ("cut" in limits) == (cut is not None)
    if cut is not None:
        assert (limits["cut"].high, limits["cut"].clear, limits["cut"].level) == (cut, restore, Level.RED)
    assert all("第五百三十六条" in limit.basis for limit in limits.values())


def test_every_place_of_article_536_is_there_and_nothing_else_says_it_is() -> None:
    assert {one.name for one in VERIFIED if "第五百三十六条" in one.source.zh} == set(ARTICLE_536)


def test_the_fan_of_a_downstream_heading_is_cut_at_a_value_of_its_own() -> None:
    fan = limits_of(profile("ch4.heading-series"))["cut-fan"]
    assert (fan.high, fan.clear) == (1.5, 0.5)


@pytest.mark.parametrize("name", ARTICLE_157)
def test_air_alarms_beyond_what_article_157_permits_not_at_it(name: str) -> None:
    lowest, highest = ARTICLE_157[name]
    limits = limits_of(profile(name))
    assert set(limits) == {key for key, end in (("low", lowest), ("high", highest)) if end is not None}
    if lowest is not None:
        assert limits["low"].low == round(lowest - 0.01, 2)
    if highest is not None:
        assert limits["high"].high == round(highest + 0.01, 2)


@pytest.mark.parametrize(
    ("resolution", "low", "high"),
    [(0.1, 0.2, 4.1), (0.01, 0.24, 4.01), (0.05, 0.2, 4.05), (0.3, 0.0, 4.2), (None, 0.25, 4.0)],
)
def test_beyond_is_the_first_reading_of_the_sensor_that_is_beyond(
    resolution: float | None, low: float, high: float
) -> None:
    limits = limits_of(profile("air.face"), resolution=resolution)
    assert (limits["low"].setpoint, limits["high"].setpoint) == (low, high)


@given(st.decimals("0.001", "1", places=3))
def test_beyond_is_never_as_permitted_and_never_a_step_too_far(step: Decimal) -> None:
    resolution = float(step)
    limits = limits_of(profile("air.face"), resolution=resolution)
    assert 0 < 0.25 - limits["low"].setpoint <= resolution + 1e-9
    assert 0 < limits["high"].setpoint - 4.0 <= resolution + 1e-9


@pytest.mark.parametrize(
    ("name", "suffix", "side", "number"),
    [
        ("co.return", "alarm", "high", 24.0),
        ("co.belt-intake", "alarm", "high", 10.0),
        ("co.charging-room", "cut", "high", 24.0),
        ("co.air", "high", "high", 24.1),
        ("no2.air", "high", "high", 2.6),
        ("so2.air", "high", "high", 5.1),
        ("h2s.air", "high", "high", 6.7),
        ("nh3.air", "high", "high", 40.1),
        ("o2.intake", "low", "low", 19.99),
        ("co2.intake", "high", "high", 0.51),
        ("co2.intake-series", "high", "high", 0.51),
        ("co2.total-return", "alarm", "high", 0.75),
        ("co2.return", "withdraw", "high", 1.5),
        ("co2.stopped-area", "seal", "high", 3.0),
        ("ch4.stopped-area", "seal", "high", 3.0),
        ("ch4.accumulation", "cut", "high", 2.0),
        ("ch4.charging-room", "cut", "high", 0.5),
        ("h2.charging-room", "alarm", "high", 0.5),
        ("h2.charging-room", "cut", "high", 0.5),
        ("temperature.charging-point", "high", "high", 34.1),
        ("temperature.face", "shorten", "high", 26.1),
        ("temperature.face", "stop", "high", 30.1),
        ("temperature.machine-room", "shorten", "high", 30.1),
        ("temperature.machine-room", "stop", "high", 34.1),
        ("temperature.intake", "low", "low", 1.9),
        ("temperature.battery", "battery", "high", 60.1),
        ("ch4.charging-point", "cut-above", "high", 0.51),
        ("co.charging-point", "cut-above", "high", 24.1),
        ("h2.charging-point", "cut-above", "high", 0.51),
        ("h2.charging-air", "high", "high", 0.5),
        ("ch4.hot-work", "high", "high", 0.51),
        ("n2.inerting", "low", "low", 96.99),
        ("co2.inerting", "low", "low", 98.99),
        ("drainage.dry-pump", "low", "low", 25.0),
        ("drainage.dry-pump-lean", "high", "high", 2.0),
        ("water.sump", "low", "low", 49.99),
        ("water.inrush", "high", "high", 0.101),
        ("rockburst.event", "mapped", "high", 10001.0),
        ("air.direction", "reversed", "low", 0.0),
        ("fan.main", "stopped", "low", 0.0),
        ("fan.local", "stopped", "low", 0.0),
        ("door.pair", "both-open", "high", 1.0),
        ("smoke.belt", "smoke", "high", 1.0),
    ],
)
def test_other_quantities_are_as_in_their_articles(name: str, suffix: str, side: str, number: float) -> None:
    assert getattr(limits_of(profile(name))[suffix], side) == number


@pytest.mark.parametrize("one", profiles().values(), ids=lambda one: one.name)
def test_an_engine_takes_the_limits_of_every_profile(one: Profile) -> None:
    limits = limits_of(one)
    assert limits
    assert RuleSet([point_of(one)], limits.values(), (), ()).problems() == []


@pytest.mark.parametrize("one", VERIFIED, ids=lambda one: one.name)
def test_a_verified_profile_says_where_it_is_from_and_what_to_do_in_both_languages(one: Profile) -> None:
    assert one.place.zh
    assert one.place.en
    for limit in limits_of(one).values():
        assert limit.basis.startswith("煤矿安全规程(2025) 第")
        assert limit.basis_en.startswith("Coal Mine Safety Regulations (2025), article")
        assert all((limit.message, limit.message_en, limit.response, limit.response_en))
        assert all((limit.consequence, limit.consequence_en))
        assert not {"{", "}"} & set(limit.response + limit.response_en)
        assert limit.on_delay == 0


@pytest.mark.parametrize("one", VERIFIED, ids=lambda one: one.name)
def test_one_setpoint_of_a_point_opens_one_ticket(one: Profile) -> None:
    limits = list(limits_of(one).values())
    for setpoint in {(limit.direction, limit.setpoint) for limit in limits}:
        tickets = [limit.ticket for limit in limits if (limit.direction, limit.setpoint) == setpoint]
        # An event that is marked on a map is no hazard that somebody must rectify.
        assert tickets.count(True) == (0 if one.name == "rockburst.event" else 1)


def test_examples_say_why_they_are_no_more() -> None:
    assert EXAMPLES
    assert not [one.name for one in EXAMPLES if "2025" in one.source.zh or not one.example.en]


FILES = {
    file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
    for file in files("plant.profiles").iterdir()
    if file.name.endswith(".toml")
}
WORDS = {"place", "place_en", "example", "example_en", "scope", "scope_en", "label", "action", "mark", "article"}
WORDS |= {"basis", "basis_en", "within"}


@pytest.mark.parametrize("name", FILES)
def test_every_number_and_every_key_of_the_data_is_used(name: str) -> None:
    file = FILES[name]
    family = FILES[file.get("family", name)]
    assert set(family) - {"profile", "action"} == {"quantities", "units", "title", "title_en", "limit"}
    names = {
        template[key] for template in family["limit"].values()
        for key in ("high", "low", "above", "below", "clear") if key in template
    }  # fmt: skip
    for place, row in file.get("profile", {}).items():
        assert set(row) - WORDS <= names, place
        assert all(isinstance(row[key], float) for key in set(row) - WORDS), place
        assert ("scope" in row) == ("scope_en" in row), place
        assert ("article" in row) != ("basis" in row), place
        assert row.get("action") in (None, *family.get("action", {})), place


@pytest.mark.parametrize("one", VERIFIED, ids=lambda one: one.name)
def test_every_number_in_use_has_an_article_an_edition_and_was_read_in_full(one: Profile) -> None:
    restores = {template.get("clear") for template in one.templates.values()}
    assert set(one.numbers) - set(one.articles) <= restores
    assert {(article.mark, article.edition) for article in one.articles.values()} == {("V", 2025)}
    assert one.mark == "V"


def test_no_number_in_use_is_from_memory_and_every_example_says_how_it_is_known() -> None:
    assert {one.name for one in profiles().values() if one.mark == "M"} == {"co2.face"}
    assert {one.mark for one in EXAMPLES} == {"S", "M"}
    assert [one.name for one in VERIFIED if one.mark != "V"] == []


def test_every_article_of_the_table_is_cited_and_written_as_the_regulation_writes_it() -> None:
    of_numbers = {article.number for one in VERIFIED for article in one.articles.values()}
    of_responses = {one.action_article for one in VERIFIED if one.action_article}
    of_sensors = {sensor.article.number for sensor in required_sensors()} | {531, 538}
    assert set(articles()) == of_numbers | of_responses | of_sensors
    assert [article(number).name.zh.split()[1] for number in (171, 205, 520, 536)] == [
        "第一百七十一条", "第二百零五条", "第五百二十条", "第五百三十六条",
    ]  # fmt: skip


def test_required_sensors_name_profiles_that_there_are_and_say_what_they_are() -> None:
    usable = {one.name for one in VERIFIED}
    for sensor in required_sensors():
        assert sensor.place <= usable
        assert set(sensor.profiles) <= usable
        assert bool(sensor.profiles) != bool(sensor.quantities)
        assert sensor.what.zh
        assert sensor.what.en


@pytest.mark.parametrize(
    ("name", "alarm", "cut"),
    [
        ("ch4.total-return", "立即查明原因，进行处理", None),
        ("ch4.face", "停止用电作业，附近 20 m 以内严禁爆破，查明原因，进行处理", "停止工作，撤出人员，切断电源"),
        ("ch4.return", "停止工作，撤出人员，采取措施，进行处理", "停止工作，撤出人员，采取措施，进行处理"),
        ("ch4.district-return", "停止工作，撤出人员，采取措施，进行处理", "停止工作，撤出人员，采取措施，进行处理"),
        ("ch4.chamber", "加强硐室通风，派瓦斯检查工查明甲烷来源", None),
        ("ch4.pump-house", "严禁明火，加强泵房通风，查明泄漏", None),
        ("ch4.pump-station", "加强通风，查明泄漏", "停止抽采泵，撤出人员"),
        ("ch4.bunker", "停止煤仓上口的运输", "停止煤仓上口的运输"),
        ("ch4.battery-vehicle", "停车", "停车"),
    ],
)
def test_the_response_is_that_of_the_place_and_its_article(name: str, alarm: str, cut: str | None) -> None:
    limits = limits_of(profile(name))
    assert limits["alarm"].response.startswith(alarm)
    assert cut is None or limits["cut"].response.startswith(cut)


def test_the_main_return_is_no_reason_to_stop_work_and_other_returns_are() -> None:
    assert profile("ch4.total-return").action_article == 191
    assert "停止工作" not in limits_of(profile("ch4.total-return"))["alarm"].response
    for name in ("ch4.return", "ch4.heading-return", "ch4.district-return", "ch4.return-middle"):
        assert profile(name).action_article == 192
        assert "停止工作，撤出人员" in limits_of(profile(name))["alarm"].response


@pytest.mark.parametrize("one", VERIFIED, ids=lambda one: one.name)
def test_limits_with_one_setpoint_ask_for_the_same(one: Profile) -> None:
    limits = list(limits_of(one).values())
    for setpoint in {(limit.direction, limit.setpoint) for limit in limits}:
        alike = [limit for limit in limits if (limit.direction, limit.setpoint) == setpoint]
        assert len({(limit.response, limit.response_en) for limit in alike}) == 1


def test_the_labels_are_those_of_aq_1029_and_no_part_of_a_place() -> None:
    assert {one.name: one.label for one in VERIFIED if one.label} == {
        "ch4.upper-corner": "T0", "ch4.face": "T1", "ch4.face-outburst": "T1", "ch4.return": "T2",
        "ch4.intake-outburst": "T3", "ch4.intake-series": "T4", "ch4.heading": "T1", "ch4.heading-return": "T2",
        "ch4.heading-series": "T3",
    }  # fmt: skip
    assert [one.name for one in profiles().values() if re.search(r"\bT\d", f"{one.place.zh} {one.place.en}")] == []
    assert profile("ch4.upper-corner").place.zh == "采煤工作面回风隅角"


@pytest.mark.parametrize(
    ("kind", "total", "respirable"),
    [
        ("coal", 4.0, 2.5),
        ("silica-10", 1.0, 0.7),
        ("silica-50", 0.7, 0.3),
        ("silica-80", 0.5, 0.2),
        ("cement", 4.0, 1.5),
    ],
)
def test_dust_is_a_mean_of_eight_hours_above_the_limit_of_exposure(kind: str, total: float, respirable: float) -> None:
    for suffix, number in (("total", total), ("respirable", respirable)):
        one = profile(f"dust.{kind}-{suffix}")
        (limit,) = limits_of(one).values()
        assert (limit.feature, limit.window) == ("mean", 8 * 3600 * 10**9)
        enter = comparison_of(limit, point_of(one)).enter
        assert Decimal(str(number)) < enter < Decimal(str(number)) + Decimal("0.0000001")


@pytest.mark.parametrize(
    ("name", "suffix", "binds"),
    [
        ("ch4.face", "cut", True), ("temperature.face", "stop", True), ("co2.total-return", "alarm", True),
        ("co.return", "alarm", False), ("air.face", "low", False), ("air.face-descending", "low", True),
        ("air.face-descending", "high", False), ("dust.coal-total", "exposure", False),
        ("temperature.return", "alarm", False), ("water.sump", "low", False), ("temperature.battery", "battery", True),
    ],
)  # fmt: skip
def test_what_must_be_binds_and_what_should_be_does_not(*, name: str, suffix: str, binds: bool) -> None:
    assert profile(name).binds(f"P.{suffix}") is binds


def test_a_profile_is_for_its_quantity_and_unit() -> None:
    one = profile("ch4.face")
    assert one.misfits(point_of(one)) == []
    assert one.misfits(point_of(one, quantity="环境瓦斯", unit="%CH4")) == []
    assert [key for key, _ in one.misfits(point_of(one, quantity="CO", unit="ppm"))] == ["quantity", "unit"]
    assert [key for key, _ in one.misfits(point_of(one, quantity="", unit=""))] == ["quantity", "unit"]


@pytest.mark.parametrize(
    ("name", "resolution", "fits"),
    [
        ("temperature.face", 1.0, True), ("temperature.face", 2.6, True), ("temperature.face", 10.0, False),
        ("ch4.hot-work", 0.1, False), ("air.face", 0.1, True), ("ch4.face", 1.0, True),
        ("temperature.face", None, True),
    ],
)  # fmt: skip
def test_a_coarse_resolution_moves_no_number_that_must_be_kept(
    name: str, resolution: float | None, *, fits: bool
) -> None:
    one = profile(name)
    assert [key for key, _ in one.misfits(point_of(one, resolution=resolution))] == ([] if fits else ["resolution"])


def test_an_unknown_name_is_refused_with_those_most_like_it() -> None:
    with pytest.raises(UnknownProfileError, match=r'no profile "ch4.fase".*"ch4.face"'):
        profile("ch4.fase")
    with pytest.raises(UnknownProfileError, match=r"air.face"):
        profile("")


@pytest.mark.parametrize("name", [name for name, one in profiles().items() if one.is_example])
def test_an_example_is_never_what_is_proposed_for_an_unknown_name(name: str) -> None:
    with pytest.raises(UnknownProfileError) as caught:
        profile(f"{name}x")
    assert f'"{name}"' not in str(caught.value)


def test_a_text_that_is_overridden_takes_its_english_away() -> None:
    limit = {"basis": "规程", "basis_en": "regulations", "message": "超限", "message_en": "high"}
    assert override(limit, {"basis": "张工"}) == {"basis": "张工", "message": "超限", "message_en": "high"}
    assert override(limit, {"message_en": "up"}) == limit | {"message_en": "up"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param({}, {"high": 1.5, "clear": 1.0, "level": "red"}, id="nothing"),
        pytest.param({"clear": 0.9}, {"high": 1.5, "clear": 0.9, "level": "red"}, id="one-key"),
        pytest.param({"deadband": 0.2}, {"high": 1.5, "deadband": 0.2, "level": "red"}, id="deadband-for-clear"),
        pytest.param({"high": 1.2}, {"high": 1.2, "clear": 1.0, "level": "red"}, id="the-setpoint-alone"),
        pytest.param({"low": 0.2}, {"low": 0.2, "clear": 1.0, "level": "red"}, id="the-other-side"),
        pytest.param({"on_delay": "5s"}, {"high": 1.5, "clear": 1.0, "level": "red", "on_delay": "5s"}, id="new-key"),
    ],
)
def test_an_override_replaces_the_keys_that_it_gives(written: dict[str, Any], expected: dict[str, Any]) -> None:
    limit = {"high": 1.5, "clear": 1.0, "level": "red"}
    assert override(limit, written) == expected
    assert limit == {"high": 1.5, "clear": 1.0, "level": "red"}


@pytest.mark.parametrize(
    ("written", "looser"),
    [
        ({}, []),
        ({"high": 1.5}, []),
        ({"high": 1.49, "clear": 0.99}, []),
        ({"high": 1.51}, [("high", "1.51", "1.5")]),
        ({"clear": 1.1}, [("clear", "1.1", "1.0")]),
        ({"deadband": 0.5}, []),
        ({"deadband": 0.4}, [("clear", "1.1", "1.0")]),
        ({"on_delay": "5s"}, [("on_delay", "5s", "0s")]),
        ({"off_delay": "60s"}, []),
        ({"level": "blue", "message": "x"}, []),
        ({"high": 1.6, "clear": 1.2, "on_delay": "1s"}, ["high", "clear", "on_delay"]),
        ({"feature": "mean", "window": "1m"}, [("feature", "mean", "value")]),
        ({"low": 1.5, "clear": 1.6}, [("low", "low", "high")]),
    ],
)
def test_looser_is_what_raises_later_or_clears_sooner(written: dict[str, Any], looser: list[Any]) -> None:
    point = point_of(profile("ch4.face"))
    cut = profile("ch4.face").limits(point)[1]
    found = looser_keys(Limit.model_validate(override(cut, written)), Limit.model_validate(cut), point)
    assert [one if isinstance(want, tuple) else one.key for one, want in zip(found, looser, strict=True)] == looser


def test_another_window_than_that_of_the_regulation_is_looser() -> None:
    one = profile("dust.coal-total")
    point = point_of(one)
    exposure = one.limits(point)[0]
    legal = Limit.model_validate(exposure)
    found = looser_keys(Limit.model_validate(override(exposure, {"window": "30d"})), legal, point)
    assert found == [("window", "30d", "8h")]


def test_a_low_limit_is_looser_further_down() -> None:
    one = profile("air.face")
    point = point_of(one)
    low = one.limits(point)[0]
    legal = Limit.model_validate(low)
    assert looser_keys(Limit.model_validate(override(low, {"low": 0.3})), legal, point) == []
    assert [key for key, _, _ in looser_keys(Limit.model_validate(override(low, {"low": 0.1})), legal, point)] == [
        "low"
    ]
