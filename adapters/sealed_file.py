"""Sealed files: a head and a body under a checksum, replaced completely or not at all."""

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

DIGEST: Final = 32
"""Length of the checksum at the begin of the file. [bytes]"""


def write_sealed(path: Path, magic: bytes, head: Mapping[str, object], body: bytes) -> None:
    """Replace the file before; raise OSError if that fails. `magic` names kind and version, and ends the first line."""
    content = magic + json.dumps(head).encode() + b"\n" + body
    # Write and flush a new file, then rename it: a power loss leaves the old file or the new one. The checksum detects
    # a disk that lied about the flush.
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(sha256(content).digest() + content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def read_sealed(path: Path, magic: bytes) -> tuple[dict[str, Any], bytes] | None:
    """Return head and body; None if the file is damaged or of another version; raise OSError if it cannot be read."""
    text = path.read_bytes()
    content = text[DIGEST:]
    if sha256(content).digest() != text[:DIGEST] or not content.startswith(magic):
        return None
    head, _, body = content.removeprefix(magic).partition(b"\n")
    return json.loads(head), body
