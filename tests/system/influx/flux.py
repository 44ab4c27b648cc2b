"""Answers the product's queries as InfluxDB 2 does: annotated CSV, nanoseconds, errors behind the first rows."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from tests.system.influx.serving import Reply, serving

Row = tuple[str, Mapping[str, str], str, int, str]
"""Measurement, tags, field, time [ns, UTC] and value of one row."""


@dataclass(slots=True)
class FluxServer:
    """The rows of a bucket, an error that ends every answer, and the page of another program."""

    rows: list[Row] = field(default_factory=list)
    error: str | None = None
    status: int = 200
    page: str | None = None
    port: int = 0

    def answer(self, query: str) -> str:
        """Return the rows of a query, each series as a table of its own."""
        start, end = map(int, re.findall(r"time\(v: (-?\d+)\)", query))
        measurement = json.loads(re.findall(r"r\._measurement == (\"[^\"]*\")", query)[0])
        tags = {
            json.loads(tag): json.loads(text) for tag, text in re.findall(r"r\[(\"[^\"]*\")\] == (\"[^\"]*\")", query)
        }
        fields = [json.loads(text) for text in re.findall(r"r\._field == (\"[^\"]*\")", query)]
        tables: dict[str, list[str]] = {}
        for row in self.rows:
            asked = row[2] in fields if fields else row[2] != "Quality"
            if row[0] == measurement and asked and start <= row[3] < end and tags.items() <= row[1].items():
                moment = np.datetime_as_string(np.datetime64(row[3], "ns")) + "Z"
                tables.setdefault(f"{row[1]} {row[2]}", []).append(f",,0,{moment},{row[4]}")
        heads = (
            "#datatype,string,long,dateTime:RFC3339,double\r\n#group,false,false,false,false\r\n#default,_result,,,\r\n"
        )
        parts = [f"{heads},result,table,_time,_value\r\n" + "\r\n".join(lines) + "\r\n" for lines in tables.values()]
        if self.error is not None:
            parts.append(
                f"#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,{self.error},897\r\n"
            )
        return "\r\n".join(parts)

    @contextmanager
    def serve(self) -> Iterator[None]:
        """Answer while the block lasts."""
        with serving(0, self._reply) as self.port:
            yield

    def _reply(self, body: str, _: str) -> Reply:
        if self.page is not None:
            return Reply(200, self.page.encode(), "text/html", {})
        text = self.answer(json.loads(body)["query"]) if self.status == 200 else '{"message":"no"}'
        return Reply(self.status, text.encode(), "text/csv", {})
