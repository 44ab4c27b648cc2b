"""A trace is played at the pace of a clock: everything, in order, and nothing before its time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plant import SampleBatch
from simulators.pace import play


class Steps:
    """A clock that only moves when it is slept on, and by more than was asked."""

    def __init__(self, start: int, overshoot: int = 0) -> None:
        self.time = start
        self.overshoot = overshoot

    def now(self) -> int:
        return self.time

    async def sleep(self, duration: int) -> None:
        assert duration > 0
        self.time += duration + self.overshoot


async def played(trace: SampleBatch, clock: Steps) -> list[tuple[int, list[float]]]:
    pieces: list[tuple[int, list[float]]] = []

    async def deliver(batch: SampleBatch) -> None:
        pieces.append((clock.now(), batch.value.tolist()))

    await play(trace, clock, deliver)
    return pieces


async def test_each_row_comes_at_its_time_and_rows_of_one_time_come_together() -> None:
    trace = SampleBatch.of([0, 1, 0, 1], [10, 10, 20, 35], [1.0, 2.0, 3.0, 4.0])
    assert await played(trace, Steps(0)) == [(10, [1.0, 2.0]), (20, [3.0]), (35, [4.0])]


async def test_rows_that_were_due_before_the_start_come_at_once_and_none_is_skipped() -> None:
    trace = SampleBatch.of([0, 0, 0], [10, 20, 30], [1.0, 2.0, 3.0])
    assert await played(trace, Steps(25)) == [(25, [1.0, 2.0]), (30, [3.0])]


async def test_a_row_with_an_arrival_comes_when_it_arrived() -> None:
    trace = SampleBatch.of([0, 0], [10, 20], [1.0, 2.0], arrival=[40, 30])
    assert await played(trace, Steps(0)) == [(30, [2.0]), (40, [1.0])]


async def test_an_empty_trace_ends_at_once() -> None:
    assert await played(SampleBatch.of([], [], []), Steps(0)) == []


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(0, 60), st.integers(0, 20))
async def test_all_rows_come_once_in_order_and_never_early(times: list[int], start: int, overshoot: int) -> None:
    trace = SampleBatch.of(np.zeros(len(times)), times, np.arange(len(times)))
    pieces = await played(trace, Steps(start, overshoot))
    rows = [int(row) for _, piece in pieces for row in piece]
    assert rows == sorted(range(len(times)), key=lambda row: times[row])
    assert all(times[int(row)] <= now for now, piece in pieces for row in piece)
