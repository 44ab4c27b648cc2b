"""What the source says when it heard nothing: never a change, never in the way of one that comes later."""

import math
from typing import NamedTuple

import numpy as np
from asyncua.ua.status_codes import StatusCodes
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.opcua.decode import NO_TIME, DataValues
from adapters.sources.opcua.memory import Memory
from plant import Quality, SampleBatch, State

S = 1_000_000_000
T = 1_400_000_000 * S
SCAN = 10 * S
MARGIN = SCAN // 4


class Reading(NamedTuple):
    """One row of `DataValues`."""

    node: int
    source: int | None
    server: int | None
    value: float
    status: int
    overflow: bool


def reading(source: int | None, value: float, *, server: int | None = None, status: int = 0, node: int = 0) -> Reading:
    return Reading(node, source, server, value, status, overflow=False)


def values(*readings: Reading) -> DataValues:
    return DataValues(
        np.array([row.node for row in readings], np.int64),
        np.array([NO_TIME if row.source is None else row.source for row in readings], np.int64),
        np.array([NO_TIME if row.server is None else row.server for row in readings], np.int64),
        np.array([row.value for row in readings], np.float64),
        np.array([row.status for row in readings], np.uint32),
        np.array([row.overflow for row in readings], np.bool_),
    )


def memory(nodes: int = 1) -> Memory:
    made = Memory(range(10, 10 + nodes), MARGIN)
    made.subscribed(range(nodes))
    return made


def rows(batch: SampleBatch) -> list[tuple[int, float, int]]:
    return list(zip((batch.time - T).tolist(), batch.value.tolist(), batch.quality.tolist(), strict=True))


def test_a_notification_is_yielded_with_its_own_source_time() -> None:
    batch = memory().notified(values(reading(T, 1.0, server=T + S)), T + 2 * S)
    assert batch.point.tolist() == [10]
    assert rows(batch) == [(0, 1.0, Quality.GOOD)]


def test_without_a_source_time_the_server_time_counts_and_without_that_the_arrival() -> None:
    asked = memory()
    assert rows(asked.notified(values(reading(None, 1.0, server=T + S)), T + 5 * S)) == [(S, 1.0, Quality.GOOD)]
    assert rows(asked.notified(values(reading(None, 2.0)), T + 6 * S)) == [(6 * S, 2.0, Quality.GOOD)]


def test_a_steady_value_is_scanned_with_the_servers_time_less_the_margin() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0, server=T)), T)
    batch = asked.scanned(values(reading(T, 1.0, server=T + SCAN)), T + SCAN + S)
    assert rows(batch) == [(SCAN - MARGIN, 1.0, Quality.GOOD)]


def test_where_arrivals_count_a_steady_value_is_scanned_though_the_servers_clock_stands() -> None:
    asked = Memory([10], MARGIN, by_arrival=True)
    asked.subscribed([0])
    asked.notified(values(reading(T, 1.0, server=T)), T)
    scans = [asked.scanned(values(reading(T, 1.0, server=T)), T + count * SCAN) for count in (1, 2)]
    assert [rows(batch) for batch in scans] == [[(SCAN, 1.0, Quality.GOOD)], [(2 * SCAN, 1.0, Quality.GOOD)]]


def test_without_a_server_time_a_scan_bears_the_clocks() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0)), T)
    assert rows(asked.scanned(values(reading(T, 1.0)), T + SCAN)) == [(SCAN - MARGIN, 1.0, Quality.GOOD)]


def test_a_server_whose_time_stands_still_keeps_no_point_alive() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0, server=T)), T)
    standing = [reading(T, 1.0, server=T + SCAN)]
    assert len(asked.scanned(values(*standing), T + SCAN)) == 1
    assert len(asked.scanned(values(*standing), T + 2 * SCAN)) == 0


def test_a_steady_nan_stays_bad_and_steady() -> None:
    asked = memory()
    asked.notified(values(reading(T, math.nan, server=T)), T)
    batch = asked.scanned(values(reading(T, math.nan, server=T + SCAN)), T + SCAN)
    assert batch.quality.tolist() == [Quality.BAD]


def test_a_reading_that_was_not_notified_waits_for_its_notification() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0, server=T)), T)
    assert len(asked.scanned(values(reading(T + 9 * S, 3.0, server=T + SCAN)), T + SCAN)) == 0
    changes = [reading(T + 8 * S, 2.0, server=T + 8 * S), reading(T + 9 * S, 3.0, server=T + 9 * S)]
    assert rows(asked.notified(values(*changes), T + 11 * S)) == [
        (8 * S, 2.0, Quality.GOOD),
        (9 * S, 3.0, Quality.GOOD),
    ]
    assert rows(asked.scanned(values(reading(T + 9 * S, 3.0, server=T + 2 * SCAN)), T + 2 * SCAN)) == [
        (2 * SCAN - MARGIN, 3.0, Quality.GOOD)
    ]


