"""The messages of a subscription, each once and in their order, also over several connections."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary

from adapters.sources.cancellation import heed_cancellation
from adapters.sources.opcua.access import SafeClient
from adapters.sources.opcua.answer import Answer, read_again, read_answer
from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.data_value import mend_asyncua
from adapters.sources.opcua.decode import DataValues
from adapters.sources.opcua.held import LIFETIME, Held
from adapters.sources.opcua.refusals import LINK_ERRORS
from plant import Message
from plant.units import SECOND

MOST_UNDELIVERED: Final = 16
"""Largest number of undelivered answers. Beyond it the link stops asking, and the server's queues hold the changes."""
STARTED: Final = ua.ReadValueId(
    NodeId=ua.NodeId(ua.Int32(ua.ObjectIds.Server_ServerStatus_StartTime)), AttributeId=ua.AttributeIds.Value
)
NOT_REPEATED: Final = (
    ua.uaerrors.BadMessageNotAvailable,
    ua.uaerrors.BadServiceUnsupported,
    ua.uaerrors.BadNotImplemented,
    ua.uaerrors.BadNotSupported,
)
"""How servers say that they cannot send a message again."""
MOST_REPEATED: Final = 1000
"""Largest number of messages to ask for again; a server holds a few."""
HIGHEST_SEQUENCE: Final = 2**32 - 1
"""The sequence numbers begin again at 1 behind it."""

_log = logging.getLogger(__name__)

# asyncua logs tracebacks for a lost server, and repeats them every second. The source logs one line instead.
logging.getLogger("asyncua").setLevel(logging.CRITICAL)
mend_asyncua()


class Published(NamedTuple):
    """The changes of one message, and when the server sent it [ns, UTC]; `missed`: messages before it are lost."""

    values: DataValues
    missed: bool = False
    sent: int | None = None


