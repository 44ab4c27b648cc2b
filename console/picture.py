"""`Picture`: the snapshot of one moment as JSON, made once for all who ask for it, in parts where it is long."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from heapq import nsmallest
from typing import Any, Final

import orjson

from console.views import AlarmStateName, AlarmView, SnapshotView
from plant import Level

ALARMS_AT_ONCE: Final = 500
"""Largest number of alarms that are made into JSON at once: as many as a snapshot of the stream has."""
# The loss of a large source is tens of thousands of alarms. JSON of 500 takes about a millisecond.
STATE_ORDER: Final[Mapping[AlarmStateName, int]] = {"unacked": 0, "rtn_unacked": 1, "acked": 2, "normal": 3}
"""Order of the alarm list; within a state the highest level comes first."""


class Picture:
    """A snapshot and the number of the last change in it."""

    def __init__(self, number: int, view: SnapshotView) -> None:
        self.number: Final = number
        self._others: Final = {name: entry for name, entry in view.items() if name != "alarms"}
        self._alarms: Final = view["alarms"]
        first = (
            self._alarms
            if len(self._alarms) <= ALARMS_AT_ONCE
            else nsmallest(ALARMS_AT_ONCE, self._alarms, key=_urgency)
        )
        self.first: Final = orjson.Fragment(encode({**view, "alarms": first}))
        """The snapshot with at most ALARMS_AT_ONCE alarms, the most urgent ones."""
        names = {alarm["id"] for alarm in first}
        others = [alarm["id"] for alarm in self._alarms if alarm["id"] not in names]
        self.rest: Final = [others[begin : begin + ALARMS_AT_ONCE] for begin in range(0, len(others), ALARMS_AT_ONCE)]
        """Ids of the other alarms, ALARMS_AT_ONCE in a part."""
        self._parts: Final[list[bytes]] = []

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield an object with the number and the whole snapshot."""
        # The views of alarms are replaced when they change, so all parts are of one moment.
        head = encode({"number": self.number, "snapshot": self._others})
        yield head[:-2] + b',"alarms":['
        count = -(-len(self._alarms) // ALARMS_AT_ONCE)
        for number in range(count):
            if number == len(self._parts):
                begin = number * ALARMS_AT_ONCE
                self._parts.append(encode(self._alarms[begin : begin + ALARMS_AT_ONCE])[1:-1])
            yield self._parts[number] + (b"," if number + 1 < count else b"")
            await asyncio.sleep(0)
        yield b"]}}"


def _urgency(alarm: AlarmView) -> tuple[int, int]:
    return STATE_ORDER[alarm["state"]], Level(alarm["level"]).rank


def encode(message: Any) -> bytes:
    """Return JSON; NaN and infinities become null."""
    return orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY)
