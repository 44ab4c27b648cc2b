"""`Hub`: numbers changes and sends them to every page in order; a page that falls behind gets a new snapshot."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from console.changes import joined
from console.clients import PRESENT, READINGS, REST, Client
from console.desk import Desk
from console.limits import CLIENT_STREAMS, SESSION_STREAMS, STREAMS
from console.picture import ALARMS_AT_ONCE, Picture, encode
from console.views import AlarmsMessage, BeatMessage, Change, DeltaMessage, Reading, ReadingsMessage

BEAT: Final = 1.0
"""Time between two beats, the sign of life of the engine. [s]"""
COALESCE: Final = 0.25
"""Time between two messages with readings; a message has only the last reading of a point. [s]"""
FEW_PAGES: Final = 16
"""Number of pages up to which every change is sent at once."""
PAGE_PAUSE: Final = 0.0005
"""Time between two changes for each page, if there are more; what comes meanwhile is one change. [s]"""
# Sending takes about 0.1 ms a page: changes take at most a fifth of the loop, however many pages there are.


class Hub:
    """The source of the stream, one per engine; a page that sees another `run` loads the site again."""

    def __init__(self) -> None:
        self.run: Final = secrets.token_hex(8)
        self.number = 0
        self._clients: Final[dict[Client, None]] = {}
        self._readings: Final[dict[str, Reading]] = {}
        self._shown: frozenset[str] | None = frozenset()
        self._picture: Picture | None = None
        self._waiting: Change = {}
        self._free = 0.0

    @property
    def clients(self) -> int:
        """Number of connected pages."""
        return len(self._clients)

    @property
    def shown(self) -> frozenset[str]:
        """The points whose readings some page shows; the same object until a page shows others."""
        if self._shown is None:
            self._shown = frozenset().union(*(client.shown for client in self._clients))
        return self._shown

    def publish(self, change: Change) -> None:
        """Send a change on the event loop: at once to a few pages, joined with others to many."""
        if self._waiting:
            self._waiting = joined(self._waiting, change)
            if len(self._waiting.get("alarms", ())) > ALARMS_AT_ONCE:
                self._send_waiting()
            return
        if len(self._clients) > FEW_PAGES:
            loop = asyncio.get_running_loop()
            if loop.time() < self._free:
                self._waiting = change.copy()
                loop.call_at(self._free, self._send_waiting)
                return
            self._free = loop.time() + PAGE_PAUSE * len(self._clients)
        self._send_delta(change)

    def read(self, readings: Iterable[Reading]) -> None:
        """Send readings with the next flush, each to the pages that show its point."""
        self._readings.update((reading["point"], reading) for reading in readings)

    def show(self, client: Client, points: Iterable[str]) -> None:
        """Send a page the readings of these points from now on, and what they read at present."""
        client.shown = frozenset(points)
        self._shown = None
        if client.shown and not client.behind:
            client.put(READINGS)

    def flush(self) -> None:
        """Send the waiting readings, and snapshots to the pages that fell behind."""
        self._picture = None
        texts = {point: encode(reading).decode() for point, reading in self._readings.items() if point in self.shown}
        self._readings.clear()
        for client in self._clients:
            if client.behind:
                client.renew()
            elif news := [texts[point] for point in client.shown & texts.keys()]:
                client.put(f'{{"kind":"readings","readings":[{",".join(news)}]}}')

    def beat(self, now: int) -> None:
        """Send a sign of life with the engine's time [ms] and the number of the last delta."""
        # A page compares the number with its own: a gap means that it missed a delta, and it asks for a snapshot.
        self._send({"kind": "beat", "number": self.number, "now": now})

    async def serve(self, now: Callable[[], int]) -> None:
        """Flush and beat until cancelled."""
        while True:
            self.beat(now())
            for _ in range(round(BEAT / COALESCE)):
                await asyncio.sleep(COALESCE)
                self.flush()

    @contextlib.contextmanager
    def subscribed(self, host: str = "", session: str | None = None) -> Iterator[Client]:
        """Yield a queue that receives every later message."""
        client = Client(host, session)
        self._clients[client] = None
        try:
            yield client
        finally:
            self._clients.pop(client, None)
            self._shown = None

    async def next(self, client: Client, desk: Desk) -> str:
        """Return the next message for a page."""
        while True:
            message = await client.messages.get()
            if message == PRESENT:
                client.behind = False
                picture = self.picture(desk)
                client.rest = iter(picture.rest)
                for placeholder, is_due in ((READINGS, client.shown), (REST, picture.rest)):
                    if is_due:
                        client.messages.put_nowait(placeholder)
                return self.snapshot(desk)
            if message == READINGS:
                return _text({"kind": "readings", "readings": desk.readings_of(client.shown)})
            if message != REST:
                return message
            # The placeholder goes to the end of the queue, so news of alarms do not wait for the others.
            if names := next(client.rest, None):
                client.messages.put_nowait(REST)
                return _text({"kind": "alarms", "alarms": desk.some_alarms(names)})

    def make_room(self, host: str, session: str | None = None) -> bool:
        """Tell whether another page of a session, or of an address without one, may have the stream.

        The oldest silent one gives way for it.
        """
        same = [client for client in self._clients if client.session == session and (session or client.host == host)]
        if len(same) >= (CLIENT_STREAMS if session is None else SESSION_STREAMS):
            return self._dismiss_silent(same)
        return len(self._clients) < STREAMS or self._dismiss_silent(list(self._clients))

    def snapshot(self, desk: Desk) -> str:
        """Return the snapshot message with the number of the last delta in it."""
        picture = self.picture(desk)
        message = {"kind": "snapshot", "run": self.run, "number": picture.number, "snapshot": picture.first}
        return encode(message).decode()

    def picture(self, desk: Desk) -> Picture:
        """Return the picture of this moment; until the next change or flush, all who ask get the same."""
        if self._picture is None or self._picture.number != self.number:
            self._picture = Picture(self.number, desk.snapshot())
        return self._picture

    def _dismiss_silent(self, clients: list[Client]) -> bool:
        """Dismiss the oldest of some pages that never said a word; return False if there is none."""
        silent = next((client for client in clients if client.is_silent), None)
        if silent is None:
            return False
        # Its place is free at once, although the farewell may take a second.
        self._clients.pop(silent)
        silent.dismissed.set()
        return True

    def _send_waiting(self) -> None:
        """Send the changes that were joined, unless they are sent already."""
        if self._waiting:
            change, self._waiting = self._waiting, {}
            self._free = asyncio.get_running_loop().time() + PAGE_PAUSE * len(self._clients)
            self._send_delta(change)

    def _send_delta(self, change: Change) -> None:
        self.number += 1
        self._send({"kind": "delta", "number": self.number, "change": change})

    def _send(self, message: DeltaMessage | BeatMessage) -> None:
        if self._clients:
            text = _text(message)
            for client in self._clients:
                client.put(text)


def _text(message: DeltaMessage | BeatMessage | ReadingsMessage | AlarmsMessage) -> str:
    return encode(message).decode()
