"""Polls a Modbus TCP endpoint: each poll yields one batch of all points; points without an answer are BAD."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from logging import getLogger
from typing import Final

import numpy as np

from adapters.sources.backoff import Backoff
from adapters.sources.cancellation import heed_cancellation
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.decode import Decoder, Image
from adapters.sources.modbus.link import ILLEGAL_ADDRESS, LinkLostError, ModbusLink, ModbusRefusedError
from adapters.sources.modbus.plan import Request, spans
from adapters.sources.modbus.unit import MOST_SILENT, Unit
from adapters.sources.source import Clock
from plant import Message, SampleBatch, message_of
from plant.address import ModbusAddress
from plant.units import SECOND

SILENT: Final = Message("no answer in time")
LINK: Final = Message("link")

_log = getLogger(__name__)


def open_source(spec: ModbusSource, points: Sequence[tuple[int, str]], clock: Clock) -> "ModbusReader":
    """Return the source of these points (column, address). It connects when its samples are first awaited."""
    return ModbusReader(spec, {column: ModbusAddress.parse(address) for column, address in points}, clock)


class ModbusReader:
    """A `Source` that reads holding and input registers, coils and discrete inputs. It never writes.

    A poll asks one unit after the other, one request at a time. Modbus carries no time stamps, so the source time of a
    sample is the clock's time when its answer arrived. `polls` counts the polls made. `missed` counts the polls that
    fell due while an earlier poll was running; they are skipped.
    """

    def __init__(self, spec: ModbusSource, points: Mapping[int, ModbusAddress], clock: Clock) -> None:
        self.polls = 0
        self.missed = 0
        self._spec: Final = spec
        self._clock: Final = clock
        self._points: Final = np.array(list(points), dtype=np.int32)
        self._decoder: Final = Decoder(tuple(points.values()))
        needed = spans(points.values())
        self._units: Final = [Unit(number, needed, spec) for number in sorted({span.unit for span in needed})]
        self._link: ModbusLink | None = None
        self._backoff: Final = Backoff()
        self._troubles: Final[set[Message]] = set()

    @property
    def name(self) -> str:
        """Id of the source in the site file."""
        return self._spec.id

    @property
    def lost(self) -> int:
        """Always 0: a register holds the present value alone, so a poll that is skipped loses no sample."""
        return 0

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield one batch per poll until cancelled, and one BAD batch when the link is lost.

        Use `contextlib.aclosing`, which closes the socket at the end.
        """
        due = self._clock.now()
        was_lost = False
        try:
            while True:
                answered = await self._poll()
                heed_cancellation()
                self.polls += 1
                # A lost link yields BAD once. Repeating it would feed the log without news, and silence already makes
                # the points stale.
                if answered or not was_lost:
                    yield self._batch()
                was_lost = not answered
                if answered:
                    self._backoff.reset()
                    due = await self._wait(due)
                else:
                    self._close()
                    await asyncio.sleep(self._backoff.pause())
                    due = self._clock.now()
        finally:
            self._close()

    async def _wait(self, due: int) -> int:
        """Wait for the next poll on the grid of the period. An overdue poll starts at once; older ones are skipped."""
        period = self._spec.poll
        late = max(0, self._clock.now() - due - period) // period
        self.missed += late
        due += period * (1 + late)
        await self._clock.sleep(max(0, due - self._clock.now()))
        return due

    def _batch(self) -> SampleBatch:
        value, quality, state, time = self._decoder.decode()
        time = np.where(time == Image.UNREAD, self._clock.now(), time)
        return SampleBatch.of(self._points, time, value, quality=quality, state=state)

    async def _poll(self) -> bool:
        """Read all units into the image; return True if the link stands and a unit answered."""
        self._decoder.image.clear()
        try:
            answered = await self._read_units(await self._connected())
        except LinkLostError as error:
            self._note(LINK, message_of(error))
            return False
        self._note(LINK, None)
        for number, answers in answered.items():
            self._note(_unit(number), None if answers else SILENT)
        for request in [request for unit in self._units for request in unit.left_alone]:
            self._note(_named(request), SILENT)
        return True

    async def _connected(self) -> ModbusLink:
        """Return an open link, reconnecting if needed. On a new link all units begin with whole requests again."""
        if self._link is not None and self._link.connected:
            return self._link
        self._link = ModbusLink(self._spec.host, self._spec.port, self._spec.timeout / SECOND)
        if not await self._link.open():
            raise LinkLostError(Message("no connection"))
        self._troubles.intersection_update((LINK, *(_unit(unit.number) for unit in self._units)))
        for unit in self._units:
            unit.renew()
        return self._link

    async def _read_units(self, link: ModbusLink) -> dict[int, bool]:
        """Read each unit that is not resting; return which units answered."""
        answered: dict[int, bool] = {}
        # Silent units come last, and only one per poll: a time-out must not delay the units that answer.
        sound = [unit for unit in self._units if not unit.silent]
        retried = [unit for unit in self._units if unit.silent and unit.due][:1]
        for unit in sound + retried:
            # A unit moves to the end when it is read, so after a poll that is cut short the next poll starts with
            # the units that it missed.
            self._units.remove(unit)
            self._units.append(unit)
            answered[unit.number] = await unit.read(partial(self._read, link))
            if len(answered) >= MOST_SILENT and not any(answered.values()):
                break
        if answered and not any(answered.values()):
            raise LinkLostError(Message("no unit answers"))
        return answered

    async def _read(self, link: ModbusLink, request: Request) -> tuple[Request, ...]:
        """Read one request into the image; return its two halves if the device reports an illegal address."""
        await asyncio.sleep(self._spec.pause / SECOND)
        try:
            words = await link.read(request)
        except ModbusRefusedError as error:
            parts = request.split() if error.code == ILLEGAL_ADDRESS else ()
            if not parts:
                self._note(_named(request), message_of(error))
            return parts
        self._decoder.image.put(request, words, self._clock.now())
        self._note(_named(request), None)
        return ()

    def _note(self, part: Message, trouble: Message | None) -> None:
        """Log one line when a link, unit or request fails, and one when it works again."""
        if trouble is not None and part not in self._troubles:
            self._troubles.add(part)
            lost = Message("lost {part}", part=part)
            _log.warning("%s source=%s endpoint=%s reason=%s", lost, self.name, self._spec.endpoint, trouble)
        elif trouble is None and part in self._troubles:
            self._troubles.remove(part)
            _log.info("%s source=%s endpoint=%s", Message("back {part}", part=part), self.name, self._spec.endpoint)

    def _close(self) -> None:
        if self._link is not None:
            self._link.close()


def _unit(number: int) -> Message:
    return Message("unit {unit}", unit=number)


def _named(request: Request) -> Message:
    return Message(
        "unit {unit} {table} {first}..{last}",
        unit=request.unit,
        table=request.table,
        first=request.start,
        last=request.start + request.count - 1,
    )