def test_a_reading_whose_notification_never_comes_is_yielded_after_two_answers() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0, server=T)), T)
    changed = T + 9 * S
    for cycle in range(2):
        now = T + SCAN + cycle * S
        assert len(asked.scanned(values(reading(changed, 3.0, server=now)), now)) == 0
        asked.notified(values(), now)
    assert rows(asked.scanned(values(reading(changed, 3.0, server=T + 2 * SCAN)), T + 2 * SCAN)) == [
        (9 * S, 3.0, Quality.GOOD)
    ]
    assert rows(asked.scanned(values(reading(changed, 3.0, server=T + 3 * SCAN)), T + 3 * SCAN)) == [
        (3 * SCAN - MARGIN, 3.0, Quality.GOOD)
    ]


def test_a_reading_that_a_notification_has_overtaken_is_dropped() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0, server=T)), T)
    asked.notified(values(reading(T + 9 * S, 2.0, server=T + 9 * S)), T + 10 * S)
    for _ in range(4):
        assert len(asked.scanned(values(reading(T, 1.0, server=T + 8 * S)), T + SCAN)) == 0
        asked.notified(values(), T + SCAN)


def test_the_scan_of_a_device_whose_clock_lags_stays_on_that_clock() -> None:
    asked = memory()
    lag = 300 * S
    asked.notified(values(reading(T - lag, 1.0, server=T)), T)
    asked.notified(values(reading(T + S - lag, 2.0, server=T + S)), T + S)
    scanned = asked.scanned(values(reading(T + S - lag, 2.0, server=T + SCAN)), T + SCAN)
    assert rows(scanned) == [(SCAN - lag - MARGIN, 2.0, Quality.GOOD)]
    later = asked.notified(values(reading(T + SCAN - lag, 3.0, server=T + SCAN)), T + SCAN)
    assert later.time[0] > scanned.time[0]


def test_an_old_initial_value_is_no_lag() -> None:
    asked = memory()
    asked.notified(values(reading(T - 3600 * S, 1.0, server=T)), T)
    assert rows(asked.scanned(values(reading(T - 3600 * S, 1.0, server=T + SCAN)), T + SCAN)) == [
        (SCAN - MARGIN, 1.0, Quality.GOOD)
    ]


def test_a_node_that_never_changed_takes_the_lag_of_the_others_as_far_as_its_initial_value_allows() -> None:
    asked = memory(3)
    lag = 300 * S
    asked.notified(values(reading(T - 400 * S, 1.0, server=T, node=1), reading(T - 2 * S, 1.0, server=T, node=2)), T)
    asked.notified(values(reading(T - lag, 1.0, server=T, node=0)), T)
    asked.notified(values(reading(T + S - lag, 1.5, server=T + S, node=0)), T + S)
    held = [reading(T - 400 * S, 1.0, server=T + SCAN, node=1), reading(T - 2 * S, 1.0, server=T + SCAN, node=2)]
    assert (asked.scanned(values(*held), T + SCAN).time - T).tolist() == [SCAN - lag - MARGIN, SCAN - 2 * S - MARGIN]


def test_a_change_that_a_scan_has_overtaken_is_said_again_right_after_the_scan() -> None:
    asked, lag = memory(), 300 * S
    asked.notified(values(reading(T - lag, 1.0, server=T)), T)
    (scan,) = rows(asked.scanned(values(reading(T - lag, 1.0, server=T + SCAN)), T + SCAN))
    now = T + SCAN + S
    changes = [reading(now - lag, 2.0, server=now), reading(now - lag + 1000, 3.0, server=now)]
    assert rows(asked.notified(values(*changes), now)) == [
        (now - lag - T, 2.0, Quality.GOOD),
        (scan[0] + 1, 2.0, Quality.GOOD),
        (now - lag - T + 1000, 3.0, Quality.GOOD),
        (scan[0] + 2, 3.0, Quality.GOOD),
    ]
    assert rows(asked.notified(values(reading(now - lag + 10, 2.5, server=now)), now)) == [(now - lag - T + 10, 2.5, 0)]


