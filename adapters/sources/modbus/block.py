"""Points that are read by the same requests, so that their samples are handed on together."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.sources.modbus.decode import Decoded, Decoder
from adapters.sources.modbus.image import Image
from adapters.sources.modbus.plan import Request, Span, spans
from plant import Message, SampleBatch
from plant.modbus_address import ModbusAddress


class Samples(NamedTuple):
    """Samples, and which of them have no value because the device says so."""

    batch: SampleBatch
    no_value: NDArray[np.bool_]


class Block:
    """Some points of a unit: their registers, and which of them have had their sample in this poll."""

    def __init__(self, points: Mapping[int, ModbusAddress]) -> None:
        self.decoder: Final = Decoder(tuple(points.values()))
        self._addresses: Final = points
        self._points: Final = np.array(list(points), dtype=np.int32)
        self._done: Final = np.zeros(len(points), dtype=np.bool_)

    def clear(self) -> None:
        """Mark all points as unread, at the begin of a poll."""
        self.decoder.image.clear()
        self._done[:] = False

    def fresh(self) -> Samples:
        """Return the samples that are complete, with their status word, and were not returned in this poll."""
        reading = self.decoder.decode()
        rows = np.flatnonzero(reading.complete & ~self._done)
        self._done[rows] = True
        return self._samples(reading, rows, 0)

    def rest(self, now: int) -> Samples:
        """Return a sample of every other point: BAD, at the present time for what is unread. [ns, UTC]."""
        rows = np.flatnonzero(~self._done)
        self._done[rows] = True
        return self._samples(self.decoder.decode(), rows, now)

    def shown(self, column: int) -> Message | None:
        """Return what the registers of a point say that is no number; None for a point of another block."""
        if column not in self._addresses:
            return None
        words = self.decoder.words(list(self._addresses).index(column))
        if self._addresses[column].type == "string":
            return Message("{text!r} is no number", text=words.tobytes().decode("ascii", "replace"))
        return Message("no value: 0x{digits}", digits=words.tobytes().hex().upper())

    def _samples(self, reading: Decoded, rows: NDArray[np.intp], now: int) -> Samples:
        time = np.where(reading.time == Image.UNREAD, now, reading.time)
        batch = SampleBatch.of(self._points, time, reading.value, quality=reading.quality, state=reading.state)
        return Samples(batch.take(rows), reading.no_value[rows])


def blocks(points: Mapping[int, ModbusAddress], requests: Sequence[Request]) -> dict[Span, Block]:
    """Return the block of each span: points whose spans one request reads are in one block, and their status words."""
    # Most requests are groups of their own. Where a status word is read by another request than its value, the two are
    # one group: the sample needs both.
    group = {span: number for number, request in enumerate(requests) for span in request.spans}
    for address in points.values():
        first, *others = {group[span] for span in spans([address])}
        group = {span: first if number in others else number for span, number in group.items()} if others else group
    members: dict[int, dict[int, ModbusAddress]] = {}
    for column, address in points.items():
        members.setdefault(group[spans([address])[0]], {})[column] = address
    made = {number: Block(own) for number, own in members.items()}
    return {span: made[number] for span, number in group.items()}
