"""Opens trace files: CSV, compressed or not, and Parquet."""

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from hazwatch.site.encoding import not_utf8
from hazwatch.site.parquet import parquet_lines
from plant import Message, PointTable, Trace, messages_of, parse_trace, reason_of

LINES_PER_LOOK: Final = 1 << 14
"""Number of lines between two reports of the progress. [1]"""


class TraceFileError(ValueError):
    """A trace file cannot be read; the error has its path and all problems."""

    def __init__(self, path: Path, *problems: Message) -> None:
        self.path: Final = path
        super().__init__(*(Message("{path}: {problem}", path=path, problem=problem) for problem in problems))

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


Watch = Callable[[float], None]
"""Takes the share of a file that is read."""


def read_trace(path: Path, points: PointTable, watch: Watch | None = None) -> Trace:
    """Read a trace from a file `.csv`, `.csv.gz` or `.parquet`; `watch` hears of the progress.

    Raises
    ------
    TraceFileError
        The file is missing, of another kind, or damaged, or has wrong rows; the error lists all of these.

    """
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            return parse_trace(parquet_lines(path, watch), points)
        if name.endswith((".csv", ".csv.gz")):
            with path.open("rb") as file, _text(file, packed=name.endswith(".gz")) as lines:
                return parse_trace(lines if watch is None else _watched(lines, file, watch), points)
    except FileNotFoundError:
        raise TraceFileError(path, Message("there is no such file")) from None
    except UnicodeDecodeError as error:
        raise TraceFileError(path, not_utf8(error)) from None
    except OSError as error:
        raise TraceFileError(path, reason_of(error)) from None
    except (EOFError, ValueError, zlib.error) as error:
        raise TraceFileError(path, *messages_of(error)) from None
    raise TraceFileError(path, Message("expected a trace .csv, .csv.gz or .parquet"))


def _text(file: io.BufferedReader, *, packed: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(gzip.GzipFile(fileobj=file) if packed else file, encoding="utf-8")


def _watched(lines: Iterable[str], file: io.BufferedReader, watch: Watch) -> Iterator[str]:
    """Yield lines; tell now and then which share of the bytes of their file is read."""
    size = max(1, os.fstat(file.fileno()).st_size)
    for number, line in enumerate(lines):
        if number % LINES_PER_LOOK == 0:
            watch(file.tell() / size)
        yield line
