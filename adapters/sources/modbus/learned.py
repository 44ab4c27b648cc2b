"""`Learned`: what the units of an endpoint refuse, kept over restarts, so that a restart need not ask for it again."""

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from adapters.sources.kept_file import KeptFile
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.unit import Unit
from adapters.sources.source import Clock
from plant import Message
from plant.modbus_address import ModbusAddress
from plant.units import DAY

LEARNED_KEPT_EVERY: Final = 60.0
"""Shortest time between two writings. [s, real time]"""
SETTLED_AFTER: Final = 60.0
"""Until so long after a lost link its units teach nothing: what it cut is whole again by then. [s, real time]"""
TRIED_AGAIN_AFTER: Final = DAY
"""Age at which a refusal of an earlier run is tried again. [ns, the log's time]"""


class UnitRefusal(NamedTuple):
    """A request that a unit refuses: its number among those of the unit, since when [ns, UTC], and its parts.

    A part is its number of spans, negative if it is not answered either.
    """

    unit: int
    request: int
    since: int
    parts: tuple[int, ...]


_REFUSALS: Final = TypeAdapter(list[UnitRefusal])


class Learned:
    """The refusals of an endpoint: those of earlier runs are given to its units, those of this run are kept."""

    def __init__(
        self,
        units: Sequence[Unit],
        spec: ModbusSource,
        points: Mapping[int, ModbusAddress],
        folder: Path | None,
        now: int,
    ) -> None:
        self._units: Final = {unit.number: unit for unit in units}
        self._memory: Final = KeptFile(spec.id, "modbus", folder, {"site": digest_of(spec, points)})
        self._refusals: dict[tuple[int, int], UnitRefusal] = {}
        self._lost_until = 0.0
        self._recall(now)

    @property
    def refusals(self) -> list[UnitRefusal]:
        """What is kept, in order."""
        return sorted(self._refusals.values())

    def link_lost(self, elapsed: float) -> None:
        """Take note that the link is down. [s, real time]."""
        self._lost_until = elapsed + SETTLED_AFTER

    async def keep_on(self, clock: Clock) -> None:
        """Keep what was learned, from time to time, until cancelled."""
        while True:
            await asyncio.sleep(LEARNED_KEPT_EVERY)
            await self.keep(clock.now())

    async def keep(self, now: int) -> None:
        """Keep what the units refuse at present. [ns, UTC]."""
        self.learn(now, asyncio.get_running_loop().time())
        await self._memory.keep(self.refusals)

    def learn(self, now: int, elapsed: float) -> None:
        """Take what the units refuse at present, and let them try what they refused a day ago. [ns, UTC; s]."""
        # A copy, because refusals are removed on the way.
        for (number, request), refusal in list(self._refusals.items()):
            if not _is_young(refusal, now):
                self._units[number].try_again(request, elapsed)
                del self._refusals[number, request]
        if elapsed < self._lost_until:
            return
        for unit in self._units.values():
            # A silent unit has no answer to this, and what is known of it stays.
            if unit.apart is not None:
                self._take(unit.number, unit.apart, now)

    def _take(self, unit: int, apart: Mapping[int, tuple[int, ...]], now: int) -> None:
        """Take what one unit refuses; what it refused in the same way before keeps its time."""
        earlier = {request: each.since for (number, request), each in self._refusals.items() if number == unit}
        for request in earlier.keys() - apart.keys():
            del self._refusals[unit, request]
        for request, parts in apart.items():
            self._refusals[unit, request] = UnitRefusal(unit, request, earlier.get(request, now), parts)

    def _recall(self, now: int) -> None:
        """Give the units what they refused less than a day ago. [ns, UTC]."""
        kept = self._memory.read()
        if kept is None:
            return
        try:
            refusals = _REFUSALS.validate_python(kept)
        except ValueError:
            self._memory.discard(Message("its content has another form"))
            return
        for each in refusals:
            unit = self._units.get(each.unit)
            if unit is not None and _is_young(each, now) and unit.recall(each.request, each.parts):
                self._refusals[each.unit, each.request] = each


def digest_of(spec: ModbusSource, points: Mapping[int, ModbusAddress]) -> str:
    """Return by what is known whether table and points are the same: the numbers of the requests follow from them."""
    addresses = sorted(address.model_dump_json() for address in points.values())
    return sha256("\n".join((spec.model_dump_json(), *addresses)).encode()).hexdigest()


def _is_young(refusal: UnitRefusal, now: int) -> bool:
    # A refusal of the future is one whose clock was wrong.
    return 0 <= now - refusal.since < TRIED_AGAIN_AFTER
