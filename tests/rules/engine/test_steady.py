"""Points at rest give the events of the slow engine that knows no rest, and of one that never rests."""

import random
from dataclasses import asdict

import pytest

from ingest import SAMPLE, Log
from rules import Engine, RuleSet
from tests.logs.engine_logs import FORMS, LOGS, as_log, evaluated
from tests.logs.reference import differences, reference_events
from tests.logs.steady_logs import steady_case

pytestmark = pytest.mark.slow

CHUNK = 10
REFERENCE = max(40, LOGS // 12)
AWAKE = LOGS // 2
EDITED = LOGS // 5
COUNTED = 12


@pytest.mark.parametrize("first", range(0, REFERENCE, CHUNK))
def test_steady_logs_give_the_events_of_the_reference(first: int) -> None:
    for seed in range(first, first + CHUNK):
        case = steady_case(seed)
        entries = FORMS["trace" if seed % 4 == 3 else "live"][0](case)
        expected = reference_events(case.points, case.limits, case.votes, case.interlocks, entries)
        found = evaluated(case, as_log(case, entries), random.Random(seed))
        assert not differences(expected, found), f"seed {seed}"


def steady(seed: int) -> tuple[RuleSet, Log]:
    """Return the rules and the live log of a seed."""
    case = steady_case(seed)
    return RuleSet(case.points, case.limits, case.votes, case.interlocks), as_log(case, case.live())


@pytest.mark.parametrize("first", range(0, AWAKE, AWAKE // 5))
def test_steady_logs_give_the_events_of_an_engine_that_never_rests(first: int) -> None:
    for seed in range(1000 + first, 1000 + first + AWAKE // 5):
        rules, log = steady(seed)
        resting, awake = Engine(rules), Engine(rules, skip_calm=False)
        expected, found = ([asdict(event) for event in one.evaluate(log)] for one in (awake, resting))
        assert not differences(expected, found), f"seed {seed}"


def lengthened(rules: RuleSet) -> RuleSet:
    """Return a rule-set of which every window is three times as long."""
    limits = [limit.model_copy(update={"window": limit.window and 3 * limit.window}) for limit in rules.limits]
    return RuleSet(rules.points, limits, rules.votes, rules.interlocks)


@pytest.mark.parametrize("first", range(0, EDITED, EDITED // 5))
def test_an_edit_takes_over_from_points_at_rest_what_it_would_from_others(first: int) -> None:
    for seed in range(first, first + EDITED // 5):
        rules, log = steady(seed)
        cut = random.Random(seed).randrange(len(log))
        resting, awake = Engine(rules), Engine(rules, skip_calm=False)
        expected, found = list[dict[str, object]](), list[dict[str, object]]()
        for engine, events in ((awake, expected), (resting, found)):
            events += [asdict(event) for event in engine.evaluate(log[:cut])]
            events += [asdict(event) for event in engine.edited(lengthened(rules)).evaluate(log[cut:])]
        assert not differences(expected, found), f"seed {seed}"


def test_a_good_part_of_the_samples_of_points_with_windows_is_taken_at_rest() -> None:
    samples, at_rest = 0, 0
    for seed in range(COUNTED):
        rules, log = steady(seed)
        engine = Engine(rules)
        windows = [any(rule.point == point.id and rule.window for rule in rules.limits) for point in rules.points]
        for place in range(len(log)):
            engine.evaluate(log[place : place + 1])
            if log.kind[place] == SAMPLE and windows[column := log.point[place]]:
                samples += 1
                at_rest += int(engine.calm_points()[column])
    assert at_rest > 0.4 * samples
