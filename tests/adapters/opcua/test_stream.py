"""A subscription is gone on with only at the run of the server that has it, and answers of another one are left out."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_to_binary

from adapters.sources.opcua import OpcUaSource
from adapters.sources.opcua.access import SafeClient
from adapters.sources.opcua.held import Held
from adapters.sources.opcua.session.stream import Stream

SPEC = OpcUaSource.model_validate({"id": "kj", "protocol": "opcua", "endpoint": "opc.tcp://127.0.0.1:1"})
BEFORE, AFTER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
OURS, FRESH = 7, 8


class AnsweringServer:
    """Answers whatever is asked about the subscription as if it were ours."""

    def __init__(self, started: datetime | None) -> None:
        self._started = started

    async def read(self, _: ua.ReadParameters) -> list[ua.DataValue]:
        return [ua.DataValue(None if self._started is None else ua.Variant(self._started))]

    async def transfer_subscriptions(self, _: ua.TransferSubscriptionsParameters) -> list[ua.TransferResult]:
        return [ua.TransferResult()]

    async def delete_subscriptions(self, _: list[int]) -> None:
        return

    async def send_request(self, request: object, within: float) -> Buffer:
        if isinstance(request, ua.RepublishRequest):
            raise ua.uaerrors.BadMessageNotAvailable
        response = ua.CreateSubscriptionResponse()
        response.Parameters.SubscriptionId = FRESH
        return Buffer(struct_to_binary(response))


@pytest.mark.parametrize("same_session", [True, False])
@pytest.mark.parametrize(
    ("before", "now", "gone_on_with"),
    [
        pytest.param(BEFORE, BEFORE, {True, False}, id="the same run"),
        pytest.param(BEFORE, AFTER, set(), id="started anew"),
        pytest.param(BEFORE, None, set(), id="no longer says when it started"),
        pytest.param(None, None, {True}, id="never says when it started"),
    ],
)
async def test_a_subscription_is_gone_on_with_where_nobody_else_can_have_its_number(
    before: datetime | None, now: datetime | None, gone_on_with: set[bool], *, same_session: bool
) -> None:
    server = AnsweringServer(now)
    client = cast("SafeClient", SimpleNamespace(uaclient=SimpleNamespace(session=server, protocol=server)))
    held = Held[SafeClient](started=before, subscription=OURS, is_whole=True)
    stream = Stream(client, SPEC, held)
    await stream.open(same_session=same_session)
    assert stream.resumed == (same_session in gone_on_with)
    assert held.subscription == (OURS if stream.resumed else FRESH)


class ServerOfTwo(AnsweringServer):
    """Answers publish requests for a foreign subscription and for ours in turn, and keeps the acknowledgements."""

    def __init__(self) -> None:
        super().__init__(BEFORE)
        self.acknowledged: list[tuple[int, int]] = []
        self._asked = 0

    async def send_request(self, request: object, within: float) -> Buffer:
        if not isinstance(request, ua.PublishRequest):
            return await super().send_request(request, within)
        seen = request.Parameters.SubscriptionAcknowledgements
        self.acknowledged += [(each.SubscriptionId, each.SequenceNumber) for each in seen]
        self._asked += 1
        if self._asked > 4:
            raise ConnectionError
        response = ua.PublishResponse()
        response.Parameters.SubscriptionId = OURS if self._asked % 2 else FRESH
        response.Parameters.NotificationMessage.SequenceNumber = (self._asked + 1) // 2
        change = ua.MonitoredItemNotification(0, ua.DataValue(ua.Variant(float(self._asked))))
        response.Parameters.NotificationMessage.NotificationData = [ua.DataChangeNotification(MonitoredItems=[change])]
        return Buffer(struct_to_binary(response))


async def test_answers_of_another_subscription_are_neither_delivered_nor_acknowledged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = ServerOfTwo()
    client = cast("SafeClient", SimpleNamespace(uaclient=SimpleNamespace(session=server, protocol=server)))
    stream = Stream(client, SPEC, Held[SafeClient](started=BEFORE, subscription=OURS, is_whole=True))
    await stream.open(same_session=True)
    await stream.publish()
    published = [await stream.published() for _ in range(2)]
    assert [(each.values.value.tolist(), each.missed) for each in published] == [([1.0], False), ([3.0], False)]
    assert server.acknowledged == [(OURS, 1), (OURS, 2)]
    assert caplog.text.count("answers of another subscription come over our session") == 1
