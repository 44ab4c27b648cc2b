"""A server that keeps lines as InfluxDB 2 does, and fails in the ways that InfluxDB fails."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.system.influx.serving import Reply, serving


@dataclass(slots=True)
class Answer:
    """What the server does with one request: how many of its lines it stores, and what it answers."""

    status: int
    reason: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    stored: int = 0


@dataclass(slots=True)
class InfluxDouble:
    """The server's bucket, and the faults to come.

    Attributes
    ----------
    port : int
        Port on loopback; 0 before `serve`.
    points : dict of (series, time) to fields
        What is stored: one point for each series and time, as InfluxDB keeps it.
    faults : deque of Answer
        Answers of the next requests; after them the server works.
    syntax, conflict, old : callable
        Lines that are refused: 400 for the whole body; 422 with the others stored; 422 as beyond retention.
    requests : int
        Number of requests so far.

    """

    port: int = 0
    points: dict[tuple[str, int], str] = field(default_factory=dict)
    faults: deque[Answer] = field(default_factory=deque)
    syntax: Callable[[str], bool] = lambda _: False
    conflict: Callable[[str], bool] = lambda _: False
    old: Callable[[str], bool] = lambda _: False
    requests: int = 0
    tokens: list[str] = field(default_factory=list)

    def take(self, body: str) -> Answer:
        """Store the lines of a body, or some of them."""
        self.requests += 1
        lines = body.splitlines()
        if self.faults:
            fault = self.faults.popleft()
            self._store(lines[: fault.stored])
            return fault
        if any(self.syntax(line) for line in lines):
            return Answer(400, "unable to parse")
        kept = [line for line in lines if not self.conflict(line) and not self.old(line)]
        self._store(kept)
        dropped = len(lines) - len(kept)
        if any(self.old(line) for line in lines):
            return Answer(422, f"partial write: points beyond retention policy dropped={dropped}")
        return Answer(422, f"partial write: field type conflict dropped={dropped}") if dropped else Answer(204)

    def times(self, measurement: str) -> list[int]:
        """Return the times of all points of a measurement."""
        return sorted(time for series, time in self.points if series.split(",")[0] == measurement)

    def _store(self, lines: list[str]) -> None:
        for line in lines:
            key, _, time = line.rpartition(" ")
            series, _, fields = key.partition(" " if "\\ " not in key else " value")
            self.points[series, int(time)] = fields

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[None]:
        """Answer while the block lasts."""
        with serving(port, self._reply) as self.port:
            yield

    def _reply(self, body: str, token: str) -> Reply:
        self.tokens.append(token)
        answer = self.take(body)
        text = "" if answer.status == 204 else json.dumps({"message": answer.reason})
        return Reply(answer.status, text.encode(), "application/json", answer.headers)
