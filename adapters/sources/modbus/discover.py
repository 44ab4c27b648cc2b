"""Looks at an endpoint: which units answer, and which addresses of which tables, by reading alone."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from adapters.sources.discovery import DiscoveredPoint, Discovery, DiscoveryError, SearchBounds
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.exchange import Exchange
from adapters.sources.modbus.frames import LinkLostError, ModbusRefusedError, SilentError
from adapters.sources.modbus.plan import BITS_OF_REGISTER, Request, Span
from plant import Message, message_of
from plant.modbus_address import Table

NO_SUCH_FUNCTION: Final = 1
"""The exception code of a device that lacks a table."""
MOST_SILENT: Final = 3
"""Requests of a table without an answer after which the table is left: each costs a time-out."""
TABLE_WORDS: Final[Mapping[Table, Message]] = {
    "holding": Message("holding registers"),
    "input": Message("input registers"),
    "coil": Message("coils"),
    "discrete": Message("discrete inputs"),
}
"""The tables, as the manuals of devices call them."""
UNINTERPRETED: Final = Message(
    "each register is listed alone, as uint16: only the manual of the device says what it measures, which registers "
    "belong together, and with which type, order, scale and unit"
)


async def discover(spec: ModbusSource, bounds: SearchBounds) -> Discovery:
    """Return the registers and bits that answer behind an endpoint.

    Raises
    ------
    DiscoveryError
        No connection can be made.

    """
    search = _Search(spec, bounds)
    try:
        async with asyncio.timeout(bounds.seconds):
            await search.go()
    except TimeoutError:
        search.remarks.append(
            Message("not finished within {seconds:g} s: the others are left out", seconds=bounds.seconds)
        )
    except LinkLostError as error:
        raise DiscoveryError(message_of(error)) from None
    finally:
        search.exchange.close()
    return Discovery(spec, tuple(search.points), (UNINTERPRETED, *search.remarks, *search.areas()))


class _Search:
    """A look at an endpoint, one request after the other, with the pauses that the source will keep."""

    def __init__(self, spec: ModbusSource, bounds: SearchBounds) -> None:
        self.exchange: Final = Exchange(spec)
        self.points: Final[list[DiscoveredPoint]] = []
        self.remarks: Final[list[Message]] = []
        self._answered: Final[dict[tuple[int, Table], list[tuple[int, int]]]] = {}
        self._spec: Final = spec
        self._bounds: Final = bounds

    async def go(self) -> None:
        """Look at all units."""
        first, last = self._bounds.units
        answering = [unit for unit in range(first, last + 1) if await self._answers(unit)]
        units = tuple(answering) or Message("none")
        self.remarks.append(
            Message("units that answer, of {first} to {last}: {units}", first=first, last=last, units=units)
        )
        for unit in answering:
            for table in TABLE_WORDS:
                await self._look_at(unit, table)

    async def _answers(self, unit: int) -> bool:
        try:
            await self.exchange.read(_request(unit, "holding", self._bounds.registers[0], 1))
        # A unit that refuses is there. Behind a gateway nobody else would answer in its name.
        except ModbusRefusedError:
            return True
        except SilentError:
            return False
        return True

    def areas(self) -> Iterator[Message]:
        """Yield which addresses answer, for each unit and table."""
        for (unit, table), pieces in self._answered.items():
            ranges = tuple(f"{start}-{end - 1}" for start, end in _joined(pieces))
            yield Message("unit {unit}, {table}: {ranges}", unit=unit, table=TABLE_WORDS[table], ranges=ranges)

    async def _look_at(self, unit: int, table: Table) -> None:
        """Read a table in requests that are halved where the device refuses them."""
        first, last = self._bounds.registers
        longest = self._spec.longest * (1 if table in ("holding", "input") else BITS_OF_REGISTER)
        waiting = [(start, min(start + longest, last + 1)) for start in range(first, last + 1, longest)][::-1]
        silences = 0
        while waiting and len(self.points) < self._bounds.points:
            start, end = waiting.pop()
            try:
                await self.exchange.read(_request(unit, table, start, end - start))
            except ModbusRefusedError as error:
                if error.code == NO_SUCH_FUNCTION:
                    return
            except SilentError:
                silences += 1
                if silences >= MOST_SILENT:
                    return
            else:
                self._list(unit, table, start, end)
                continue
            # Devices refuse a request for one address that they lack, or for more addresses than they give at once.
            middle = (start + end) // 2
            waiting += [(middle, end), (start, middle)] if middle > start else []

    def _list(self, unit: int, table: Table, start: int, end: int) -> None:
        """List addresses that answer as points, as far as the bound allows."""
        self._answered.setdefault((unit, table), []).append((start, end))
        for number in range(start, end):
            if len(self.points) == self._bounds.points:
                count = self._bounds.points
                self.remarks.append(Message("more than {count} points or nodes: the others are left out", count=count))
                return
            name = Message("unit {unit}, {table} {number}", unit=unit, table=TABLE_WORDS[table], number=number)
            self.points.append(DiscoveredPoint(f"u{unit}-{table}-{number}", name, f"unit={unit};{table}={number}"))


def _joined(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges, in order, with those that touch joined."""
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        begin = joined.pop()[0] if joined and joined[-1][1] == start else start
        joined.append((begin, end))
    return joined


def _request(unit: int, table: Table, start: int, count: int) -> Request:
    return Request((Span(unit, table, start, count),))
