"""Merges the registers of all points into few read requests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from plant.modbus_address import ModbusAddress, Table

BITS_OF_REGISTER: Final = 16
"""Coils or discrete inputs per register: requests of bit tables may be 16 times as long, and so may their gaps."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The registers or bits of one value. One request must read them all, or the value may mix two moments."""

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
    """One read request for ordered spans of one unit and one table."""

    spans: tuple[Span, ...]
    count: int = field(init=False, compare=False)
    """Number of registers or bits. [1]."""
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        # A request is looked up several times at every poll; a hundred spans would be hashed each time.
        object.__setattr__(self, "count", max(span.end for span in self.spans) - self.spans[0].start)
        object.__setattr__(self, "_hash", hash(self.spans))

    def __hash__(self) -> int:
        return self._hash

    @property
    def unit(self) -> int:
        """Unit id of the device."""
        return self.spans[0].unit

    @property
    def table(self) -> Table:
        """Table that the request reads."""
        return self.spans[0].table

    @property
    def start(self) -> int:
        """First address."""
        return self.spans[0].start

    def split(self) -> tuple["Request", ...]:
        """Return two shorter requests for the same spans, or nothing if there is one span.

        The cut is at the widest gap; without a gap it is in the middle.
        """
        # Devices refuse a request that touches an address they lack. That address is more often in a bridged gap
        # than in a point, so the widest gap is the first suspect.
        if len(self.spans) == 1:
            return ()
        middle = len(self.spans) // 2
        cut = max(
            range(1, len(self.spans)),
            key=lambda at: (max(0, self.spans[at].start - self.spans[at - 1].end), -abs(at - middle)),
        )
        return Request(self.spans[:cut]), Request(self.spans[cut:])


def spans(addresses: Iterable[ModbusAddress]) -> list[Span]:
    """Return the spans of all values and status words, sorted and without duplicates."""
    every_span = set()
    for address in addresses:
        every_span.add(Span(address.unit, address.table, address.register_, address.count))
        if address.status is not None:
            every_span.add(Span(address.unit, address.status_table, address.status, 1))
    return sorted(every_span)


def merge(needed: Iterable[Span], *, max_registers: int, max_gap: int) -> list[Request]:
    """Merge spans into requests of at most `max_registers` that bridge at most `max_gap` unused registers."""
    return [Request(tuple(run)) for run in _runs(sorted(needed), max_registers, max_gap)]


def _runs(needed: list[Span], max_registers: int, max_gap: int) -> Iterator[list[Span]]:
    # One greedy pass over the sorted spans. `end` is the largest end so far: spans of a point and of its status word
    # may overlap, so the last span need not reach farthest.
    run = needed[:1]
    end = run[0].end if run else 0
    for before, span in pairwise(needed):
        per_register = 1 if span.table in ("holding", "input") else BITS_OF_REGISTER
        if (
            (before.unit, before.table) != (span.unit, span.table)
            or span.start - end > max_gap * per_register
            or max(end, span.end) - run[0].start > max_registers * per_register
        ):
            yield run
            run, end = [], 0
        run.append(span)
        end = max(end, span.end)
    if run:
        yield run
