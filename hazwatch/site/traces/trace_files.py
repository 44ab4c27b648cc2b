"""Opens trace files: CSV, compressed or not, and Parquet."""

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from adapters.regular_file import open_file
from hazwatch.site.site_text import not_utf8
from hazwatch.site.traces.parquet import parquet_lines
from plant import Message, PointTable, Trace, messages_of, parse_trace, reason_of
from plant.bounds import LARGEST_TRACE, LONGEST_LINE, MOST_COMPRESSED, SMALL_TRACE

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
            with open_file(path) as file:
                most = _most_characters(file, packed=True)
            return parse_trace(_bounded(parquet_lines(path, watch), most), points)
        if name.endswith((".csv", ".csv.gz")):
            packed = name.endswith(".gz")
            with open_file(path) as file, _text(file, packed=packed) as text:
                return parse_trace(_lines(text, file, watch, packed=packed), points)
    except FileNotFoundError:
        raise TraceFileError(path, Message("there is no such file")) from None
    except UnicodeDecodeError as error:
        raise TraceFileError(path, not_utf8(error)) from None
    except OSError as error:
        raise TraceFileError(path, reason_of(error)) from None
    except (EOFError, ValueError, zlib.error) as error:
        raise TraceFileError(path, *messages_of(error)) from None
    raise TraceFileError(path, Message("expected a trace .csv, .csv.gz or .parquet"))


def _text(file: BinaryIO, *, packed: bool) -> io.TextIOWrapper:
    return io.TextIOWrapper(gzip.GzipFile(fileobj=file) if packed else file, encoding="utf-8")


def _lines(text: io.TextIOWrapper, file: BinaryIO, watch: Watch | None, *, packed: bool) -> Iterator[str]:
    """Yield lines within bounds; tell now and then which share of the bytes of their file is read."""
    size = max(1, os.fstat(file.fileno()).st_size)
    lines = iter(partial(text.readline, LONGEST_LINE + 1), "")
    for number, line in enumerate(_bounded(lines, _most_characters(file, packed=packed))):
        if number % LINES_PER_LOOK == 0 and watch is not None:
            watch(file.tell() / size)
        yield line


def _most_characters(file: BinaryIO, *, packed: bool) -> int:
    size = os.fstat(file.fileno()).st_size
    return min(LARGEST_TRACE, max(SMALL_TRACE, size * MOST_COMPRESSED)) if packed else LARGEST_TRACE


def _bounded(lines: Iterator[str], most: int) -> Iterator[str]:
    """Yield lines within bounds.

    Raises
    ------
    ValueError
        A line or the whole is too long, or a small file unpacks to far more than a trace would.

    """
    read = 0
    for number, line in enumerate(lines, start=1):
        read += len(line)
        if len(line) > LONGEST_LINE:
            raise ValueError(Message("line {line}: longer than {most} characters", line=number, most=LONGEST_LINE))
        if read > most:
            raise ValueError(Message("more than {most} characters, unpacked; divide the trace", most=most))
        yield line
