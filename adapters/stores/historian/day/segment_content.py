"""The content of a segment (its lists of entries and pages), and inflating it within bounds."""

import zlib
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.day.records import SegmentRow
from adapters.stores.historian.packing.columns import PackedError, unpack

PAGE_STRIDE: Final = 1 << 24
"""The number of a page is segment * PAGE_STRIDE + the number of the page's first point."""
# The bounds keep a damaged blob from inflating to gigabytes.
_MOST_ENTRIES: Final = 1 << 20
"""Largest number of entries of a segment without a checksum."""
_ROW_BYTES: Final = 5 * 8 + 16
"""Largest size of a sample in an inflated block: five whole columns, and row and value if it is off the grid."""
_BLOCK_BYTES: Final = 1024
"""Largest size of the headers of a block."""


class SegmentContent(NamedTuple):
    """The entries of a segment, and the pages with their samples."""

    segment: SegmentRow
    entries: NDArray[np.int64]
    """(2, n): time [ns, UTC], and number of samples or START_COUNT."""
    pages: NDArray[np.int64]
    """(2, k): number of the page, ascending, and its checksum."""

    samples: int
    """Number of samples."""

    @classmethod
    def of(cls, segment: SegmentRow, entries: NDArray[np.int64], pages: NDArray[np.int64]) -> Self:
        """Return a content, its samples counted."""
        return cls(segment, entries, pages, int(np.maximum(entries[1], 0).sum()))

    def page_of(self, number: int) -> int | None:
        """Return the place of the page that would hold a point; None if the point comes before all pages."""
        key = self.segment.segment * PAGE_STRIDE + number
        place = int(self.pages[0].searchsorted(key, side="right")) - 1
        return place if place >= 0 else None


def block_bytes(samples: int) -> int:
    """Return the largest size of a block with a number of samples. [bytes]."""
    return _BLOCK_BYTES + samples * _ROW_BYTES


def entries_of(blob: bytes, most: int = _MOST_ENTRIES) -> NDArray[np.int64] | None:
    """Return a (2, n) matrix with time, and number of samples or START_COUNT, of each entry; None if damaged."""
    try:
        return unpack(np.frombuffer(inflate(blob, _BLOCK_BYTES + 2 * 8 * most), np.uint8), most)
    except (PackedError, zlib.error):
        return None


def inflate(blob: bytes, most: int) -> bytes:
    """Return the inflated content of a blob.

    Raises
    ------
    zlib.error
        The blob is not a deflated stream.
    PackedError
        The blob is incomplete, has bytes after its end, or inflates to more than `most` bytes.

    """
    inflater = zlib.decompressobj()
    content = inflater.decompress(blob, most)
    if not inflater.eof or inflater.unused_data:
        raise PackedError
    return content
