"""The inbox: sources have their turns, a full line holds back and then refuses with a count and a gap."""

import asyncio
import logging

import numpy as np
import pytest

from hazwatch.live.late.review import ReviewOutcome
from hazwatch.live.waiting import inbox
from hazwatch.live.waiting.inbox import Finding, Inbox
from hazwatch.live.waiting.line import LONGEST_BATCH, LONGEST_DELAY, MOST_BATCHES, ROOM_FOR_SAMPLES, SourceLine, pieces
from plant import Quality, SampleBatch, State


def batch(point: int, *times: int, backfilled: bool = False) -> SampleBatch:
    return SampleBatch.of([point] * len(times), times, [0.5] * len(times), backfilled=backfilled)


def taken(box: Inbox) -> list[tuple[int, int]]:
    """Return point and time of the first sample of everything that waits."""
    rows = []
    while (item := box.next()) is not None:
        assert isinstance(item, SampleBatch)
        rows.append((int(item.point[0]), int(item.time[0])))
    return rows


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full line refuses at once."""
    monkeypatch.setattr(inbox, "HOLD_BACK", 0.0)


async def test_sources_have_their_turns_however_much_of_one_waits() -> None:
    box = Inbox(["fast", "slow"], 2)
    for time in range(4):
        await box.deliver("fast", batch(0, time))
    for time in range(2):
        await box.deliver("slow", batch(1, time))
    assert taken(box) == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (0, 3)]


async def test_an_order_comes_before_all_samples_and_while_they_are_held() -> None:
    box = Inbox(["fast"], 1)
    await box.deliver("fast", batch(0, 1))
    assert box.next(orders_only=True) is None
    order = Finding(ReviewOutcome(0, 0, ()), asyncio.get_running_loop().create_future())
    box.submit(order)
    assert box.next(orders_only=True) is order
    assert taken(box) == [(0, 1)]


@pytest.mark.usefixtures("impatient")
async def test_a_full_line_refuses_and_counts_and_leaves_the_others_alone() -> None:
    box = Inbox(["fast", "slow"], 2)
    for time in range(MOST_BATCHES + 3):
        await box.deliver("fast", batch(0, time, time))
    await box.deliver("slow", batch(1, 7))
    assert box.refused == {"fast": 6, "slow": 0}
    assert len(taken(box)) == MOST_BATCHES + 1


@pytest.mark.usefixtures("impatient")
async def test_what_was_refused_enters_as_a_gap_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    box = Inbox(["fast"], 2)
    for time in range(MOST_BATCHES + 3):
        await box.deliver("fast", batch(time % 2, time))
    with caplog.at_level(logging.WARNING, "hazwatch"):
        box.account()
        box.account()
    assert [record.getMessage().split(", ", 1)[1] for record in caplog.records] == [
        "the source is faster than the engine source=fast samples=3 total=3"
    ]
    *_, gap = iter(box.next, None)
    assert isinstance(gap, SampleBatch)
    assert gap.point.tolist() == [0, 1]
    assert gap.time.tolist() == [MOST_BATCHES + 2, MOST_BATCHES + 1]
    assert set(gap.quality) == {Quality.BAD}
    assert set(gap.state) == {State.NOT_SCANNED}
    assert np.isnan(gap.value).all()


async def test_a_full_line_holds_its_source_back_until_there_is_room() -> None:
    box = Inbox(["fast"], 1)
    for time in range(MOST_BATCHES):
        await box.deliver("fast", batch(0, time))
    held = asyncio.create_task(box.deliver("fast", batch(0, MOST_BATCHES)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not held.done()
    box.next()
    await held
    assert box.refused == {"fast": 0}
    assert taken(box)[-1] == (0, MOST_BATCHES)


@pytest.mark.usefixtures("impatient")
async def test_buffered_history_waits_and_is_never_refused() -> None:
    box = Inbox(["fast"], 1)
    for time in range(MOST_BATCHES):
        await box.deliver("fast", batch(0, time))
    held = asyncio.create_task(box.deliver("fast", batch(0, 1, backfilled=True)))
    for _ in range(5):
        await asyncio.sleep(0)
    box.next()
    await held
    assert box.refused == {"fast": 0}


def test_a_long_batch_is_cut_and_the_order_of_every_point_kept() -> None:
    rng = np.random.default_rng(1)
    times = rng.permutation(3 * LONGEST_BATCH + 1)
    parts = list(pieces(SampleBatch.of(times % 5, times, times / 10)))
    assert [len(part) for part in parts] == [LONGEST_BATCH] * 3 + [1]
    assert np.array_equal(np.concatenate([part.time for part in parts]), np.sort(times))


def test_a_gap_comes_after_what_entered_of_its_point() -> None:
    line = SourceLine(2)
    line.refuse(batch(0, 5, 9))
    line.put(batch(0, 12), 0.0)
    gap = line.gap()
    assert gap is not None
    assert (gap.point.tolist(), gap.time.tolist()) == ([0], [13])
    assert line.gap() is None


def test_a_line_that_never_gets_empty_stays_busy_since_it_was_full() -> None:
    line = SourceLine(1)
    line.put(SampleBatch.of([0] * ROOM_FOR_SAMPLES, range(ROOM_FOR_SAMPLES), 1.0), 3.0)
    assert not line.has_room(3.0)
    line.put(batch(0, ROOM_FOR_SAMPLES), 3.5)
    line.take()
    assert line.has_room(3.6)
    assert line.busy_since == 3.0
    line.take()
    assert line.busy_since is None


def test_a_line_whose_first_batch_waits_long_has_no_room_however_short_it_is() -> None:
    line = SourceLine(1)
    line.put(batch(0, 1), 3.0)
    assert line.has_room(3.0 + LONGEST_DELAY / 2)
    assert not line.has_room(3.0 + LONGEST_DELAY)
    line.take()
    assert line.has_room(3.0 + LONGEST_DELAY)