def test_a_node_without_a_first_value_says_nothing_and_one_that_lost_its_value_is_bad() -> None:
    asked = memory()
    waiting = reading(None, math.nan, server=T, status=StatusCodes.BadWaitingForInitialData)
    assert len(asked.notified(values(waiting), T)) == 0
    for _ in range(4):
        assert len(asked.scanned(values(waiting._replace(server=T + SCAN)), T + SCAN)) == 0
        asked.notified(values(), T + SCAN)
    asked.notified(values(reading(T + SCAN, 1.0, server=T + SCAN)), T + SCAN)
    assert asked.notified(values(waiting._replace(server=T + 2 * SCAN)), T + 2 * SCAN).quality.tolist() == [Quality.BAD]


def test_a_lost_link_is_bad_at_once_for_every_node_and_on_the_devices_clock() -> None:
    asked = memory(2)
    lag = 300 * S
    asked.notified(values(reading(T - lag, 1.0, server=T, node=0), reading(T, 1.0, server=T, node=1)), T)
    asked.notified(
        values(reading(T + S - lag, 2.0, server=T + S, node=0), reading(T + S, 2.0, server=T + S, node=1)), T + S
    )
    batch = asked.lost([0, 1], T + 60 * S)
    assert batch.quality.tolist() == [Quality.BAD] * 2
    assert np.isnan(batch.value).all()
    assert (batch.time - T).tolist() == [60 * S - lag - MARGIN, 60 * S - MARGIN]


def test_a_loss_right_after_a_change_is_later_than_the_change() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0, server=T)), T)
    assert asked.lost([0], T).time.tolist() == [T + 1]


def test_a_value_that_did_not_change_while_the_link_was_lost_is_good_again_at_the_next_scan() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0, server=T)), T)
    lost = asked.lost([0], T + 60 * S)
    asked.subscribed([0])
    asked.notified(values(reading(T, 1.0, server=T)), T + 60 * S)
    back = asked.scanned(values(reading(T, 1.0, server=T + 60 * S)), T + 60 * S)
    assert back.quality.tolist() == [Quality.GOOD]
    assert back.time[0] > lost.time[0]


def test_a_server_clock_behind_ours_does_not_make_a_loss_blind_the_point_afterwards() -> None:
    asked = memory()
    behind = 120 * S
    asked.notified(values(reading(T, 1.0, server=T)), T + behind)
    asked.scanned(values(reading(T, 1.0, server=T + SCAN)), T + SCAN + behind)
    lost = asked.lost([0], T + 20 * S + behind)
    asked.subscribed([0])
    changed = asked.notified(values(reading(T + 21 * S, 2.0, server=T + 21 * S)), T + 21 * S + behind)
    assert changed.time[0] > lost.time[0]


@given(
    st.lists(st.tuples(st.integers(1, 20), st.sampled_from(["change", "scan", "early scan", "loss"])), max_size=40),
    st.integers(-5, 600),
)
def test_no_sample_of_a_scan_or_a_loss_makes_a_change_late(steps: list[tuple[int, str]], lag: int) -> None:
    asked = memory()
    now, value, source = T, 0.0, T - lag * S
    asked.notified(values(reading(source, value, server=now)), now)
    now += S
    asked.notified(values(reading(now - lag * S, value, server=now)), now)
    source, last = now - lag * S, now - lag * S
    for pause, step in steps:
        now += pause * S
        if step == "change":
            value, source = value + 1, now - lag * S
            batch = asked.notified(values(reading(source, value, server=now)), now)
            assert batch.time.tolist() == [source]
        elif step == "loss":
            batch = asked.lost([0], now)
        else:
            ahead = S if step == "early scan" else 0
            batch = asked.scanned(values(reading(source + ahead, value + ahead, server=now + ahead)), now)
            assert not ahead or len(batch) == 0
        assert (batch.time > last).all()
        last = int(batch.time[-1]) if len(batch) else last


def test_history_that_was_kept_back_is_yielded_once_and_says_nothing_of_now() -> None:
    asked = memory()
    asked.notified(values(reading(T, 0.6, server=T)), T)
    asked.notified(values(reading(T + 34 * S, 0.6, server=T + 34 * S)), T + 34 * S)
    kept = [reading(T + (10 + n) * S, 1.3, server=T + 35 * S) for n in range(5)]
    batch = asked.notified(values(*kept), T + 35 * S)
    assert rows(batch) == [((10 + n) * S, 1.3, Quality.GOOD) for n in range(5)]
    for number in range(1, 4):  # the node holds the last row of history, so nothing is known of now
        assert not len(asked.scanned(values(reading(T + 14 * S, 1.3, server=T + 40 * S)), T + (40 + number) * SCAN))
    after = asked.notified(values(reading(T + 50 * S, 0.7, server=T + 50 * S)), T + 50 * S)
    assert rows(after) == [(50 * S, 0.7, Quality.GOOD)]
    scanned = asked.scanned(values(reading(T + 50 * S, 0.7, server=T + 60 * S)), T + 60 * S)
    assert rows(scanned) == [(60 * S - MARGIN, 0.7, Quality.GOOD)]


