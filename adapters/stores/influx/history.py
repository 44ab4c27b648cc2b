"""Reads history from InfluxDB 2, exactly: raw CSV keeps nanoseconds, and an error behind the first rows is seen."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Final, Self, cast

import numpy as np
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException
from numpy.typing import NDArray
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from adapters.stores.influx.sender import InfluxAddress, denied, reason_of_answer, reason_of_network
from plant import Message

QUERY_WITHIN: Final = 600_000
"""Longest time for an answer. [ms]"""
_NO_TIMES: Final = np.empty(0, dtype=np.int64)


class NotReadError(Exception):
    """History could not be read; the error has a Message that says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)


class InfluxHistory:
    """A connection that reads one bucket; use it in a `with` block."""

    def __init__(self, address: InfluxAddress) -> None:
        self._bucket: Final = address.bucket
        self._client: Final = InfluxDBClient(
            address.url, token=address.token, org=address.org, timeout=QUERY_WITHIN, retries=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def field(
        self, measurement: str, name: str | None, tags: Mapping[str, str], start: int, end: int
    ) -> tuple[NDArray[np.int64], list[str]]:
        """Return times and texts of a field in [start, end), in order of time. [ns, UTC].

        Parameters
        ----------
        measurement, name
            The field; without a name every field but `Quality`, which is how Telegraf writes one value per node.
        tags
            Tags that the series must have.
        start, end
            [ns, UTC]

        Raises
        ------
        NotReadError
            The server cannot be reached, refuses the query, or fails while it answers.

        """
        chosen = '(r) => r._field != "Quality"' if name is None else f"(r) => r._field == {_text(name)}"
        series = "".join(f" and r[{_text(tag)}] == {_text(value)}" for tag, value in tags.items())
        times, values = self._answer(
            f"from(bucket: {_text(self._bucket)}) |> range(start: time(v: {start}), stop: time(v: {end}))"
            f" |> filter(fn: (r) => r._measurement == {_text(measurement)}{series}) |> filter(fn: {chosen})"
            ' |> keep(columns: ["_time", "_value"])'
        )
        order = np.argsort(times, kind="stable")
        return times[order], [values[place] for place in order.tolist()]

    def _answer(self, query: str) -> tuple[NDArray[np.int64], list[str]]:
        try:
            answer = cast("BaseHTTPResponse", self._client.query_api().query_raw(query))
            return _read(io.TextIOWrapper(io.BytesIO(answer.data), encoding="utf-8", newline=""))
        except ApiException as error:
            raise NotReadError(denied(error.status or 0, reason_of_answer(error), self._bucket)) from None
        except (HTTPError, OSError) as error:
            raise NotReadError(reason_of_network(error)) from None
        except (ValueError, LookupError, csv.Error):
            # A proxy or another program may answer at this address, with a page of its own.
            raise NotReadError(Message("the answer is not that of InfluxDB 2; check the url of the store")) from None


def _read(lines: Iterator[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Read times and values of an answer: tables with a header each, between them empty lines."""
    times: list[str] = []
    values: list[str] = []
    columns: dict[str, int] = {}
    for cells in csv.reader(line for line in lines if not line.startswith("#")):
        if not any(cells):
            columns = {}
        elif not columns:
            columns = {name: place for place, name in enumerate(cells) if name}
            if not columns.keys() & {"_time", "error"}:
                raise ValueError(cells)
        elif "error" in columns:
            # The server has answered 200 before it failed: the rows so far are not all.
            raise NotReadError(Message("InfluxDB failed amid its answer: {reason}", reason=cells[columns["error"]]))
        else:
            times.append(cells[columns["_time"]].removesuffix("Z"))
            values.append(cells[columns["_value"]])
    return (np.array(times, dtype="datetime64[ns]").astype(np.int64) if times else _NO_TIMES), values


def _text(text: str) -> str:
    """Return a text as a literal of Flux."""
    # JSON escapes quotes and backslashes as Flux does; Flux alone replaces ${...} in a text.
    return json.dumps(text, ensure_ascii=False).replace("${", "\\u0024{")
