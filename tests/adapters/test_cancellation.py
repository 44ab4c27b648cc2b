"""A time-out is a time-out, however a library ends what it cancels."""

import asyncio

import pytest

from adapters.sources.cancellation import within


class OwnCancelledError(asyncio.CancelledError):
    """What a library raises when an answer arrives together with the cancellation."""


async def end_in_its_own_way(begun: asyncio.Event) -> None:
    begun.set()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError as error:
        raise OwnCancelledError from error


async def test_a_time_out_is_one_whatever_class_the_cancellation_has() -> None:
    with pytest.raises(TimeoutError):
        async with within(0):
            await end_in_its_own_way(asyncio.Event())


async def test_a_cancellation_from_outside_stays_one() -> None:
    async def waiting(begun: asyncio.Event) -> None:
        async with within(60):
            await end_in_its_own_way(begun)

    begun = asyncio.Event()
    task = asyncio.create_task(waiting(begun))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
