"""A server that takes few nodes a request without publishing that limit, or monitors few nodes."""

import pytest
from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.internal_session import InternalSession

from simulators.opcua import OpcUaSimulator


def limit(
    patch: pytest.MonkeyPatch,
    simulator: OpcUaSimulator,
    *,
    read: int = 10_000,
    monitor: int = 10_000,
    room: int = 10_000,
) -> None:
    """Let a simulator refuse larger requests, and more monitored items than it has room for."""
    monitored: list[int] = []

    class Limited(InternalSession):
        async def read(self, params: ua.ReadParameters) -> list[ua.DataValue]:
            if len(params.NodesToRead) > read:
                raise ua.uaerrors.BadTooManyOperations
            return await super().read(params)

        async def create_monitored_items(
            self, params: ua.CreateMonitoredItemsParameters
        ) -> list[ua.MonitoredItemCreateResult]:
            if len(params.ItemsToCreate) > monitor:
                raise ua.uaerrors.BadTooManyOperations
            if room == 0:
                raise ua.uaerrors.BadTooManyMonitoredItems
            items, left = params.ItemsToCreate, room - len(monitored)
            params.ItemsToCreate = items[:left]
            results = await super().create_monitored_items(params) if left > 0 else []
            monitored.extend(range(len(results)))
            full = ua.StatusCode(ua.UInt32(ua.StatusCodes.BadTooManyMonitoredItems))
            return [*results, *(ua.MonitoredItemCreateResult(StatusCode=full) for _ in items[len(results) :])]

    internal = simulator.server.iserver

    def create(name: str, *, external: bool = False) -> Limited:
        anonymous = User(role=UserRole.Anonymous)
        return Limited(internal, internal.aspace, internal.subscription_service, name, anonymous, external)

    patch.setattr(internal, "create_session", create)
