"""Reads a trace in Parquet as the lines of the same trace in CSV; row n of the table is line n + 1."""

import importlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from plant import Message

ROWS_AS_TEXT: Final = 1 << 16
"""Number of rows to hold as text. [1]"""


def parquet_lines(path: Path, watch: Callable[[float], None] | None = None) -> Iterator[str]:
    """Yield the lines, the names of the columns first; `watch` takes the share of the rows that is read.

    Raises
    ------
    ValueError
        The file is no Parquet, or has times without a zone.
    OSError
        The file cannot be read.

    """
    # pyarrow takes a fifth of a second to import, which no other command should wait for.
    arrow: Any = importlib.import_module("pyarrow")
    csv: Any = importlib.import_module("pyarrow.csv")
    with importlib.import_module("pyarrow.parquet").ParquetFile(path) as file:
        schema = file.schema_arrow
        moments = [number for number, field in enumerate(schema) if arrow.types.is_timestamp(field.type)]
        for number in moments:
            if schema[number].type.tz is None:
                raise ValueError(Message('column "{name}": expected times with a zone', name=schema[number].name))
        yield from _text(csv, schema.empty_table(), header=True)
        read = 0
        for batch in file.iter_batches(ROWS_AS_TEXT):
            read += batch.num_rows
            if watch is not None:
                watch(read / file.metadata.num_rows)
            table = arrow.Table.from_batches([batch])
            for number in moments:
                # Integers survive the detour over CSV in nanoseconds, whatever the unit of the column.
                instants = table[number].cast(arrow.timestamp("ns", schema[number].type.tz)).cast("int64")
                table = table.set_column(number, schema[number].name, instants)
            yield from _text(csv, table, header=False)


def _text(csv: Any, table: Any, *, header: bool) -> Iterator[str]:
    text = io.BytesIO()
    csv.write_csv(table, text, csv.WriteOptions(include_header=header, quoting_style="needed"))
    return io.StringIO(text.getvalue().decode("utf-8"))
