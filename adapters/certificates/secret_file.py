"""Reads and writes files with secrets, which no other user of the machine may read."""

import os
import stat
from pathlib import Path
from shlex import quote
from typing import Final

from adapters.regular_file import open_file
from plant import Message

OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
LARGEST_SECRET: Final = 65536
"""Size of the largest secret. [bytes]"""


def read_secret(path: Path) -> bytes:
    """Return the content of a file with a secret.

    Raises
    ------
    OSError, ValueError
        The file cannot be read, is larger than any secret, or may be read or changed by another user than its owner.

    """
    with open_file(path) as file:
        # Of the file that is open, because another one may stand under this name a moment later.
        seen = os.fstat(file.fileno())
        if seen.st_mode & OTHERS:
            raise ValueError(
                Message(
                    "{path}: other users of this machine may read or change it; run: {command}",
                    path=path,
                    command=_mend(quote(str(path)), seen.st_uid),
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


def _mend(quoted: str, owner: int) -> str:
    """Return the command after which only this user may read a file."""
    own = f"chmod 600 {quoted}"
    # Without its group bits, the file of another owner could no longer be read by this user.
    return own if owner == os.geteuid() else f"sudo chown {os.geteuid()} {quoted} && sudo {own}"
