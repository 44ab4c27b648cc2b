"""Whose turn it is: prompt units keep their grid, whatever the others cost."""

import pytest

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.turns import FREE_TRIES, SHARE_OF_TRIALS, Attempt, Turns
from adapters.sources.modbus.unit import Unit
from plant.modbus_address import ModbusAddress
from plant.units import SECOND

SPEC = ModbusSource.model_validate({"id": "kj", "protocol": "modbus", "endpoint": "127.0.0.1:502"})


def turns(count: int, *, one_line: bool = False) -> Turns:
    points = {number: ModbusAddress.parse(f"unit={number};holding=0") for number in range(1, count + 1)}
    units = [Unit(number, {number: address}, SPEC) for number, address in points.items()]
    return Turns(units, SPEC.model_copy(update={"transport": "rtu-over-tcp" if one_line else "tcp"}), now=0)


def prompt(asked: Turns) -> list[int]:
    order = []
    while (turn := asked.next_poll(0)) is not None:
        order.append(turn.unit.number)
        turn.advance(0, SECOND)
    return order


def test_polls_keep_to_their_grid_and_overrun_ones_are_counted_and_not_queued_up() -> None:
    (turn,) = turns(1).all
    now, begins = 0, []
    for took in (0.0, 0.25, 0.0, 3.5, 0.0, 1.0):
        now += int(took * SECOND)
        turn.advance(now, SECOND)
        now = max(now, turn.due)
        begins.append(now / SECOND)
    assert begins == [1.0, 2.0, 3.0, 6.5, 7.0, 8.0]
    assert turn.missed == 2


def test_units_are_read_in_their_order() -> None:
    asked = turns(3)
    assert prompt(asked) == [1, 2, 3]
    assert asked.next_due == SECOND


def test_after_a_silence_the_units_that_answer_come_before_those_that_may_be_dead() -> None:
    asked = turns(4)
    first, *_, last = asked.all
    asked.silence(1.0)
    asked.heard(last, 1.5)
    assert asked.next_poll(0) is last
    last.busy = True
    assert asked.next_poll(0) is first


def test_units_that_are_too_slow_for_the_period_are_read_beside_the_others() -> None:
    asked = turns(4)
    for turn, usual in zip(asked.all, (0.01, 0.9, 0.02, 0.03), strict=True):
        turn.took(usual)
        turn.took(usual)
    asked.sort(1.0)
    assert prompt(asked) == [1, 3, 4]
    trial = asked.next_trial(0.0, 0)
    assert trial is not None
    assert (trial.turn.unit.number, trial.request) == (2, None)


def test_a_unit_that_was_slow_once_is_still_prompt() -> None:
    asked = turns(2)
    for duration in (0.01, 0.01, 0.9, 0.01):
        asked.all[0].took(duration)
        asked.all[1].took(0.01)
        asked.sort(1.0)
        assert asked.next_poll(0) is asked.all[0]


def test_the_only_unit_is_read_by_polls_however_slow_it_is() -> None:
    asked = turns(1)
    asked.all[0].took(5.0)
    asked.sort(1.0)
    assert prompt(asked) == [1]


def test_trials_begin_at_once_where_they_cost_nothing() -> None:
    asked = turns(2)
    turn = asked.all[0]
    asked.trial_begins(0.0)
    asked.polled(turn, 0.1, 0.2, answered=True)
    assert asked.parallel
    assert asked.has_time_for(Attempt(turn, None, 100.0), 0.2, 0.0)


def test_a_poll_that_waited_for_a_trial_shows_that_trials_delay_polls() -> None:
    asked = turns(2)
    asked.trial_begins(0.0)
    asked.trial_ends(1.0)
    asked.polled(asked.all[0], 0.5, 1.001, answered=True)
    assert asked.parallel is False


def test_where_trials_delay_polls_they_take_their_share_of_the_time_and_no_more() -> None:
    asked = turns(2, one_line=True)
    turn = asked.all[0]
    turn.tries = FREE_TRIES
    trial = Attempt(turn, turn.unit.requests[0], 1.0)
    now = delayed = 0.0
    while now < 1000.0:
        if asked.has_time_for(trial, now, 0.4):
            asked.tried(trial, 1.0, 0.4)
            delayed += 0.6
        now += 0.1
    assert 0.5 * SHARE_OF_TRIALS * now < delayed <= SHARE_OF_TRIALS * now + 1.0


@pytest.mark.parametrize(("gap", "begins"), [(1.1, True), (0.5, False), (0.0, False)])
def test_a_trial_that_ends_before_the_next_poll_needs_no_share(gap: float, begins: bool) -> None:
    asked = turns(2, one_line=True)
    turn = asked.all[0]
    turn.tries = FREE_TRIES
    trial = Attempt(turn, turn.unit.requests[0], 1.0)
    asked.tried(trial, 1.2, 0.0)
    assert asked.has_time_for(trial, 0.0, gap) is begins


@pytest.mark.parametrize("parallel", [None, False, True])
def test_a_hang_up_is_checked_with_a_unit_that_answers_whatever_was_learnt_of_trials(*, parallel: bool | None) -> None:
    asked = turns(3)
    ill, _, well = asked.all
    assert asked.known_request(ill) is None
    asked.heard(well, 1.0)
    asked.parallel = parallel
    assert asked.known_request(ill) is well.unit.requests[0]
