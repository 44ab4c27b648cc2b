"""Opens trace files: CSV, compressed or not, and Parquet."""

import gzip
import io
import zlib
from pathlib import Path
from typing import Final

from hazwatch.site.encoding import not_utf8
from hazwatch.site.parquet import parquet_lines
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
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            return parse_trace(parquet_lines(path), points)
        if name.endswith((".csv", ".csv.gz")):
            with _opened(path, packed=name.endswith(".gz")) as lines:
                return parse_trace(lines, points)
    except FileNotFoundError:
        raise TraceFileError(path, Message("there is no such file")) from None
    except UnicodeDecodeError as error:
        raise TraceFileError(path, not_utf8(error)) from None
    except OSError as error:
        raise TraceFileError(path, reason_of(error)) from None
    except (EOFError, ValueError, zlib.error) as error:
        raise TraceFileError(path, *messages_of(error)) from None
    raise TraceFileError(path, Message("expected a trace .csv, .csv.gz or .parquet"))


def _opened(path: Path, *, packed: bool) -> io.TextIOBase:
    return io.TextIOWrapper(gzip.open(path), encoding="utf-8") if packed else path.open(encoding="utf-8")
