"""The inputs of an expression are converted into the units that it names; mixed units are a mistake with its mend."""

import re

import pytest

from plant import Point, Quality
from rules import Event, Limit, RuleSet
from rules.spec.inputs import code_of
from tests.rules.play import play

GRAHAM = "100 * CO / where(0.265 * N2 - O2 > 0.3, 0.265 * N2 - O2, nan)"
PER_CENT = {"CO": "%", "N2": "%", "O2": "%"}


def point(name: str, unit: str = "", **keys: object) -> Point:
    return Point.model_validate({"id": name, "hazard_source": "fire", "name": name, "unit": unit} | keys)


def site(co: str = "ppm", inputs: dict[str, str] | None = None, expression: str = GRAHAM, n2: str = "%") -> RuleSet:
    calculated = point("graham", expression=expression, inputs=inputs)
    limits = [Limit.model_validate({"id": "g", "point": "graham", "feature": "value", "high": 0.5, "level": "red"})]
    return RuleSet([point("CO", co), point("N2", n2), point("O2", "%O2"), calculated], limits, (), ())


def events(rules: RuleSet, *samples: tuple[str, float, float]) -> list[Event]:
    """Return the events of the limits, of good samples."""
    rows = [(name, time, value, Quality.GOOD, 0) for name, time, value in samples]
    return [event for event in play(rules, rows) if ":" not in event.condition]


def messages(rules: RuleSet) -> list[str]:
    return [f"{'.'.join(problem.path)}: {problem.message}" for problem in rules.problems()]


def test_a_graham_ratio_that_is_fed_with_ppm_is_a_mistake_with_its_mend() -> None:
    (message,) = messages(site())
    assert message.startswith('point.graham.expression: "CO" is in "ppm" and "N2" in "%"; expected the units')
    mend = re.search(r"inputs = \{[^}]*\}", message)
    assert mend is not None
    assert mend[0] == 'inputs = { CO = "%", N2 = "%", O2 = "%" }'
    assert messages(site(inputs=PER_CENT)) == []
    own = 'as with a factor of 0.0001, inputs = { CO = "ppm", N2 = "%", O2 = "%O2" }'
    assert message.endswith(own), "a formula that converts by itself must not be converted twice"
    assert messages(site(inputs={"CO": "ppm", "N2": "%", "O2": "%O2"})) == []


@pytest.mark.parametrize("co", ["%", "%CO", "vol%", "％", " % ", "%(V/V)", "CH4%"])
def test_one_unit_in_other_spellings_is_no_mistake(co: str) -> None:
    assert messages(site(co)) == []


@pytest.mark.parametrize("co", ["PPM", "Ppm", "ppmv", "ppm ", "ｐｐｍ", "×10^-6", "10⁻⁶", "ppm CO", "CO(ppm)", "µL/L"])
def test_ppm_is_ppm_in_every_spelling(co: str) -> None:
    assert "expected the units in which the formula takes its points" in messages(site(co))[0]
    gases = [("N2", 1, 79.2), ("O2", 2, 20.5)]
    (event,) = events(site(co, PER_CENT), *gases, ("CO", 3, 24.0), ("CO", 4, 30.0))
    assert event.value == pytest.approx(100 * 0.003 / (0.265 * 79.2 - 20.5))


@pytest.mark.parametrize(
    ("co", "message"),
    [
        ("", '"CO" has no unit and "N2" is in "%"; expected its unit at its [[point]]'),
        ("furlong", '"CO" is in "furlong", which is no known unit, and "N2" in "%"; expected a known unit'),
        ("%LEL", '"CO" is in "%LEL", which is no known unit'),
        ("mPa", '"CO" is in "mPa", which is no known unit'),
    ],
)
def test_an_unknown_or_missing_unit_beside_a_known_one_asks_for_inputs(co: str, message: str) -> None:
    (line,) = messages(site(co))
    assert line.startswith(f"point.graham.expression: {message}")
    assert line.endswith(f'inputs = {{ CO = "{co}", N2 = "%", O2 = "%O2" }}')
    assert messages(site(co, {"CO": co, "N2": "%", "O2": "%O2"})) == []


def test_a_calculated_point_without_unit_needs_one_beside_a_known_unit() -> None:
    ratio = point("ratio", expression="A / B")
    rules = RuleSet([point("A"), point("B"), point("N2", "%"), ratio, point("C", expression="ratio * N2")], (), (), ())
    (line,) = messages(rules)
    assert line.startswith('point.C.expression: "ratio" has no unit and "N2" is in "%"')


