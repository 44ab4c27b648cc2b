"""How many nodes go into one request: as many as a server announces, or as its refusals leave."""

from collections.abc import Awaitable, Callable, Sequence, Sized
from typing import Final, TypeVar

from asyncua import ua

NODES_AT_ONCE: Final = 500
"""Largest number of nodes per request; a server may announce a lower limit, or refuse so many."""
HISTORIES_AT_ONCE: Final = 10
"""Largest number of nodes per request of their history: each answers with many rows, and the event loop waits."""
REFUSED_FOR_SIZE: Final = (
    ua.uaerrors.BadTooManyOperations,
    ua.uaerrors.BadTooManyMonitoredItems,
    ua.uaerrors.BadEncodingLimitsExceeded,
    ua.uaerrors.BadRequestTooLarge,
    ua.uaerrors.BadResponseTooLarge,
)
"""How servers refuse a request with more nodes than they take at once."""

Pairs = Sequence[tuple[int, ua.NodeId]]
"""Nodes with their numbers."""
ResultsT = TypeVar("ResultsT", bound=Sized)


class RequestSize:
    """The largest number of nodes in one kind of request to a server. It survives reconnections."""

    def __init__(self, most: int = NODES_AT_ONCE) -> None:
        self.most = most

    def announced(self, limit: float) -> None:
        """Take over a limit that the server announces; 0 and NaN stand for none."""
        if limit >= 1:
            self.most = min(self.most, int(limit))

    async def ask(self, pairs: Pairs, request: Callable[[Pairs], Awaitable[ResultsT]]) -> ResultsT:
        """Return the results of as many of the first nodes as the server takes, at least one.

        Raises
        ------
        asyncua.ua.UaError
            The server refuses a single node, or has another reason to refuse the request.

        """
        while True:
            piece = pairs[: self.most]
            try:
                results = await request(piece)
            except REFUSED_FOR_SIZE:
                if len(piece) == 1:
                    raise
                self.most = len(piece) // 2
                continue
            if len(results) != len(piece):
                raise ua.uaerrors.BadUnknownResponse
            return results


class RequestSizes:
    """The sizes of the requests that a source sends about many nodes."""

    def __init__(self) -> None:
        self.read: Final = RequestSize()
        self.monitor: Final = RequestSize()
        self.history: Final = RequestSize(HISTORIES_AT_ONCE)
