"""Fills holes from the history of the server, and says of each gap what became of its rows."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

from asyncua import ua

from adapters.sources.cancellation import heed_cancellation
from adapters.sources.opcua.gaps.filling import Filling
from adapters.sources.opcua.gaps.history import HistoryPage, ServerHistory
from adapters.sources.opcua.gaps.holes import MOST_HOLES, Hole, SourceRow
from adapters.sources.opcua.refusals import reason_of
from adapters.sources.rate import Rate
from plant import Gap, GapFilling, Message
from plant.units import DAY, SECOND

GATHER: Final = 0.5
"""Time in which the holes of one break are gathered. [s]"""
ATTEMPTS: Final = 4
"""How often a history is read that does not reach up to the first row after the hole, or that the server refuses."""
# A server that writes its history in pieces has the last rows of a gap only some seconds later.
PAUSE: Final = 1.0
PAUSE_AT_MOST: Final = 60.0
"""Pause before such a history is read again; it doubles up to the longest. [s]"""
BREAKS_IN_VAIN: Final = 10
"""How often the connection may break while a history is read that brings nothing: some servers die of the question."""
FARTHEST_BACK: Final = 7 * DAY
"""Length of the time that is read, before the end of a hole. [ns]"""
# A request has one period for all of its nodes, so nodes of very different periods would bring rows that nobody needs.
HOLES_AT_ONCE: Final = 10
"""Number of holes whose period is read together."""
GAPS_KEPT: Final = 100
"""Number of gaps that are remembered."""
NOT_WHOLE: Final = Message("the history of the server does not reach the end of the gap")
OUTCOMES: Final[Mapping[GapFilling, Message]] = {
    "queue": Message("gap filled from the queue of the server"),
    "history": Message("gap filled from the history of the server"),
    "none": Message("gap, rows may be lost"),
}

_log = logging.getLogger(__name__)

RecordedRow = tuple[int, SourceRow]
Reader = Callable[[], Awaitable[tuple[ServerHistory, Mapping[int, ua.NodeId]]]]


class Backfill:
    """The gaps of one source; `run` fills their holes.

    Parameters
    ----------
    name : str
        Id of the source.
    rate : Rate
        The rate of its rows.
    active : callable
        Returns the number of nodes that change.
    reader : callable
        Waits for a connection, and returns a reader of its history and the addresses of the nodes.
    emit : callable
        Takes rows with their nodes.

    """

    def __init__(
        self,
        name: str,
        rate: Rate,
        *,
        active: Callable[[], int],
        reader: Reader,
        emit: Callable[[Sequence[RecordedRow]], Awaitable[None]],
    ) -> None:
        self.gaps: Final[deque[Gap]] = deque(maxlen=GAPS_KEPT)
        self.overflowed = 0
        """Number of times that a queue of the server lost rows which no history had."""
        self._name: Final = name
        self._rate: Final = rate
        self._active: Final = active
        self._reader: Final = reader
        self._emit: Final = emit
        self._waiting: list[Hole] = []
        self._event: Final = asyncio.Event()

    def add(self, holes: Sequence[Hole]) -> None:
        """Take holes that are to be filled; those for which there is no room are noted as gaps at once."""
        room = MOST_HOLES - len(self._waiting)
        if holes[:room]:
            self._waiting.extend(holes[:room])
            self._event.set()
        if holes[room:]:
            without_room = [Filling(hole) for hole in holes[room:]]
            for each in without_room:
                each.refusal = Message("too many gaps wait to be filled")
            self._conclude(without_room)

    def note(self, gap: Gap) -> None:
        """Remember a gap, and log what became of its rows."""
        self.gaps.append(gap)
        level = logging.WARNING if gap.how == "none" else logging.INFO
        _log.log(
            level,
            "%s source=%s seconds=%.3f points=%d expected=%d filled=%d%s",
            OUTCOMES[gap.how],
            gap.source,
            (gap.until - gap.start) / SECOND,
            gap.points,
            gap.expected_rows,
            gap.filled_rows,
            "" if gap.reason is None else f" reason={gap.reason}",
        )

    def expected(self, duration: int, points: int) -> int:
        """Return how many rows some of the points have in a time, at the rate before. [ns]."""
        share = min(1.0, points / max(1, self._active()))
        return round(self._rate.per_second * share * duration / SECOND)

    async def run(self) -> None:
        """Fill holes until cancelled."""
        while True:
            await self._event.wait()
            await asyncio.sleep(GATHER)
            self._event.clear()
            holes, self._waiting = self._waiting, []
            fillings = [Filling(hole) for hole in holes]
            await self._fill(fillings)
            self._conclude(fillings)

    async def _fill(self, fillings: Sequence[Filling]) -> None:
        """Read the history of holes until each is complete, refused, or was tried often enough."""
        pause, attempts, breaks = PAUSE, 0, 0
        while left := [each for each in fillings if not each.is_done]:
            reader, nodes = await self._reader()
            attempts += 1
            reason: Message | None = None
            rows = sum(each.rows for each in fillings)
            try:
                for group in _groups(left):
                    await self._fill_group(reader, nodes, group)
            except ConnectionError:
                # The next connection goes on where this one stopped.
                attempts -= 1
                breaks = 0 if sum(each.rows for each in fillings) > rows else breaks + 1
                reason = Message("the connection breaks whenever the history is read")
            except (OSError, ua.UaError) as error:
                reason = reason_of(error)
            heed_cancellation()
            if attempts == ATTEMPTS or breaks == BREAKS_IN_VAIN:
                for each in left:
                    each.refusal = each.refusal or reason or NOT_WHOLE
                return
            if not all(each.is_done for each in left):
                await asyncio.sleep(pause)
                pause = min(2 * pause, PAUSE_AT_MOST)

    async def _fill_group(
        self, reader: ServerHistory, nodes: Mapping[int, ua.NodeId], group: Sequence[Filling]
    ) -> None:
        by_node = {each.hole.node: each for each in group}
        for node in by_node.keys() - nodes.keys():
            by_node[node].refusal = Message("the server has no such node")
        wanted = {node: nodes[node] for node in by_node if node in nodes}
        until = max(each.hole.after.time for each in group)
        start = max(min(each.hole.before.time for each in group), until - FARTHEST_BACK)
        for each in group:
            each.begin()
        async with aclosing(reader.pages(wanted, start, until)) as pages:
            async for page in pages:
                await self._take(by_node[page.node], page)
        for each in group:
            each.end()

    async def _take(self, filling: Filling, page: HistoryPage) -> None:
        if page.refusal is not None:
            filling.refusal = Message("the server has no history: {status}", status=page.refusal)
            return
        if rows := filling.take(page.rows):
            await self._emit([(filling.whole.node, row) for row in rows])

    def _conclude(self, fillings: Sequence[Filling]) -> None:
        """Note the gaps that holes make up, by what became of their rows."""
        by_outcome: dict[tuple[Message | None, bool], list[Filling]] = {}
        for each in fillings:
            by_outcome.setdefault((each.refusal, each.whole.overflow), []).append(each)
        for (refusal, overflow), group in by_outcome.items():
            if refusal is not None and overflow:
                self.overflowed += len(group)
            until = max(each.whole.after.time for each in group)
            before = [each.whole.before.time for each in group]
            start = max((time for time in before if time < until), default=until)
            points, rows = len({each.whole.node for each in group}), sum(each.rows for each in group)
            how: GapFilling = "history" if refusal is None else "none"
            expected = self.expected(until - start, points)
            self.note(Gap(self._name, start, until, points, expected, rows, how, refusal))


def _groups(fillings: Sequence[Filling]) -> Iterator[list[Filling]]:
    """Yield holes in groups of about the same period, and each node once in a group."""
    group: dict[int, Filling] = {}
    for each in sorted(fillings, key=lambda filling: filling.hole.before.time):
        if len(group) == HOLES_AT_ONCE or each.hole.node in group:
            yield list(group.values())
            group = {}
        group[each.hole.node] = each
    if group:
        yield list(group.values())
