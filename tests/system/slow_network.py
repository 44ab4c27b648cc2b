"""A network between two processes on loopback that hands every piece on late, and in its order, as TCP has it."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle


class Network:
    """Listens at a port, and joins every connection to another port; each piece waits for the next of some delays."""

    def __init__(self, to: int, delays: Sequence[float]) -> None:
        self._to = to
        self._delays = cycle(delays)
        self._ended = threading.Event()
        self._ends: list[socket.socket] = [socket.create_server(("127.0.0.1", 0))]
        self.port: int = self._ends[0].getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def close(self) -> None:
        """Cut all connections, and take no more."""
        self._ended.set()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while not self._ended.is_set():
                near, _ = self._ends[0].accept()
                self._ends.append(near)
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends.append(far)
                for ends in ((near, far), (far, near)):
                    self._threads.append(threading.Thread(target=self._carry, args=ends))
                    self._threads[-1].start()

    def _carry(self, giver: socket.socket, taker: socket.socket) -> None:
        with suppress(OSError):
            while piece := giver.recv(65536):
                self._ended.wait(next(self._delays))
                taker.sendall(piece)
        for end in (giver, taker):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def slow(to: int, delays: Sequence[float]) -> Iterator[int]:
    """Yield the port at which another one is reached over a slow network. [delays: s]."""
    network = Network(to, delays)
    try:
        yield network.port
    finally:
        network.close()
