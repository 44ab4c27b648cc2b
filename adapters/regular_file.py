"""Opens and reads regular files alone, within a bound: no pipe, no device, no endless file."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from plant import Message
from plant.bounds import LARGEST_FILE

NO_FILE: Final = Message("expected a file; found a pipe, a device or a socket")


def open_file(path: Path, *, appending: bool = False) -> BinaryIO:
    """Open a regular file for reading, or for appending, which makes it if it is missing.

    Raises
    ------
    OSError, ValueError
        There is no such file, or it is a pipe, a device or a socket: reading one may wait for ever, or never end.

    """
    how = os.O_WRONLY | os.O_APPEND | os.O_CREAT if appending else os.O_RDONLY
    try:
        # Without O_NONBLOCK the opening of a pipe would wait for the process at its other end.
        number = os.open(path, how | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except ValueError:
        raise ValueError(Message("expected the name of a file without a null character")) from None
    mode = os.fstat(number).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(number, "ab" if appending else "rb")
    os.close(number)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise ValueError(NO_FILE)


def read_file(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises
    ------
    OSError, ValueError
        The file cannot be read, or is larger than any that is meant to be read at once.

    """
    with open_file(path) as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(Message("expected at most {most} bytes; is it another file?", most=LARGEST_FILE))
    return content


def check_place(path: str) -> str:
    """Return the path of a file that may be missing; raise ValueError if something else than a file is there."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return path
    if stat.S_ISDIR(mode):
        raise ValueError(Message("expected a file; found a folder"))
    if not stat.S_ISREG(mode):
        raise ValueError(NO_FILE)
    return path


def absolute(example: str) -> Callable[[str], str]:
    """Return a validator that accepts absolute paths, such as the example."""

    def check(path: str) -> str:
        if not Path(path).is_absolute():
            raise ValueError(Message('expected an absolute path, such as "{example}"', example=example))
        return path

    return check
