"""A subscription is gone on with only at the run of the server that has it."""

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

    async def send_request(self, request: object, _: float) -> Buffer:
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