def test_a_node_that_is_only_read_needs_no_notification() -> None:
    asked = memory()
    asked.read_only([0])
    assert rows(asked.scanned(values(reading(T, 1.0, server=T + S)), T + S)) == [(0, 1.0, Quality.GOOD)]
    assert rows(asked.scanned(values(reading(T + 2 * S, 3.0, server=T + 3 * S)), T + 3 * S)) == [
        (2 * S, 3.0, Quality.GOOD)
    ]
    steady = rows(asked.scanned(values(reading(T + 2 * S, 3.0, server=T + 9 * S)), T + 9 * S))
    assert steady == [(9 * S - MARGIN, 3.0, Quality.GOOD)]


def test_rows_that_the_server_lost_leave_a_gap_and_a_count() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0)), T)
    late = Reading(0, T + 5 * S, None, 2.0, 0, overflow=True)
    batch = asked.notified(values(late, late._replace(source=T + 6 * S)), T + 6 * S)
    assert [(time, quality) for time, _, quality in rows(batch)] == [
        (5 * S - 1, Quality.BAD),
        (5 * S, Quality.GOOD),
        (6 * S, Quality.GOOD),
    ]
    assert batch.state.tolist() == [State.NOT_SCANNED, 0, 0]
    assert asked.overflows == 2


DAY = 86_400 * S


def test_a_time_in_the_future_is_passed_on_and_spoils_its_point_no_longer_than_it_lasts() -> None:
    asked = memory()
    asked.notified(values(reading(T, 1.0, server=T)), T)
    wrong = asked.notified(values(reading(T + DAY, 2.0, server=T + S)), T + S)
    assert rows(wrong) == [(DAY, 2.0, Quality.GOOD)]
    scanned = asked.scanned(values(reading(T + DAY, 2.0, server=T + SCAN)), T + SCAN)
    assert rows(scanned) == [(SCAN - MARGIN, 2.0, Quality.GOOD)]
    right = asked.notified(values(reading(T + 12 * S, 3.0, server=T + 12 * S)), T + 12 * S)
    assert rows(right) == [(12 * S, 3.0, Quality.GOOD)]
    again = asked.scanned(values(reading(T + 12 * S, 3.0, server=T + 22 * S)), T + 22 * S)
    assert rows(again) == [(22 * S - MARGIN, 3.0, Quality.GOOD)]


def test_a_time_in_the_future_moves_no_other_point() -> None:
    asked = memory(2)
    asked.notified(values(reading(T, 1.0, server=T, node=1)), T)
    asked.notified(values(reading(T + DAY, 2.0, server=T + S)), T + S)
    asked.notified(values(reading(T + 2 * DAY, 3.0, server=T + 2 * S)), T + 2 * S)
    scanned = asked.scanned(values(reading(T, 1.0, server=T + SCAN, node=1)), T + SCAN)
    assert rows(scanned) == [(SCAN - MARGIN, 1.0, Quality.GOOD)]
    assert (asked.lost([0, 1], T + 20 * S).time < T + 20 * S).all()


def test_a_servers_clock_that_was_a_day_ahead_leaves_nothing_behind() -> None:
    asked = memory()
    asked.notified(values(reading(T + DAY, 1.0, server=T + DAY)), T)
    assert rows(asked.scanned(values(reading(T + DAY, 1.0, server=T + DAY + SCAN)), T + SCAN)) == [
        (SCAN - MARGIN, 1.0, Quality.GOOD)
    ]
    assert rows(asked.notified(values(reading(T + 11 * S, 2.0, server=T + 11 * S)), T + 11 * S))[0][0] == 11 * S
    assert len(asked.scanned(values(reading(T + 11 * S, 2.0, server=T + 30 * S)), T + 30 * S)) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["change", "scan", "loss"]), st.sampled_from([0, 0, 0, 60, 86_400]), st.integers(1, 9)
        ),
        max_size=30,
    )
)
def test_no_computed_time_is_ahead_of_this_machine(steps: list[tuple[str, int, int]]) -> None:
    asked, now, source = memory(), T, T
    sent = {T}
    for step, ahead, pause in steps:
        now += pause * S
        if step == "change":
            source = now + ahead * S
            sent.add(source)
            batch = asked.notified(values(reading(source, float(pause), server=now)), now)
        elif step == "scan":
            batch = asked.scanned(values(reading(source, float(pause), server=now)), now)
        else:
            batch = asked.lost([0], now)
        assert all(time in sent or time <= now for time in batch.time.tolist())
