"""What to ask for: the registers of all points, merged into few requests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from plant.address import ModbusAddress, Table

BITS: Final = 16
"""A register carries so many coils or discrete inputs: lengths and gaps of bit tables are as much longer."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Registers or bits of one value: read at once, or the value may be torn."""

    unit: int
    table: Table
    start: int
    count: int

    @property
    def end(self) -> int:
        """First address after it."""
        return self.start + self.count


@dataclass(frozen=True, slots=True)
class Request:
    """One read request; its spans are in order and of one unit and table."""

    spans: tuple[Span, ...]

    @property
    def unit(self) -> int:
        """Unit id of the device."""
        return self.spans[0].unit

    @property
    def table(self) -> Table:
        """Table that is read."""
        return self.spans[0].table

    @property
    def start(self) -> int:
        """First address."""
        return self.spans[0].start

    @property
    def count(self) -> int:
        """How many registers or bits. [1]."""
        return max(span.end for span in self.spans) - self.start

    def split(self) -> tuple["Request", ...]:
        """Return two shorter requests for the same spans, cut at the widest gap, else in the middle; none for one span.

        Devices refuse a request that touches an address they do not have; it is more often a bridged gap than a point.
        """
        if len(self.spans) == 1:
            return ()
        middle = len(self.spans) // 2
        cut = max(
            range(1, len(self.spans)),
            key=lambda at: (max(0, self.spans[at].start - self.spans[at - 1].end), -abs(at - middle)),
        )
        return Request(self.spans[:cut]), Request(self.spans[cut:])


def spans(addresses: Iterable[ModbusAddress]) -> list[Span]:
    """Return the spans of all values and status words, in order, each once."""
    found = set()
    for address in addresses:
        found.add(Span(address.unit, address.table, address.register_, address.count))
        if address.status is not None:
            found.add(Span(address.unit, address.status_table, address.status, 1))
    return sorted(found)


def merge(wanted: Iterable[Span], *, max_registers: int, max_gap: int) -> list[Request]:
    """Merge spans: no request is longer than `max_registers`, none bridges more than `max_gap` unused ones."""
    return [Request(tuple(run)) for run in _runs(sorted(wanted), max_registers, max_gap)]


def _runs(wanted: list[Span], max_registers: int, max_gap: int) -> Iterator[list[Span]]:
    run = wanted[:1]
    end = run[0].end if run else 0
    for before, span in pairwise(wanted):
        each = 1 if span.table in ("holding", "input") else BITS
        if (
            (before.unit, before.table) != (span.unit, span.table)
            or span.start - end > max_gap * each
            or max(end, span.end) - run[0].start > max_registers * each
        ):
            yield run
            run, end = [], 0
        run.append(span)
        end = max(end, span.end)
    if run:
        yield run
