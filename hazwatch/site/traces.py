"""Opens trace files: CSV, compressed or not, and Parquet if pyarrow is installed."""

import gzip
import importlib
import io
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from plant import Message, PointTable, Trace, messages_of, parse_trace, reason_of


class TraceFileError(ValueError):
    """A trace file cannot be read; the error has its path and all problems."""

    def __init__(self, path: Path, *problems: Message) -> None:
        self.path: Final = path
        super().__init__(*(Message("{path}: {problem}", path=path, problem=problem) for problem in problems))

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


def read_trace(path: Path, points: PointTable) -> Trace:
    """Read a trace from a file `.csv`, `.csv.gz` or `.parquet`.

    Raises
    ------
    TraceFileError
        The file is missing, of another kind, or damaged, or has wrong rows; the error lists all of these.

    """
    try:
        if path.suffix == ".parquet":
            return parse_trace(_parquet(path), points)
        with _opened(path) as lines:
            return parse_trace(lines, points)
    except FileNotFoundError:
        raise TraceFileError(path, Message("there is no such file")) from None
    except UnicodeDecodeError as error:
        raise TraceFileError(path, Message("expected UTF-8 text ({reason})", reason=error)) from None
    except TraceFileError:
        raise
    except OSError as error:
        raise TraceFileError(path, reason_of(error)) from None
    except (EOFError, ValueError, zlib.error) as error:
        raise TraceFileError(path, *messages_of(error)) from None


def _opened(path: Path) -> io.TextIOBase:
    if path.name.endswith(".csv"):
        return path.open(encoding="utf-8")
    if path.name.endswith(".csv.gz"):
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8")
    raise TraceFileError(path, Message("expected a trace .csv, .csv.gz or .parquet"))


def _parquet(path: Path) -> Iterable[str]:
    """Return the lines of the same trace in CSV; row n of the table is line n + 1."""
    # pyarrow is large and optional, so it is imported only here.
    try:
        arrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
        csv: Any = importlib.import_module("pyarrow.csv")
    except ModuleNotFoundError:
        reason = Message("Parquet needs pyarrow (pip install pyarrow); or convert the trace to CSV")
        raise TraceFileError(path, reason) from None
    table = parquet.read_table(path)
    for place, field in enumerate(table.schema):
        if str(field.type).startswith("timestamp"):
            if field.type.tz is None:
                message = Message('column "{name}": expected times with a zone', name=field.name)
                raise TraceFileError(path, message)
            # Integers survive the detour over CSV in nanoseconds, whatever the unit of the column.
            instants = table[field.name].cast(arrow.timestamp("ns", field.type.tz)).cast("int64")
            table = table.set_column(place, field.name, instants)
    text = io.BytesIO()
    csv.write_csv(table, text, csv.WriteOptions(quoting_style="needed"))
    return io.StringIO(text.getvalue().decode("utf-8"))