@pytest.mark.parametrize("unit", ["", "furlong"])
def test_points_that_all_have_no_known_unit_and_contacts_need_no_inputs(unit: str) -> None:
    contact = point("fan", range=(0.0, 1.0), resolution=1.0)
    points = [point("A", unit), point("B"), contact, point("V", "m/s")]
    formulas = [point("C", expression="A / B"), point("D", expression="fan * V")]
    assert messages(RuleSet([*points, *formulas], (), (), ())) == []
    level = point("fan", range=(0.0, 1.0), resolution=0.01)
    assert len(messages(RuleSet([level, points[-1], formulas[-1]], (), (), ()))) == 1, "a share of 0 to 1 is no contact"


def test_units_of_different_kinds_may_be_mixed() -> None:
    rules = site("m/s", expression="CO * N2 / 100", n2="%")
    assert messages(rules) == []


@pytest.mark.parametrize(
    ("inputs", "co", "message"),
    [
        (PER_CENT | {"X": "%"}, "%", '"X" is not in the expression; expected CO, N2, O2'),
        ({"CO": "%", "N2": "%"}, "%", '"O2" is missing'),
        (PER_CENT, "", '"CO" has no unit; expected unit = "%" at this [[point]]'),
        (PER_CENT, "m/s", '"CO" is in "m/s", which does not convert into "%"; expected one of m/s, m/min, km/h'),
        (PER_CENT, "furlong", '"CO" is in "furlong", which does not convert into "%"; expected one of furlong'),
    ],
)
def test_units_that_do_not_fit_are_named(inputs: dict[str, str], co: str, message: str) -> None:
    assert [line for line in messages(site(co, inputs)) if message in line and "graham.inputs" in line]


@pytest.mark.parametrize(
    ("unit", "into", "value", "result"),
    [
        ("ppm", "%", 24.0, 0.0024),
        ("%", "ppm", 0.0024, 24.0),
        ("m/s", "m/min", 0.25, 15.0),
        ("MPa", "kPa", 0.74, 740.0),
        ("m3/h", "m3/min", 90.0, 1.5),
        ("K", "℃", 300.15, 27.0),
        ("°F", "℃", 212.0, 100.0),
        ("J", "J", 3.0, 3.0),
    ],
)
def test_a_value_is_converted(unit: str, into: str, value: float, result: float) -> None:
    rules = RuleSet(
        [point("A", unit), point("B", "", expression="A", inputs={"A": into})],
        [Limit.model_validate({"id": "b", "point": "B", "feature": "value", "high": -1e9, "level": "red"})], (), (),
    )  # fmt: skip
    assert messages(rules) == []
    (event,) = events(rules, ("A", 1, value))
    assert event.value == pytest.approx(result, rel=1e-12)


def test_a_graham_ratio_of_ppm_is_the_same_number_as_of_per_cent() -> None:
    """24 ppm CO, 79.2 % N2, 20.5 % O2: 100 * 0.0024 / (0.265 * 79.2 - 20.5) = 0.4915 by hand; 30 ppm is 0.6143."""
    gases = [("N2", 1, 79.2), ("O2", 2, 20.5)]
    in_ppm = events(site(inputs=PER_CENT), *gases, ("CO", 3, 24.0), ("CO", 4, 30.0))
    in_per_cent = events(site("%", PER_CENT), *gases, ("CO", 3, 0.0024), ("CO", 4, 0.003))
    assert [event.time for event in in_ppm] == [event.time for event in in_per_cent]
    assert [event.value for event in in_ppm] == pytest.approx([100 * 0.003 / (0.265 * 79.2 - 20.5)])


def test_an_expression_without_inputs_has_the_code_and_the_version_that_it_had() -> None:
    rules = site("%")
    assert "inputs" not in rules.content
    assert "unit" not in rules.content
    assert len(code_of(rules.points[-1], rules.conditions.point_of)) == len(
        code_of(site("%", PER_CENT).points[-1], rules.conditions.point_of)
    )


def test_the_units_of_inputs_are_in_the_version_and_survive_the_journal() -> None:
    rules = site(inputs=PER_CENT)
    assert rules.version != site("%", PER_CENT).version != site("%").version
    again = RuleSet.read(rules.content)
    assert again.version == rules.version
    codes = [code_of(each.points[-1], each.conditions.point_of) for each in (again, rules)]
    # nan is in the expression, and differs from itself
    assert str(codes[0]) == str(codes[1])


def test_inputs_without_an_expression_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="expected an expression that takes them"):
        point("T1", "%", inputs={"CO": "%"})
