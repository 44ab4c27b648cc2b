"""Reads and writes files with secrets, which no other user of the machine may read."""

import os
import stat
from pathlib import Path
from shlex import quote
from typing import Final

from adapters.regular_file import open_file
from plant import Message

OTHERS: Final = stat.S_IROTH | stat.S_IWOTH | stat.S_IXOTH
LARGEST_SECRET: Final = 65536
"""Size of the largest secret. [bytes]"""


def read_secret(path: Path) -> bytes:
    """Return the content of a file with a secret.

    Raises
    ------
    OSError, ValueError
        The file cannot be read, is larger than any secret, or may be read or changed by every user of the installation.

    """
    with open_file(path) as file:
        # Of the file that is open, because another one may stand under this name a moment later.
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & OTHERS:
            raise ValueError(
                Message(
                    "{path}: every user of this machine may read or change it; as its owner run: {command}",
                    path=path,
                    command=f"chmod 600 {quote(str(path))}",
                )
            )
        content = file.read(LARGEST_SECRET + 1)
    if len(content) > LARGEST_SECRET:
        raise ValueError(
            Message("{path}: expected at most {most} bytes; is it another file?", path=path, most=LARGEST_SECRET)
        )
    return content


def write_secret(path: Path, content: bytes) -> None:
    """Replace a file by one that its owner alone may read; raise OSError if that fails."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    number = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
