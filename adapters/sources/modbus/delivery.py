"""Hands samples on, holds the source back while nobody takes them, and tells which points have no value."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.sources.modbus.block import Samples
from adapters.sources.modbus.notes import Notes, named_value
from adapters.sources.modbus.unit import Unit
from adapters.sources.source import MOST_WAITING
from plant import SampleBatch
from plant.modbus_address import ModbusAddress


class Delivery:
    """The line of batches that nobody has taken yet; it ends with None."""

    def __init__(self, units: Sequence[Unit], points: Mapping[int, ModbusAddress], notes: Notes) -> None:
        self.batches: Final[asyncio.Queue[SampleBatch | None]] = asyncio.Queue()
        self.no_values = 0
        self._room: Final = asyncio.Semaphore(MOST_WAITING)
        self._units: Final = {unit.number: unit for unit in units}
        self._points: Final = points
        self._notes: Final = notes
        self._without: Final[set[int]] = set()

    def taken(self) -> None:
        """Take note that a batch was taken."""
        self._room.release()

    async def put(self, samples: Samples) -> None:
        """Hand samples on, when there is room for them."""
        if len(samples.batch):
            # Noted before the wait for room: meanwhile the registers may be read again, and say something else.
            self._note(samples)
            await self._room.acquire()
            self.batches.put_nowait(samples.batch)

    async def put_rest(self, unit: Unit, now: int) -> None:
        """Hand on a sample of every point of a unit without one in this poll. [ns, UTC]."""
        for samples in unit.rest(now):
            await self.put(samples)

    async def put_nothing(self, now: int) -> None:
        """Hand on a BAD sample of every point, because the link is lost. [ns, UTC]."""
        for unit in self._units.values():
            unit.clear()
            await self.put_rest(unit, now)

    def _note(self, samples: Samples) -> None:
        """Count the numbers that mean no value; log where they begin and where they end."""
        without = frozenset(samples.batch.point[samples.no_value].tolist())
        self.no_values += len(without)
        if not without and not self._without:
            return
        for column in samples.batch.point.tolist():
            if (column in without) != (column in self._without):
                self._without.symmetric_difference_update((column,))
                address = self._points[column]
                reason = self._units[address.unit].shown(column) if column in without else None
                self._notes.note(named_value(address), reason)
