"""Sends line protocol to InfluxDB, finds the lines that it refuses, and says why a body could not be written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from re import compile as pattern
from typing import Final, Self

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from plant import Message

OF_DATA: Final = frozenset((400, 413, 422))
"""Answers that are about lines of the body."""
TRY_LATER: Final = frozenset((429, 500, 502, 503, 504))
"""Answers after which the same body is sent again later."""
# The server stores the other points of such a body, and does not say which it dropped.
_DROPPED: Final = pattern(r"beyond retention policy dropped=(\d+)")
PROBE_LINE: Final = b"hz_probe value=1.0 1\n"
"""A line that nothing is wrong with; a server that refuses it, too, refuses everything."""
LONGEST_REASON: Final = 300
ANSWER_WITHIN: Final = 30_000
"""Longest time for an answer. [ms]"""


@dataclass(frozen=True, slots=True)
class InfluxAddress:
    """Where InfluxDB is, and what opens it."""

    url: str
    org: str
    bucket: str
    token: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Lines that the server refuses for good: how many, the first of them, and the server's reason."""

    count: int
    line: str
    reason: str


class NotWrittenError(Exception):
    """A body was not written, or not all of it; it must be sent again.

    Parameters
    ----------
    message
        Why.
    pause
        The server's own time after which it wants to be asked again; None if it names none. [s]

    """

    def __init__(self, message: Message, pause: float | None = None) -> None:
        super().__init__(message)
        self.message: Final = message
        self.pause: Final = pause


class Sender:
    """A connection to one bucket; use it in a `with` block."""

    def __init__(self, address: InfluxAddress) -> None:
        self._bucket: Final = address.bucket
        # The library repeats nothing by itself: the position in the history decides what is sent again.
        self._client: Final = InfluxDBClient(
            address.url, token=address.token, org=address.org, timeout=ANSWER_WITHIN, enable_gzip=False, retries=False
        )
        self._takes_lines = False
        self._writer: Final = self._client.write_api(write_options=SYNCHRONOUS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def send(self, body: bytes) -> list[Refusal]:
        """Write all lines of a body, except those that the server refuses for good, which are returned.

        Sending a body again is harmless: InfluxDB keeps one point for each series and time.

        Raises
        ------
        NotWrittenError
            The server cannot be reached, is busy, or refuses everything.

        """
        refused: list[Refusal] = []
        # A body that is refused is cut in halves until the bad line is alone; the halves stay in order.
        waiting = [body] if body else []
        while waiting:
            part = waiting.pop()
            refusal = self._post(part)
            if refusal is None:
                self._takes_lines = True
            elif dropped := _DROPPED.search(refusal):
                refused.append(Refusal(int(dropped[1]), _first_line(part), refusal))
            elif part.count(b"\n") <= 1:
                self._blame_the_line(refusal)
                refused.append(Refusal(1, _first_line(part), refusal))
            else:
                waiting += reversed(list(_halves(part)))
        return refused

    def _blame_the_line(self, refusal: str) -> None:
        """Return if the server takes other lines; otherwise the mistake is the configuration's, and nothing is lost."""
        if not self._takes_lines:
            answer = self._post(PROBE_LINE)
            if answer is not None and not _DROPPED.search(answer):
                raise NotWrittenError(Message("InfluxDB refuses every line: {reason}", reason=refusal))
            self._takes_lines = True

    def _post(self, body: bytes) -> str | None:
        """Write one body; return the server's reason if lines of it are refused."""
        try:
            self._writer.write(self._bucket, record=body)
        except ApiException as error:
            reason = reason_of_answer(error)
            if error.status in OF_DATA:
                return reason
            if error.status in TRY_LATER:
                message = Message("InfluxDB is busy: {status} {reason}", status=error.status, reason=reason)
                raise NotWrittenError(message, _retry_after(error)) from None
            raise NotWrittenError(denied(error.status or 0, reason, self._bucket)) from None
        except (HTTPError, OSError) as error:
            raise NotWrittenError(reason_of_network(error)) from None
        return None


def reason_of_network(error: Exception) -> Message:
    """Return why a server cannot be reached."""
    # urllib3 puts the object and its address before the reason.
    return Message("InfluxDB cannot be reached: {reason}", reason=str(error).rpartition(": ")[2][:LONGEST_REASON])


def denied(status: int, reason: str, bucket: str) -> Message:
    """Return what an answer means that is about the whole request, and what to check."""
    match status:
        case 401:
            return Message("InfluxDB does not know the token; check token_file: {reason}", reason=reason)
        case 403:
            return Message("the token may not write to bucket {bucket!r}: {reason}", bucket=bucket, reason=reason)
        case 404:
            return Message("InfluxDB has no bucket {bucket!r} in this org: {reason}", bucket=bucket, reason=reason)
    return Message("InfluxDB answers {status}: {reason}", status=status, reason=reason)


def _halves(body: bytes) -> Iterator[bytes]:
    middle = body.find(b"\n", len(body) // 2) + 1
    # A cut amid a line would make two bad lines of a good one.
    if middle in {0, len(body)}:
        # The last line is longer than all before it.
        middle = body.rfind(b"\n", 0, len(body) - 1) + 1
    yield body[:middle]
    yield body[middle:]


def _first_line(body: bytes) -> str:
    return body.partition(b"\n")[0].decode(errors="replace")


def reason_of_answer(error: ApiException) -> str:
    """Return what the server says, on one line."""
    return " ".join(str(error.message or error.body or error.reason).split())[:LONGEST_REASON]


def _retry_after(error: ApiException) -> float | None:
    headers: Mapping[str, str] = error.headers or {}
    text = headers.get("Retry-After", "")
    return float(text) if text.isdecimal() and len(text) < 6 else None
