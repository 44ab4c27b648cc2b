"""Reads a long period of history in pieces, so that a query takes the same memory whatever its period."""

from collections.abc import Iterator
from typing import Final

from adapters.stores import Damage, HistoryReader, Placement
from plant import SampleBatch
from plant.units import DAY, HOUR, MINUTE

FEW_IN_PIECE: Final = 50_000
MANY_IN_PIECE: Final = 200_000
"""Numbers of samples in a piece; after fewer the next piece is longer, after more it is shorter."""
SHORTEST: Final = MINUTE
LONGEST: Final = DAY
FIRST: Final = 6 * HOUR
"""Lengths of a piece. [ns]"""


def in_pieces(
    history: HistoryReader, point: str, start: int, end: int, damages: list[Damage], *, placed: Placement | None = None
) -> Iterator[SampleBatch]:
    """Yield the samples of a point with a time in [start, end), and collect damages; see `HistoryReader.samples`."""
    span = history.span()
    # What no file can hold is one piece on each side: buffered history from before, and times of wrong clocks.
    held = (start, start) if span is None else (span[0] - DAY, span[1] + DAY)
    begin, length = start, FIRST
    met: dict[Damage, None] = {}
    while begin < end:
        until = held[0] if begin < held[0] else end if begin >= held[1] else begin + length
        of_piece: list[Damage] = []
        samples = history.samples(point, begin, min(until, end), damages=of_piece, placed=placed)
        met |= dict.fromkeys(of_piece)
        yield samples
        if len(samples) > MANY_IN_PIECE:
            length = max(SHORTEST, length // 2)
        elif len(samples) < FEW_IN_PIECE:
            length = min(LONGEST, length * 2)
        begin = until
    damages.extend(met)
