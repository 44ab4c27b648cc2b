"""Work behind an alarm waits a moment, is done in order, and none of it is lost."""

import asyncio

from hazwatch.live.turns.afterwards import MOST_PUT_OFF, Afterwards


async def test_work_that_may_wait_is_done_soon_and_in_order() -> None:
    done: list[int] = []
    afterwards = Afterwards(done.append)
    afterwards.put(1, later=True)
    afterwards.put(2, later=True)
    assert done == []
    async with asyncio.timeout(5):
        while len(done) < 2:  # noqa: ASYNC110  # polls with a deadline
            await asyncio.sleep(0)
    assert done == [1, 2]


async def test_work_that_may_not_wait_takes_what_waits_with_it() -> None:
    done: list[int] = []
    afterwards = Afterwards(done.append)
    afterwards.put(1, later=True)
    afterwards.put(2, later=False)
    assert done == [1, 2]


async def test_in_a_flood_nothing_grows_and_an_end_leaves_nothing() -> None:
    done: list[int] = []
    afterwards = Afterwards(done.append)
    for number in range(2 * MOST_PUT_OFF):
        afterwards.put(number, later=True)
    assert len(done) > MOST_PUT_OFF
    afterwards.settle()
    assert done == list(range(2 * MOST_PUT_OFF))
