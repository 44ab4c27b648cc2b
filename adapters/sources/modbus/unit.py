"""One unit of an endpoint: its requests, and what is left alone for a while because it did not answer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from adapters.sources.backoff import Backoff
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.link import SilentError
from adapters.sources.modbus.plan import Request, Span, merge

MOST_SILENT: Final = 2
"""So many time-outs end the turn of a unit, and so many before any answer end the poll: a poll must be short."""
FIRST_REST: Final = 1.0
LONGEST_REST: Final = 10.0
"""What is silent while others answer is asked again after 1 s, then less and less often. [s, real time]"""
FIRST_CUT: Final = 10.0
LONGEST_CUT: Final = 600.0
"""A request that was cut around illegal addresses is tried whole after 10 s, and then less often. [s, real time]"""


class Rest:
    """Until when something is left alone; longer each time."""

    def __init__(self, first: float, longest: float) -> None:
        self._backoff: Final = Backoff(first=first, longest=longest)
        self._until = 0.0
        self.begin()

    def begin(self) -> None:
        """Leave it alone from now on."""
        self._until = asyncio.get_running_loop().time() + self._backoff.pause()

    @property
    def over(self) -> bool:
        """Whether it may be tried."""
        return asyncio.get_running_loop().time() >= self._until


class Unit:
    """What is asked of one unit, in turn."""

    def __init__(self, number: int, spans: Sequence[Span], spec: ModbusSource) -> None:
        self.number: Final = number
        self.requests: deque[Request] = deque()
        self._spans: Final = [span for span in spans if span.unit == number]
        self._spec: Final = spec
        self._rest: Rest | None = None
        self._rests: Final[dict[Request, Rest]] = {}
        self._cut: Rest | None = None

    @property
    def silent(self) -> bool:
        """Whether it did not answer when it was last asked."""
        return self._rest is not None

    @property
    def due(self) -> bool:
        """Whether it may be asked."""
        return self._rest is None or self._rest.over

    @property
    def left_alone(self) -> tuple[Request, ...]:
        """Requests that were not answered while others were."""
        return tuple(self._rests)

    def renew(self) -> None:
        """Begin with whole requests, and forget who was silent."""
        self._rest = self._cut = None
        self._rests.clear()
        self._merge()

    async def read(self, ask: Callable[[Request], Awaitable[tuple[Request, ...]]]) -> bool:
        """Ask each request once; return whether any was answered.

        `ask` returns what to ask instead, none if the request is done with, and raises SilentError.
        """
        if self._cut is not None and self._cut.over:
            self._cut.begin()
            self._merge()
        # What was silent comes last: its time-out must not be taken for the silence of the unit.
        self.requests = deque(sorted(self.requests, key=self._rests.__contains__))
        answered, silent, todo = False, 0, len(self.requests)
        while todo and silent < (MOST_SILENT if answered else 1):
            request = self.requests.popleft()
            parts: tuple[Request, ...] = ()
            if request not in self._rests or self._rests[request].over:
                try:
                    parts = await ask(request)
                    answered = True
                    self._rests.pop(request, None)
                except SilentError:
                    silent += 1
                    self._leave(request if answered else None)
            if parts and self._cut is None:
                self._cut = Rest(FIRST_CUT, LONGEST_CUT)
            self.requests.extendleft(reversed(parts))
            self.requests.extend(() if parts else (request,))
            todo += len(parts) - 1
        if answered:
            self._rest = None
        return answered

    def _merge(self) -> None:
        self.requests = deque(merge(self._spans, max_registers=self._spec.max_registers, max_gap=self._spec.max_gap))

    def _leave(self, request: Request | None) -> None:
        """Leave a request alone, or the unit."""
        rest = self._rest if request is None else self._rests.get(request)
        if rest is not None:
            rest.begin()
        elif request is None:
            self._rest = Rest(FIRST_REST, LONGEST_REST)
        else:
            self._rests[request] = Rest(FIRST_REST, LONGEST_REST)
