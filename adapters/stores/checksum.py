"""Checksums of day files and of pending entries: XXH3-64 over a content and over its place in the file."""

from collections.abc import Sequence
from struct import pack
from typing import Final

import xxhash
from xxhash import xxh3_64_digest

OF_HEAD: Final = 1
OF_TAIL: Final = 2
OF_SEGMENT: Final = 3
OF_CONTENT: Final = 4
OF_PAGE: Final = 5
OF_POINT: Final = 6
OF_DAY: Final = 7
OF_LIST: Final = 8
OF_PENDING: Final = 9
OF_ANCHOR: Final = 10
OF_STORED: Final = 11

_SHORT: Final = 1024
"""Size up to which one call over a copy is faster than several calls. [bytes]"""
_FORMATS: Final = tuple(f"<{count}q" for count in range(16))


def checksum(kind: int, numbers: Sequence[int], *parts: bytes) -> int:
    """Return the checksum of numbers and bytes as SQLite keeps it: 64 bits with a sign.

    Parameters
    ----------
    kind : int
        Kind of the content, so that a row of one table cannot pass for a row of another.
    numbers : sequence of int
        Numbers of 64 bits. They include the day and the number of the row, so that a moved row is detected.
    *parts : bytes
        The content. The checksum does not cover the lengths of the parts; if there are several, `numbers` has them.

    """
    words = pack(_FORMATS[len(numbers)] if len(numbers) < len(_FORMATS) else f"<{len(numbers)}q", *numbers)
    # Most contents are one short id or row, and a file has as many as the mine has points.
    content = parts[0] if len(parts) == 1 else b"".join(parts)
    if len(content) < _SHORT:
        return int.from_bytes(xxh3_64_digest(words + content, kind), "big", signed=True)
    digest = xxhash.xxh3_64(words, seed=kind)
    digest.update(content)
    return int.from_bytes(digest.digest(), "big", signed=True)
