"""Writes samples as a trace in long form."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from plant.columns.sample import NO_ARRIVAL, SampleBatch
from plant.instant import write_instants
from plant.point import PointTable
from plant.quality import Quality
from plant.trace.reader import ROWS_AT_ONCE

QUOTE: Final = '"'


def write_trace(samples: SampleBatch, points: PointTable) -> Iterator[str]:
    """Yield samples in long form, one line at a time; `parse_trace` reads exactly the same samples from them.

    Parameters
    ----------
    samples : SampleBatch
        The trace has a column `arrival` or `backfilled` only if a sample has an arrival or a mark.
    points : PointTable
        The points of the samples.

    """
    ids = [_quoted(point.id) for point in points.points]
    names = ["time", "point", "value", "quality", "state"]
    if (samples.arrival != NO_ARRIVAL).any():
        names.append("arrival")
    if samples.backfilled.any():
        names.append("backfilled")
    yield ",".join(names) + "\n"
    for start in range(0, len(samples), ROWS_AT_ONCE):
        piece = samples.take(slice(start, start + ROWS_AT_ONCE))
        columns = [_texts(piece, name, ids) for name in names]
        yield from map("{}\n".format, map(",".join, zip(*columns, strict=True)))


def _texts(piece: SampleBatch, name: str, ids: Sequence[str]) -> Iterable[str]:
    """Return a column of samples as the fields of a trace."""
    values = getattr(piece, name)
    match name:
        case "time" | "arrival":
            return write_instants(values)
        case "point":
            return [ids[column] for column in values.tolist()]
        case "value":
            # repr is the shortest text that float reads back exactly.
            return ["" if math.isnan(value) else repr(value) for value in values.tolist()]
        case "quality":
            return [Quality(quality).name for quality in values.tolist()]
    return map(str, values.astype(int).tolist())


def _quoted(text: str) -> str:
    """Return a field with quotes if csv needs them."""
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if set(text) & set('",\r\n ') else text
