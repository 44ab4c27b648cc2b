"""What a server still holds for a source whose connection broke: the session, and the subscription with its queues."""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from asyncua import Client, ua

from adapters.sources.opcua.config import OpcUaSource
from plant import Message
from plant.units import SECOND

LIFETIME: Final = 30.0
"""Time for which a server keeps the session and the subscription of a client that vanished. [s]"""
SESSION_GONE: Final = (
    ua.uaerrors.BadSessionIdInvalid,
    ua.uaerrors.BadSessionClosed,
    ua.uaerrors.BadSessionNotActivated,
    ua.uaerrors.BadSecureChannelIdInvalid,
)
"""How servers say that they no longer have a session, or that it belongs to the broken connection."""


class ResumingClient(Client):
    """A client that can go on with its session over another connection.

    `was_refused` tells that the server, or something before it, refused the latest attempt.
    """

    was_refused = False

    async def resume(self) -> bool:
        """Connect again, and activate the session there; return False if the server made a new session instead.

        Raises
        ------
        OSError, asyncua.ua.UaError
            The server cannot be reached, or refuses a session.

        """
        await self.connect_socket()
        try:
            await self.send_hello()
            await self.open_secure_channel()
        except ConnectionError:
            self.was_refused = True
            raise
        self.was_refused = False
        kept = self.uaclient.has_session and await self._activated_again()
        if not kept:
            self.uaclient.session.reset_authentication_token()
            self._server_nonce = None
            await self._create_and_activate_session()
        self._start_renew_loop()
        return kept

    async def let_go(self) -> None:
        """Cut the connection without a farewell, so that the server keeps the session for a time."""
        protocol = self.uaclient.protocol
        if protocol is not None and protocol.transport is not None:
            protocol.transport.abort()
        await asyncio.sleep(0)
        for task in (self._supervisor_task, self._stale_watchdog_task, self._renew_channel_task):
            await self._cancel_task(task)
        self._renew_channel_task = None
        self.disconnect_socket()

    async def _activated_again(self) -> bool:
        self.uaclient.session.rebind_authentication_token()
        try:
            await self._activate_with_credentials()
        except SESSION_GONE:
            return False
        return True


ClientT = TypeVar("ClientT", bound=ResumingClient)


@dataclass(slots=True)
class Held(Generic[ClientT]):
    """The session and the subscription of a source; they outlive its connections.

    Attributes
    ----------
    client : ResumingClient or None
        The client with the session; None if there is no session to go on with.
    started : object
        When the server started: a server that started anew counts its subscriptions anew.
    subscription : int
        Id of the subscription; 0 if there is none.
    sequence : int or None
        Sequence number of the last message that was read; None before the first.
    is_proved : bool
        Whether the subscription has delivered anything over the present connection.
    is_whole : bool
        Whether all nodes that the server lets us monitor are in the subscription.
    items : dict
        Ids of the monitored items by node.
    keep_alive, publishing : float
        How often the subscription shows that it lives, and how often it sends what changed. [s]
    sampling : float
        The longest sampling interval of any node; 0 if the server sends every change. [s]
    queue : int or None
        The shortest queue of any node; None before the first node. [1]
    until : float
        When the server drops the session; infinite while the connection stands. [s, monotonic]

    """

    client: ClientT | None = None
    started: object = None
    subscription: int = 0
    sequence: int | None = None
    is_proved: bool = False
    is_whole: bool = False
    items: dict[int, int] = field(default_factory=dict)
    keep_alive: float = 0.0
    publishing: float = 0.0
    sampling: float = 0.0
    queue: int | None = None
    until: float = 0.0

    def revised(self, spec: OpcUaSource) -> tuple[Message, ...]:
        """Return what the server does otherwise than it was asked to."""
        asked = spec.publishing / SECOND
        messages = []
        if abs(self.publishing - asked) > asked / 100:
            messages.append(
                Message(
                    "the server sends what changed every {given} s, not every {asked} s",
                    given=self.publishing,
                    asked=asked,
                )
            )
        if self.queue is not None and self.queue < spec.queue:
            messages.append(
                Message("the server keeps {given} changes of a point, not {asked}", given=self.queue, asked=spec.queue)
            )
        if self.sampling > 0:
            messages.append(
                Message(
                    "the server samples every {given} s: changes that follow each other faster may come as one",
                    given=self.sampling,
                )
            )
        return tuple(messages)

    def revise(self, result: ua.MonitoredItemCreateResult) -> None:
        """Note what the server made of the request to monitor a node."""
        self.sampling = max(self.sampling, result.RevisedSamplingInterval / 1000)
        size = int(result.RevisedQueueSize)
        self.queue = size if self.queue is None else min(self.queue, size)

    def forget_subscription(self) -> None:
        """Begin without a subscription."""
        self.subscription, self.sequence, self.is_proved, self.is_whole = 0, None, False, False
        self.sampling, self.queue = 0.0, None
        self.items.clear()

    def forget(self) -> None:
        """Begin without a session."""
        self.client = None
        self.forget_subscription()
