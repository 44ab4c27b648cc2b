"""Reads a trace in Parquet as the lines of the same trace in CSV; row n of the table is line n + 1."""

import importlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from plant import Message

VALUES_AT_ONCE: Final = 1 << 19
"""Number of values to decode at once. [1]"""
TEXT_AT_ONCE: Final = 1 << 22
"""Size of the text to hold at once, about. [byte]"""
LONGEST_NUMBER: Final = 24
"""Length of a number as text. [byte]"""


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
    parquet: Any = importlib.import_module("pyarrow.parquet")
    with parquet.ParquetFile(path) as file:
        schema = file.schema_arrow
    # A text that many rows share is held once: a file of a kilobyte may have gigabytes of them.
    texts = [field.name for field in schema if str(field.type) in TEXT_TYPES]
    moments = [number for number, field in enumerate(schema) if arrow.types.is_timestamp(field.type)]
    for number in moments:
        if schema[number].type.tz is None:
            raise ValueError(Message('column "{name}": expected times with a zone', name=schema[number].name))
    yield from _text(csv, schema.empty_table(), header=True)
    with parquet.ParquetFile(path, read_dictionary=texts) as file:
        read = 0
        for batch in file.iter_batches(max(1, VALUES_AT_ONCE // max(1, len(schema)))):
            read += batch.num_rows
            if watch is not None:
                watch(read / file.metadata.num_rows)
            table = arrow.Table.from_batches([batch])
            for number in moments:
                # Integers survive the detour over CSV in nanoseconds, whatever the unit of the column.
                instants = table[number].cast(arrow.timestamp("ns", schema[number].type.tz)).cast("int64")
                table = table.set_column(number, schema[number].name, instants)
            rows = max(1, batch.num_rows * TEXT_AT_ONCE // max(1, _size(arrow, batch)))
            for begin in range(0, batch.num_rows, rows):
                yield from _text(csv, table.slice(begin, rows), header=False)


TEXT_TYPES: Final = frozenset({"string", "large_string", "binary", "large_binary"})
"""Types of columns that can be read as a dictionary."""


def _size(arrow: Any, batch: Any) -> int:
    """Return about how long a batch is as text. [byte]."""
    compute: Any = importlib.import_module("pyarrow.compute")
    size = 0
    for column in batch.columns:
        if arrow.types.is_dictionary(column.type):
            lengths = compute.binary_length(column.dictionary)
            size += compute.sum(compute.take(lengths, column.indices)).as_py() or 0
        else:
            size += LONGEST_NUMBER * len(column)
    return size


def _text(csv: Any, table: Any, *, header: bool) -> Iterator[str]:
    text = io.BytesIO()
    csv.write_csv(table, text, csv.WriteOptions(include_header=header, quoting_style="needed"))
    return io.StringIO(text.getvalue().decode("utf-8"))