class Stream:
    """The subscription of a connection: `publish` fetches its messages, and `published` hands them out.

    `resumed` tells that the subscription of the connection before goes on, with what its queues hold.
    """

    def __init__(self, client: SafeClient, spec: OpcUaSource, held: Held[SafeClient]) -> None:
        self.resumed = False
        self._client: Final = client.uaclient
        self._session: Final = client.uaclient.session
        self._spec: Final = spec
        self._timeout: Final = spec.timeout / SECOND
        self._held: Final = held
        self._results: Final[asyncio.Queue[Published | Exception]] = asyncio.Queue()
        self._room: Final = asyncio.Semaphore(MOST_UNDELIVERED)
        self._again: list[Answer] = []
        self._has_strangers = False

    async def open(self, *, same_session: bool) -> None:
        """Go on with the subscription of the connection before, or else create an empty one."""
        self._held.is_proved = False
        self.resumed = await self._take_up(same_session=same_session)
        if not self.resumed:
            await self._subscribe()

    async def publish(self) -> None:
        """Queue what was not read of the subscription, keep one publish request waiting, and queue its answers."""
        for repeated in self._again:
            await self._room.acquire()
            self._deliver(repeated)
        seen = [repeated.sequence for repeated in self._again]
        while True:
            await self._room.acquire()
            try:
                answer = read_answer(await self.ask(self._request(seen), 0), self._held.subscription)
                missing = [] if answer is None else await self._missing(answer)
            except ua.uaerrors.BadTimeout:
                # The server's own time-out of a waiting request: it is not a fault, and the next request replaces it.
                self._room.release()
                seen = []
                continue
            except LINK_ERRORS as error:
                self.fail(error)
                return
            heed_cancellation()
            if answer is None:
                self._leave_out()
                seen = []
                continue
            seen = [each.sequence for each in (*missing, answer)]
            for each in missing:
                await self._room.acquire()
                self._deliver(each)
            self._deliver(answer)

    async def published(self) -> Published:
        """Return the changes in the next answer to a publish request; a keep-alive has none.

        Raises
        ------
        OSError, asyncua.ua.UaError
            The connection is lost, or the server was silent for longer than its keep-alive interval.

        """
        result = await self._next()
        if isinstance(result, Exception):
            raise result
        self._room.release()
        return result

    async def ask(self, request: object, within: float | None = None) -> Buffer:
        """Return the answer to a request; without a time [s], within the time-out of the source."""
        if self._client.protocol is None:
            raise ConnectionError(Message("the connection is closed"))
        return await self._client.protocol.send_request(request, self._timeout if within is None else within)

    def fail(self, error: Exception) -> None:
        """Make `published` raise this error after it has returned all earlier answers."""
        self._results.put_nowait(error)

    def _leave_out(self) -> None:
        """Drop an answer of another subscription; it is no sign of life of ours."""
        self._room.release()
        if not self._has_strangers:
            self._has_strangers = True
            message = Message("answers of another subscription come over our session: left out")
            _log.warning("%s source=%s", message, self._spec.id)

    async def _take_up(self, *, same_session: bool) -> bool:
        """Go on with the subscription that the server holds, and fetch its unread messages; False if it has none."""
        held, started = self._held, await self._started()
        before, held.started = held.started, started
        # A server that was started anew may have given the same number to the subscription of somebody else; one that
        # does not say when it started may have been started anew.
        if (
            held.is_whole
            and before == started
            and (same_session or (started is not None and await self._transferred()))
        ):
            with suppress(ua.UaError):
                await self._repeat_unread()
                return True
        if held.subscription and same_session:
            # Its messages would come between those of the next subscription.
            with suppress(ua.UaError):
                await self._session.delete_subscriptions([held.subscription])
        held.forget_subscription()
        self._again.clear()
        return False

    async def _started(self) -> object:
        """Return when the server started."""
        (answer,) = await self._session.read(ua.ReadParameters(NodesToRead=[STARTED]))
        return None if answer.Value is None else answer.Value.Value

    async def _transferred(self) -> bool:
        """Move the subscription from a session that the server dropped to the present one."""
        request = ua.TransferSubscriptionsParameters(SubscriptionIds=[self._held.subscription], SendInitialValues=False)
        try:
            (result,) = await self._session.transfer_subscriptions(request)
        except (ua.UaError, ValueError):
            return False
        return bool(result.StatusCode.is_good())

    async def _repeat_unread(self) -> None:
        """Fetch the messages that the server sent and that never arrived; raise UaError if it has no subscription."""
        number = _after(self._held.sequence)
        while len(self._again) < MOST_REPEATED and (answer := await self._repeat(number)) is not None:
            self._again.append(answer)
            number = _after(number)

    async def _missing(self, answer: Answer) -> list[Answer]:
        """Return the messages between the last one and an answer, as far as the server sends them again."""
        again: list[Answer] = []
        if answer.sequence is None or self._held.sequence is None:
            return again
        number = _after(self._held.sequence)
        # Whatever the server says to this, the answer that came counts.
        with suppress(ua.UaError):
            while number != answer.sequence and len(again) < MOST_REPEATED:
                if (repeated := await self._repeat(number)) is None:
                    break
                again.append(repeated)
                number = _after(number)
        return again

    async def _repeat(self, number: int) -> Answer | None:
        """Return a message that was sent before; None if the server no longer has it, or never sent it."""
        request = ua.RepublishRequest()
        request.Parameters = ua.RepublishParameters(self._held.subscription, number)
        try:
            answer = read_again(await self.ask(request))
        except NOT_REPEATED:
            return None
        return answer if answer.sequence == number else None

    async def _subscribe(self) -> None:
        interval = self._spec.publishing / 1e6
        # The library's own create_subscription would start its publish loop and decode every answer itself.
        request = ua.CreateSubscriptionRequest()
        request.Parameters = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=interval,
            RequestedLifetimeCount=max(10, int(LIFETIME * 1000 / interval)),
            # An unchanged value yields no notification, so keep-alives are the only sign of life: one per interval.
            RequestedMaxKeepAliveCount=1,
            PublishingEnabled=True,
        )
        response = struct_from_binary(ua.CreateSubscriptionResponse, await self.ask(request))
        response.ResponseHeader.ServiceResult.check()
        revised = response.Parameters
        self._held.subscription = revised.SubscriptionId
        self._held.publishing = revised.RevisedPublishingInterval / 1000
        self._held.keep_alive = self._held.publishing * revised.RevisedMaxKeepAliveCount

    def _request(self, seen: Iterable[int | None]) -> ua.PublishRequest:
        request = ua.PublishRequest()
        request.Parameters.SubscriptionAcknowledgements = [
            ua.SubscriptionAcknowledgement(self._held.subscription, number) for number in seen if number is not None
        ]
        return request

    def _deliver(self, answer: Answer) -> None:
        known, number = self._held.sequence, answer.sequence
        missed = known is not None and number is not None and number != _after(known)
        self._held.sequence = known if number is None else number
        self._held.is_proved = True
        self._results.put_nowait(Published(answer.values, missed, answer.sent))

    async def _next(self) -> Published | Exception:
        # If this process was suspended, the first time-out may expire although the answer has arrived meanwhile.
        # The second attempt takes that answer; only a silent server lets it expire, too.
        quiet = self._held.keep_alive + self._timeout / 2
        with suppress(TimeoutError):
            async with asyncio.timeout(quiet):
                return await self._results.get()
        async with asyncio.timeout(quiet):
            return await self._results.get()


def _after(sequence: int | None) -> int:
    """Return the sequence number that follows."""
    return 1 if sequence is None or sequence == HIGHEST_SEQUENCE else sequence + 1
