"""What a segment holds: its entries, and which pages hold their samples; and how to inflate both within bounds."""

import zlib
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.columns import PackedError, unpack
from adapters.stores.historian.records import SegmentRow

PAGE_STRIDE: Final = 1 << 24
"""A page is numbered segment * PAGE_STRIDE + number of its first point."""
_MOST_ENTRIES: Final = 1 << 20
"""Of a segment without a checksum."""
_ROW_BYTES: Final = 5 * 8 + 16
"""Most that a sample takes in a block before it is deflated: five whole columns, and twice a value off the grid."""
_BLOCK_BYTES: Final = 1024
"""Most that the headers of a block take."""


class SegmentContent(NamedTuple):
    """The entries of a segment, and which pages hold their samples."""

    segment: SegmentRow
    entries: NDArray[np.int64]
    """(2, n): time [ns, UTC], and number of samples or START_COUNT."""
    pages: NDArray[np.int64]
    """(2, k): number of the page, ascending, and its checksum."""

    @property
    def samples(self) -> int:
        """Number of samples."""
        return int(np.maximum(self.entries[1], 0).sum())

    def page_of(self, number: int) -> int | None:
        """Return the place of the page in which a point would be."""
        wanted = self.segment.segment * PAGE_STRIDE + number
        place = int(self.pages[0].searchsorted(wanted, side="right")) - 1
        return place if place >= 0 else None


def block_bytes(samples: int) -> int:
    """Return the most bytes that a block of so many samples has."""
    return _BLOCK_BYTES + samples * _ROW_BYTES


def entries_of(blob: bytes, most: int = _MOST_ENTRIES) -> NDArray[np.int64] | None:
    """Return a (2, n) matrix of entries, their times and numbers of samples or START_COUNT; None if damaged."""
    try:
        return unpack(np.frombuffer(inflate(blob, _BLOCK_BYTES + 2 * 8 * most), np.uint8), most)
    except (PackedError, zlib.error):
        return None


def inflate(blob: bytes, most: int) -> bytes:
    """Return what was deflated.

    Raises
    ------
    zlib.error
        The blob was not deflated.
    PackedError
        It is not whole, is followed by other bytes, or holds more than `most` bytes.

    """
    inflater = zlib.decompressobj()
    content = inflater.decompress(blob, most)
    if not inflater.eof or inflater.unused_data:
        raise PackedError
    return content
