"""Reads the history that a server keeps of its nodes, in pages; every continuation point is used up or released."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, timedelta
from typing import Final, NamedTuple

import numpy as np
from asyncua import ua
from asyncua.client.ua_session import UaSession

from adapters.sources.opcua.answer import MALFORMED
from adapters.sources.opcua.decode import DataValues, data_values, nanoseconds, number
from adapters.sources.opcua.gaps.holes import SourceRow, rows_of
from adapters.sources.opcua.requests import Pairs, RequestSize

ROWS_A_NODE: Final = 200
"""Largest number of rows of a node in one answer: decoding an answer holds up the event loop."""
MOST_PAGES: Final = 10_000
"""Largest number of answers about one group of nodes."""
MOST_EMPTY: Final = 3
"""Number of answers without a row that a server may send in a row, although it says that there is more."""
NO_HISTORY: Final = (
    ua.uaerrors.BadServiceUnsupported,
    ua.uaerrors.BadHistoryOperationUnsupported,
    ua.uaerrors.BadHistoryOperationInvalid,
    ua.uaerrors.BadNotImplemented,
    ua.uaerrors.BadNotSupported,
    ua.uaerrors.BadUserAccessDenied,
    ua.uaerrors.BadTimestampsToReturnInvalid,
)
"""How servers say that they have no history, or none for us."""
NO_DATA: Final = frozenset(("Good", "GoodNoData", "GoodMoreData", "BadNoData"))
"""Results of a node that has a history."""

_EPOCH: Final = ua.DateTime(1970, 1, 1, tzinfo=UTC)


class HistoryPage(NamedTuple):
    """Rows of a node in the order of the server; `refusal` says why it has no history for us."""

    node: int
    rows: list[SourceRow]
    refusal: str | None = None


class ServerHistory:
    """Reads raw history over one session."""

    def __init__(self, session: UaSession, size: RequestSize) -> None:
        self._session: Final = session
        self._size: Final = size

    async def pages(self, nodes: Mapping[int, ua.NodeId], start: int, until: int) -> AsyncGenerator[HistoryPage, None]:
        """Yield the rows of some nodes with source times from `start` to `until`, both included. [ns, UTC].

        Raises
        ------
        OSError, asyncua.ua.UaError
            The connection is lost, or the server refuses the request for another reason than a missing history.

        """
        pairs = list(nodes.items())
        details = ua.ReadRawModifiedDetails(
            IsReadModified=False,
            StartTime=_stamp(start),
            # The end of the period does not belong to it, and time stamps of servers are often cut to milliseconds.
            EndTime=_stamp(until + 1_000_000),
            NumValuesPerNode=ROWS_A_NODE,
            ReturnBounds=False,
        )
        while pairs:
            try:
                results = await self._size.ask(pairs, lambda piece: self._read(details, [(a, None) for _, a in piece]))
            except NO_HISTORY as refusal:
                for node, _ in pairs:
                    yield HistoryPage(node, [], type(refusal).__name__)
                return
            piece, pairs = pairs[: len(results)], pairs[len(results) :]
            async for page in self._follow(details, piece, results):
                yield page

    async def _follow(
        self, details: ua.ReadRawModifiedDetails, piece: Pairs, results: list[ua.HistoryReadResult]
    ) -> AsyncGenerator[HistoryPage, None]:
        """Yield what the results hold, and the pages behind their continuation points."""
        open_points: dict[int, bytes] = {}
        addresses, empty = dict(piece), 0
        try:
            for _ in range(MOST_PAGES):
                pages = [_page(node, result) for (node, _), result in zip(piece, results, strict=True)]
                points = {n: r.ContinuationPoint for (n, _), r in zip(piece, results, strict=True)}
                # A server that repeats its continuation point makes no progress.
                stuck = [(addresses[n], p) for n, p in points.items() if p and p == open_points.get(n)]
                open_points = {n: p for n, p in points.items() if p and p != open_points.get(n)}
                await self._release(details, stuck)
                empty = 0 if any(page.rows for page in pages) else empty + 1
                for page in pages:
                    yield page
                if not open_points or empty == MOST_EMPTY:
                    return
                piece = [(node, addresses[node]) for node in open_points]
                results = await self._read(details, [(addresses[node], p) for node, p in open_points.items()])
        finally:
            await self._release(details, [(addresses[node], p) for node, p in open_points.items()])

    async def _read(
        self,
        details: ua.ReadRawModifiedDetails,
        wanted: Sequence[tuple[ua.NodeId, bytes | None]],
        *,
        release: bool = False,
    ) -> list[ua.HistoryReadResult]:
        nodes = [ua.HistoryReadValueId(NodeId=address, ContinuationPoint=point) for address, point in wanted]
        request = ua.HistoryReadParameters(
            HistoryReadDetails=details,
            TimestampsToReturn=ua.TimestampsToReturn.Both,
            ReleaseContinuationPoints=release,
            NodesToRead=nodes,
        )
        try:
            results = await self._session.history_read(request)
        except MALFORMED as error:
            raise ua.uaerrors.UaStructParsingError(str(error)) from error
        if len(results) != len(nodes):
            raise ua.uaerrors.BadUnknownResponse
        return results

    async def _release(
        self, details: ua.ReadRawModifiedDetails, wanted: Sequence[tuple[ua.NodeId, bytes | None]]
    ) -> None:
        with suppress(OSError, ua.UaError):
            if wanted:
                await self._read(details, wanted, release=True)


def _page(node: int, result: ua.HistoryReadResult) -> HistoryPage:
    status = result.StatusCode.name
    if status not in NO_DATA:
        return HistoryPage(node, [], status)
    values = getattr(result.HistoryData, "DataValues", None) or ()
    return HistoryPage(node, [row for row in rows_of(_columns(values)) if row is not None])


def _columns(values: Sequence[ua.DataValue]) -> DataValues:
    return data_values(
        np.zeros(len(values), np.int64),
        np.array([nanoseconds(value.SourceTimestamp) for value in values], np.int64),
        np.array([nanoseconds(value.ServerTimestamp) for value in values], np.int64),
        np.array([number(value) for value in values], np.float64),
        np.array([0 if value.StatusCode is None else value.StatusCode.value for value in values], np.uint32),
    )


def _stamp(time: int) -> ua.DateTime:
    """Return a time as the library encodes it. [ns, UTC]."""
    return _EPOCH + timedelta(microseconds=time // 1000)
