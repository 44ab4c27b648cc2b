"""The engine against the slow one that was written from the specification alone, on random rules and random logs."""

import random

import numpy as np
import pytest

from tests.logs.engine_logs import FORMS, LOGS, as_log, evaluated
from tests.logs.random_logs import random_case
from tests.logs.reference import differences, reference_events

pytestmark = pytest.mark.slow

CHUNK = 25


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("first", range(0, LOGS, CHUNK))
def test_both_engines_give_the_same_events(form: str, first: int) -> None:
    reference, _ = FORMS[form]
    for seed in range(first, first + CHUNK):
        case = random_case(seed)
        entries = reference(case)
        expected = reference_events(case.points, case.limits, case.votes, case.interlocks, entries)
        found = evaluated(case, as_log(case, entries), random.Random(seed))
        assert not differences(expected, found), f"seed {seed}"


@pytest.mark.parametrize("form", [form for form, (_, ours) in FORMS.items() if ours])
@pytest.mark.parametrize("first", range(0, LOGS, CHUNK))
def test_both_put_the_log_in_the_same_order(form: str, first: int) -> None:
    reference, ours = FORMS[form]
    assert ours is not None
    for seed in range(first, first + CHUNK):
        case = random_case(seed)
        expected, found = as_log(case, reference(case)), ours(case)
        for name in ("kind", "point", "time", "value", "quality", "state", "backfilled"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), f"seed {seed}, column {name}")
