"""Polls a Modbus endpoint unit by unit, and tries what is slow or does not answer beside the polls."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.backoff import Backoff
from adapters.sources.cancellation import heed_cancellation
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.delivery import Delivery
from adapters.sources.modbus.exchange import Exchange
from adapters.sources.modbus.frames import HungUpError, LinkLostError, ModbusRefusedError, SilentError
from adapters.sources.modbus.learned import Learned
from adapters.sources.modbus.notes import LINK, Notes, named, named_unit
from adapters.sources.modbus.plan import Request
from adapters.sources.modbus.poll_gap import PollGap
from adapters.sources.modbus.turns import NOTABLE, Attempt, Turn, Turns
from adapters.sources.modbus.unit import units_of
from adapters.sources.source import Clock, Installation, SourceReport
from plant import Message, SampleBatch, message_of
from plant.modbus_address import ModbusAddress
from plant.units import SECOND

TRIALS_EVERY: Final = 0.25
"""How often trials are looked for. A unit that becomes doubtful is tried at once. [s, real time]"""
ONE_CONNECTION_FOR: Final = 10.0
"""Time for which a device that refuses a second connection is asked over the first one alone. [s, real time]"""

Ask = Callable[[Request], Awaitable[NDArray[np.uint16]]]
"""Sends a request, for a poll or for a trial."""


def open_source(
    spec: ModbusSource, points: Sequence[tuple[int, str]], clock: Clock, installation: Installation | None = None
) -> "ModbusReader":
    """Return the source of these points (column, address). It connects when its samples are first awaited."""
    parsed = {column: ModbusAddress.parse(address) for column, address in points}
    return ModbusReader(spec, parsed, clock, installation and installation.memory)


class ModbusReader:
    """A `Source` that reads holding and input registers, coils and discrete inputs. It never writes.

    Each unit has its own grid of polls, and what is read is handed on with the answer that completes it. What was not
    answered is tried over a second connection, or between the polls where there is one line. Modbus carries no time
    stamps, so the source time of a sample is the clock's time when its answer arrived. `polls` counts the polls of
    units. `missed` counts those that fell due while an earlier one was running; they are skipped.
    """

    def __init__(
        self, spec: ModbusSource, points: Mapping[int, ModbusAddress], clock: Clock, memory: Path | None = None
    ) -> None:
        self.polls = self.missed = 0
        self._spec: Final = spec
        self._points: Final = points
        self._clock: Final = clock
        self._units: Final = units_of(points, spec)
        self._learned: Final = Learned(self._units, spec, points, memory, clock.now())
        self._turns = Turns(self._units, spec, now=clock.now())
        self._polling: Final = Exchange(spec)
        self._trying: Final = self._polling if spec.one_line else Exchange(spec)
        self._one_connection_until = 0.0
        self._doubt = asyncio.Event()
        self._notes: Final = Notes(spec)
        self._delivery = Delivery(self._units, points, self._notes)
        self._lost = self._is_doubtful = self._unanswered = False
        self._trouble: Message | None = None
        self._gap: PollGap

    @property
    def name(self) -> str:
        """Id of the source in the site file."""
        return self._spec.id

    @property
    def no_values(self) -> int:
        """Number of samples for which the device said that it has no value."""
        return self._delivery.no_values

    @property
    def lost(self) -> int:
        """Always 0: a register holds the present value alone, so a poll that is skipped loses no sample."""
        return 0

    @property
    def report(self) -> SourceReport:
        """Why the link is lost, and which units are too slow: a device without a queue or a clock knows no more."""
        return SourceReport(trouble=self._trouble, revised=self._notes.slow)

    def resume(self, known: SampleBatch, rows_per_second: float) -> None:
        """Nothing to do: a register holds the present value alone."""

    async def samples(self) -> AsyncGenerator[SampleBatch, None]:
        """Yield samples as they are read, until cancelled, and BAD samples once when the link is lost.

        Use `contextlib.aclosing`, which closes the sockets at the end.
        """
        self._delivery, self._gap = Delivery(self._units, self._points, self._notes), PollGap(self._clock)
        self._doubt, self._turns = asyncio.Event(), Turns(self._units, self._spec, now=self._clock.now())
        running = asyncio.create_task(self._run())
        # None ends the generator: then `await running` raises the error that stopped the tasks.
        running.add_done_callback(lambda _: self._delivery.batches.put_nowait(None))
        try:
            while (batch := await self._delivery.batches.get()) is not None:
                yield batch
                self._delivery.taken()
            await running
        finally:
            running.cancel()
            await asyncio.wait([running])
            self._polling.close()
            self._trying.close()
            await self._learned.keep(self._clock.now())

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._polls(), name=f"modbus {self.name} polls")
            group.create_task(self._trials(), name=f"modbus {self.name} trials")
            group.create_task(self._learned.keep_on(self._clock), name=f"modbus {self.name} refusals")

    async def _polls(self) -> None:
        backoff = Backoff()
        while True:
            try:
                await self._next_poll()
                backoff.reset()
            except LinkLostError as error:
                await self._lose(message_of(error))
                self._polling.close()
                await asyncio.sleep(backoff.pause())
            heed_cancellation()

    async def _next_poll(self) -> None:
        """Poll the unit that is due, or wait until one is."""
        if self._lost or self._is_doubtful:
            await self._polling.reconnect()
            self._found()
        turn = self._turns.next_poll(self._clock.now())
        if turn is not None:
            await self._poll(turn, lambda request: self._ask(turn, request))
            return
        self._turns.sort(self._gap.rate)
        due = self._turns.next_due
        if self._unanswered and not any(turn.unit.requests for turn in self._turns.all):
            self._polling.close()  # no unit answers: a connection that looks alive may be dead
        await self._gap.sleep(self._clock.now() + self._spec.poll if due is None else due)

    async def _poll(self, turn: Turn, ask: Ask) -> None:
        unit, began = turn.unit, _now()
        unit.clear()
        turn.busy = True
        try:
            await self._read(turn, list(unit.requests), ask, keep=True)
        finally:
            turn.busy = False
        self.polls += 1
        if unit.doubtful:
            self._doubt.set()  # its other samples follow when it was tried again
        else:
            took = _now() - began
            if unit.requests:
                turn.took(took)
            if took > NOTABLE:
                self._turns.sort(self._gap.rate)
            await self._delivery.put_rest(unit, self._clock.now())
        late = turn.advance(self._clock.now(), self._spec.poll)
        self.missed += late
        self._notes.period(unit, turn.missed if turn.overruns else 0)

    async def _read(self, turn: Turn, requests: list[Request], ask: Ask, *, keep: bool) -> None:
        """Send requests, and the parts of those that are refused, until one is not answered; `keep` what is read."""
        unit = turn.unit
        while requests:
            request = requests.pop(0)
            try:
                words = await ask(request)
            except SilentError as error:
                if request in unit.requests:
                    self._turns.silence(_now())
                unit.unanswered(request, _now())
                self._notes.silence(unit, request, error)
                return
            except ModbusRefusedError as error:
                parts = unit.refused(request, error.code, _now())
                requests = [*parts, *requests]
                if not parts:
                    self._notes.note(named(request), message_of(error))
            else:
                samples = unit.put(request, words, self._clock.now()) if keep else None
                unit.answered(request, _now())
                self._notes.note(named(request), None)
                if samples is not None:
                    await self._delivery.put(samples)
            self._turns.heard(turn, _now())
            self._notes.note(named_unit(unit), None)

    async def _ask(self, turn: Turn, request: Request) -> NDArray[np.uint16]:
        """Send a request of a poll."""
        began, answered = _now(), True
        try:
            return await self._polling.read(request, self._turns.patience(turn))
        except SilentError:
            answered = False
            raise
        finally:
            self._unanswered = not answered
            self._turns.polled(turn, began, _now(), answered=answered)

    async def _trials(self) -> None:
        """Try what is slow or was not answered, one request at a time."""
        while True:
            self._doubt.clear()
            if not await self._try_next():
                if not self._shared:
                    self._trying.close()
                with suppress(TimeoutError):
                    async with asyncio.timeout(TRIALS_EVERY):
                        await self._doubt.wait()
            heed_cancellation()

    async def _try_next(self) -> bool:
        """Try what is next when there is time for it; return False if there is nothing to try."""
        self._turns.share(self._shared)
        trial = None if self._lost else self._turns.next_trial(_now(), self._clock.now())
        if trial is None:
            return False
        gap = self._gap.left
        if not self._turns.has_time_for(trial, _now(), gap, mid_gap=self._gap.is_old):
            await self._gap.next()
            return True
        began = _now()
        try:
            await self._try(trial)
        except LinkLostError:
            if not self._shared:
                self._one_connection_until = _now() + ONE_CONNECTION_FOR
            self._is_doubtful = not any(turn.heard > began - self._spec.timeout / SECOND for turn in self._turns.all)
            return False
        finally:
            self._turns.tried(trial, _now() - began, gap)
        return True

    async def _try(self, trial: Attempt) -> None:
        turn, unit = trial.turn, trial.turn.unit
        exchange = self._polling if self._shared else self._trying

        async def ask(request: Request) -> NDArray[np.uint16]:
            self._turns.trial_begins(_now())
            try:
                return await exchange.read(request)
            except SilentError as error:
                if exchange is self._trying and not self._spec.one_line:
                    exchange.close()  # what a gateway still does for it must not delay the next trial
                    # Some devices hang up at any second connection: does a unit that answers do so over it?
                    known = self._turns.known_request(turn) if isinstance(error, HungUpError) else None
                    if known is not None and not await exchange.is_answered(known):
                        raise LinkLostError(message_of(error)) from None
                raise
            finally:
                self._turns.trial_ends(_now())

        if trial.request is None:
            await self._poll(turn, ask)
            return
        doubtful, silent = unit.doubtful, unit.silent
        # What answers beside the polls is read by the next one; what a poll waits for belongs to that poll.
        await self._read(turn, [trial.request], ask, keep=doubtful)
        if doubtful and not unit.doubtful:
            await self._delivery.put_rest(unit, self._clock.now())
        if silent and not unit.silent:
            turn.due = min(turn.due, self._clock.now())

    @property
    def _shared(self) -> bool:
        """Whether polls and trials go over one connection."""
        return self._spec.one_line or self._one_connection_until > _now()

    async def _lose(self, reason: Message) -> None:
        """Emit BAD samples of every point, once: silence makes the points stale, and repeating would bring no news."""
        self._trouble = reason
        self._notes.note(LINK, reason)
        self._learned.link_lost(_now())
        if not self._lost:
            self._lost = True
            await self._delivery.put_nothing(self._clock.now())

    def _found(self) -> None:
        self._lost = self._is_doubtful = False
        self._trouble = None
        self._notes.note(LINK, None)


def _now() -> float:
    """Return the real time by which rests are measured. [s]."""
    return asyncio.get_running_loop().time()
