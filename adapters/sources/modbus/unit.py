"""One unit of an endpoint: its requests, and the rests of the unit or of requests that did not answer."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from adapters.sources.backoff import Backoff
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.link import SilentError
from adapters.sources.modbus.plan import Request, Span, merge

MOST_SILENT: Final = 2
"""Two time-outs end a unit's turn, and two silent units before any answer end the poll: both keep a poll short."""
FIRST_REST: Final = 1.0
LONGEST_REST: Final = 10.0
"""A silent unit or request is asked again after 1 s, then after longer rests up to 10 s. [s, real time]"""
FIRST_CUT: Final = 10.0
LONGEST_CUT: Final = 600.0
"""A request that was split around illegal addresses is tried whole after 10 s, then less often. [s, real time]"""


class Rest:
    """A pause during which a unit or request is not asked; each pause is longer than the one before."""

    def __init__(self, first: float, longest: float) -> None:
        self._backoff: Final = Backoff(first=first, longest=longest)
        self._until = 0.0
        self.begin()

    def begin(self) -> None:
        """Start the next pause now."""
        self._until = asyncio.get_running_loop().time() + self._backoff.pause()

    @property
    def over(self) -> bool:
        """Whether the pause has passed."""
        return asyncio.get_running_loop().time() >= self._until


class Unit:
    """One unit and its requests; each pauses after it was silent or refused."""

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
        """Whether the unit failed to answer in its latest turn."""
        return self._rest is not None

    @property
    def due(self) -> bool:
        """Whether no pause of the unit is under way."""
        return self._rest is None or self._rest.over

    @property
    def left_alone(self) -> tuple[Request, ...]:
        """Requests that rest because they time out while other requests of the unit are answered."""
        return tuple(self._rests)

    def renew(self) -> None:
        """Return to whole requests and end all rests."""
        self._rest = self._cut = None
        self._rests.clear()
        self._merge()

    async def read(self, ask: Callable[[Request], Awaitable[tuple[Request, ...]]]) -> bool:
        """Ask each request once; return True if the unit answered any.

        `ask` returns the parts to ask instead of a refused request, or nothing if the request is done. It raises
        SilentError on a time-out.
        """
        if self._cut is not None and self._cut.over:
            self._cut.begin()
            self._merge()
        # Resting requests come last: their time-out must not look like the silence of the whole unit.
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
                    # Without any answer the unit may be dead; after an answer only this request is suspect.
                    self._leave(request if answered else None)
            self._requeue(request, parts)
            todo += len(parts) - 1
        if answered:
            self._rest = None
        return answered

    def _requeue(self, request: Request, parts: tuple[Request, ...]) -> None:
        """Put the parts of a split request at the front, or a whole request at the end."""
        if not parts:
            self.requests.append(request)
            return
        if self._cut is None:
            self._cut = Rest(FIRST_CUT, LONGEST_CUT)
        self.requests.extendleft(reversed(parts))

    def _merge(self) -> None:
        self.requests = deque(merge(self._spans, max_registers=self._spec.max_registers, max_gap=self._spec.max_gap))

    def _leave(self, request: Request | None) -> None:
        """Start the rest of a request; None means the unit."""
        rest = self._rest if request is None else self._rests.get(request)
        if rest is not None:
            rest.begin()
        elif request is None:
            self._rest = Rest(FIRST_REST, LONGEST_REST)
        else:
            self._rests[request] = Rest(FIRST_REST, LONGEST_REST)
