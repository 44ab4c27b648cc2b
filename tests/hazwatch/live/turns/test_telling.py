"""Observers hear of every record in order, few at once, and catch up with a flood."""

import asyncio

from alarms import Record, RunStart
from hazwatch.live.turns.telling import TOLD_AT_ONCE, Telling

MANY = 20 * TOLD_AT_ONCE


async def test_many_records_are_told_in_parts_that_shrink_with_what_waits() -> None:
    told: list[list[int]] = []
    telling = Telling()
    telling.observers.append(lambda records: told.append([record.number for record in records]))
    telling.tell([Record(number, 0, RunStart(rules="")) for number in range(MANY // 2)])
    telling.tell([Record(number, 0, RunStart(rules="")) for number in range(MANY // 2, MANY)])
    assert told == []
    for _ in range(30):
        await asyncio.sleep(0)
    assert [number for part in told for number in part] == list(range(MANY))
    lengths = [len(part) for part in told]
    assert lengths[0] == MANY // 4
    assert lengths == sorted(lengths, reverse=True)
    assert len(lengths) > 5
