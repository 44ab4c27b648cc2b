"""Polls a Modbus TCP endpoint unit by unit, and tries what does not answer beside the polls."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from logging import getLogger
from typing import Final

from adapters.sources.backoff import Backoff
from adapters.sources.cancellation import heed_cancellation
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.exchange import Exchange
from adapters.sources.modbus.link import LinkLostError, ModbusRefusedError, SilentError, WrongUnitError
from adapters.sources.modbus.plan import Request
from adapters.sources.modbus.unit import Unit
from adapters.sources.source import Clock, SourceReport
from plant import Message, SampleBatch, message_of
from plant.modbus_address import ModbusAddress

LINK: Final = Message("link")
MOST_WAITING: Final = 64
"""Largest number of undelivered batches. Beyond it the source stops asking."""
SUSPECTS_EVERY: Final = 0.25
"""How often rests are looked at. A unit that becomes doubtful is tried at once. [s, real time]"""
ONE_CONNECTION_FOR: Final = 10.0
"""Time for which a device that refuses a second connection is asked over the first one alone. [s, real time]"""

_log = getLogger(__name__)


def open_source(spec: ModbusSource, points: Sequence[tuple[int, str]], clock: Clock) -> "ModbusReader":
    """Return the source of these points (column, address). It connects when its samples are first awaited."""
    return ModbusReader(spec, {column: ModbusAddress.parse(address) for column, address in points}, clock)


class ModbusReader:
    """A `Source` that reads holding and input registers, coils and discrete inputs. It never writes.

    A poll asks one unit after the other, one request at a time, and hands on each unit as soon as it is read. What was
    not answered is tried over a second connection, so that its time-outs cost the other units nothing. Modbus carries
    no time stamps, so the source time of a sample is the clock's time when its answer arrived. `polls` counts the polls
    made. `missed` counts the polls that fell due while an earlier poll was running; they are skipped.
    """

    def __init__(self, spec: ModbusSource, points: Mapping[int, ModbusAddress], clock: Clock) -> None:
        self.polls = 0
        self.missed = 0
        self._spec: Final = spec
        self._clock: Final = clock
        self._units: Final = [
            Unit(number, {column: address for column, address in points.items() if address.unit == number}, spec)
            for number in sorted({address.unit for address in points.values()})
        ]
        self._polling: Final = Exchange(spec)
        self._trying: Final = Exchange(spec)
        self._one_connection_until = 0.0
        self._doubt = asyncio.Event()
        self._batches: asyncio.Queue[SampleBatch | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._troubles: Final[set[Message]] = set()
        self._lost = False
        self._trouble: Message | None = None

    @property
    def name(self) -> str:
        """Id of the source in the site file."""
        return self._spec.id

    @property
    def lost(self) -> int:
        """Always 0: a register holds the present value alone, so a poll that is skipped loses no sample."""
        return 0

    @property
    def report(self) -> SourceReport:
        """Why the link is lost: a device without a queue, a history or a clock knows nothing of what it measured."""
        return SourceReport(trouble=self._trouble)

    def resume(self, known: SampleBatch, rows_per_second: float) -> None:
        """Nothing to do: a register holds the present value alone."""

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield the samples of each unit when it is read, until cancelled, and BAD samples once when the link is lost.

        Use `contextlib.aclosing`, which closes the sockets at the end.
        """
        batches: asyncio.Queue[SampleBatch | None] = asyncio.Queue()
        self._batches, self._room, self._doubt = batches, asyncio.Semaphore(MOST_WAITING), asyncio.Event()
        running = asyncio.create_task(self._run(), name=f"modbus {self.name}")
        # None ends the generator: then `await running` raises the error that stopped the tasks.
        running.add_done_callback(lambda _: batches.put_nowait(None))
        try:
            while (batch := await batches.get()) is not None:
                yield batch
                self._room.release()
            await running
        finally:
            running.cancel()
            await asyncio.wait([running])
            self._polling.close()
            self._trying.close()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._polls(), name=f"modbus {self.name} polls")
            group.create_task(self._suspects(), name=f"modbus {self.name} suspects")

    async def _polls(self) -> None:
        due, backoff = self._clock.now(), Backoff()
        while True:
            stands = await self._poll()
            heed_cancellation()
            self.polls += 1
            if stands:
                backoff.reset()
                due = await self._wait(due)
            else:
                self._polling.close()
                await asyncio.sleep(backoff.pause())
                due = self._clock.now()

    async def _wait(self, due: int) -> int:
        """Wait for the next poll on the grid of the period. An overdue poll starts at once; older ones are skipped."""
        period = self._spec.poll
        late = max(0, self._clock.now() - due - period) // period
        self.missed += late
        due += period * (1 + late)
        await self._clock.sleep(max(0, due - self._clock.now()))
        return due

    async def _poll(self) -> bool:
        """Read every unit that is not doubtful; return True if the link stands."""
        try:
            await self._read_units()
            if self._one_connection_until > _now():
                await self._try_one(self._polling)
        except LinkLostError as error:
            await self._lose(message_of(error))
            return False
        self._lost = False
        self._trouble = None
        self._note(LINK, None)
        return True

    async def _read_units(self) -> None:
        asked = answered = 0
        for unit in [unit for unit in self._units if not unit.doubtful]:
            unit.clear()
            requests = list(unit.requests)
            asked += bool(requests)
            answered += await self._read(unit, requests, self._polling)
            if unit.doubtful:
                self._doubt.set()  # its samples follow when it was tried again
            else:
                await self._emit(unit.batch(self._clock.now()))
        if asked and not answered:
            self._polling.close()  # a connection that looks alive may be dead: the next poll makes another

    async def _read(self, unit: Unit, requests: list[Request], exchange: Exchange) -> bool:
        """Send requests, and the parts of those that are refused, until one is not answered; return if any was."""
        answered = False
        while requests:
            request = requests.pop(0)
            try:
                words = await exchange.read(request)
            except SilentError as error:
                unit.unanswered(request, _now())
                self._note_silence(unit, request, error)
                return answered
            except ModbusRefusedError as error:
                parts = unit.refused(request, error.code, _now())
                requests = [*parts, *requests]
                if not parts:
                    self._note(_named(request), message_of(error))
            else:
                unit.answered(request, words, self._clock.now(), _now())
                self._note(_named(request), None)
            answered = True
            self._note(_unit(unit), None)
        return answered

    async def _suspects(self) -> None:
        """Try what was not answered, one request at a time, over a connection of its own."""
        while True:
            self._doubt.clear()
            tried = False
            if not self._lost and self._one_connection_until <= _now():
                try:
                    tried = await self._try_one(self._trying)
                except LinkLostError:
                    self._one_connection_until = _now() + ONE_CONNECTION_FOR
            if not tried:
                self._trying.close()
                with suppress(TimeoutError):
                    async with asyncio.timeout(SUSPECTS_EVERY):
                        await self._doubt.wait()
            heed_cancellation()

    async def _try_one(self, exchange: Exchange) -> bool:
        """Try the first suspect, doubtful units first; return False if there is none."""
        for unit in sorted(self._units, key=lambda unit: not unit.doubtful):
            request = unit.suspect(_now())
            if request is None:
                continue
            doubtful, start = unit.doubtful, self._clock.now()
            answered = await self._read(unit, [request], exchange)
            if doubtful and not unit.doubtful:
                await self._emit(unit.batch(self._clock.now()))
            elif answered:
                await self._emit(unit.batch_since(start))
            return True
        return False

    async def _lose(self, reason: Message) -> None:
        """Emit BAD samples of every point, once: silence makes the points stale, and repeating would bring no news."""
        self._trouble = reason
        self._note(LINK, reason)
        if not self._lost:
            self._lost = True
            for unit in self._units:
                unit.clear()
                await self._emit(unit.batch(self._clock.now()))

    async def _emit(self, batch: SampleBatch) -> None:
        if len(batch):
            await self._room.acquire()
            self._batches.put_nowait(batch)

    def _note_silence(self, unit: Unit, request: Request, error: SilentError) -> None:
        """Log what was tried again and is silent, the unit or the request alone, and at once a wrong unit id."""
        if isinstance(error, WrongUnitError):
            self._note(Message("an answer of unit {unit}", unit=unit.number), message_of(error))
        reason = message_of(error)
        if unit.silent:
            self._note(_unit(unit), reason)
        elif request in unit.resting:
            self._note(_named(request), reason)

    def _note(self, part: Message, trouble: Message | None) -> None:
        """Log one line when a link, unit or request fails, and one when it works again."""
        if trouble is not None and part not in self._troubles:
            self._troubles.add(part)
            lost = Message("lost {part}", part=part)
            _log.warning("%s source=%s endpoint=%s reason=%s", lost, self.name, self._spec.endpoint, trouble)
        elif trouble is None and part in self._troubles:
            self._troubles.remove(part)
            _log.info("%s source=%s endpoint=%s", Message("back {part}", part=part), self.name, self._spec.endpoint)


def _now() -> float:
    """Return the real time by which rests are measured. [s]."""
    return asyncio.get_running_loop().time()


def _unit(unit: Unit) -> Message:
    return Message("unit {unit}", unit=unit.number)


def _named(request: Request) -> Message:
    return Message(
        "unit {unit} {table} {first}..{last}",
        unit=request.unit,
        table=request.table,
        first=request.start,
        last=request.start + request.count - 1,
    )
