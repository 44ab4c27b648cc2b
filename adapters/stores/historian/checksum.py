"""Checksums of what a day file holds: XXH3-64 over a content and over the place in which it belongs."""

from collections.abc import Sequence
from struct import pack
from typing import Final

import xxhash

OF_HEAD: Final = 1
OF_TAIL: Final = 2
OF_SEGMENT: Final = 3
OF_CONTENT: Final = 4
OF_PAGE: Final = 5
OF_POINT: Final = 6


def checksum(kind: int, numbers: Sequence[int], *parts: bytes) -> int:
    """Return the checksum of numbers and bytes as SQLite keeps it: 64 bits with a sign.

    Parameters
    ----------
    kind : int
        What it protects: a row of one table never passes for one of another.
    numbers : sequence of int
        Each of 64 bits. The day and the number of the row are among them, so that a row is found out that was moved.
    *parts : bytes
        Their lengths are not part of the checksum; where several follow each other, `numbers` holds them.

    """
    digest = xxhash.xxh3_64(pack(f"<{len(numbers)}q", *numbers), seed=kind)
    for part in parts:
        digest.update(part)
    return int.from_bytes(digest.digest(), "little", signed=True)
