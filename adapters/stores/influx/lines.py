"""Writes columns of samples as line protocol: one body of bytes for thousands of samples, without objects for each."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray

from adapters.stores.influx.series import Naming, PointSeries, escaped, quoted
from plant import SampleBatch

SAMPLE_MEASUREMENT: Final = "hz_sample"
"""Measurement of the samples."""
STATUS_TEXTS: Final = (
    "The operation succeeded. StatusGood (0x0)",
    "The operation was uncertain. StatusUncertain (0x40000000)",
    "The operation failed. StatusBad (0x80000000)",
)
"""Texts in the field `Quality` of Telegraf's opcua input, by quality number."""


class SampleLines:
    """Line protocol of samples, in one naming.

    Parameters
    ----------
    series
        The names of the points, by column.
    naming
        Whose measurements, tags and fields are written.

    """

    def __init__(self, series: Sequence[PointSeries], naming: Naming) -> None:
        self._naming: Final = naming
        is_own = naming == "hazwatch"
        self._before: Final = _objects(
            f"{each.key(SAMPLE_MEASUREMENT) if is_own else each.telegraf_key()} " for each in series
        )
        self._fields: Final = _objects(f"{'value' if is_own else escaped(each.point)}=" for each in series)
        self._has_quality: Final = np.array([naming == "hazwatch" or each.protocol == "opcua" for each in series])

    def of(self, samples: SampleBatch) -> bytes:
        """Return one line for each sample that has something to say: its value, its quality and its state.

        A value that is no number is left out, because InfluxDB has no NaN; quality and state say why. All numbers are
        floats, because InfluxDB keeps the first type of a field and drops values of another type without a word.
        """
        finite = np.isfinite(samples.value)
        if self._naming == "telegraf":
            # Telegraf's modbus input has no field for quality: a sample without a value leaves nothing to write.
            kept = np.flatnonzero(finite | self._has_quality[samples.point])
            samples, finite = samples.take(kept), finite[kept]
        if not len(samples):
            return b""
        values = np.where(finite, self._fields[samples.point], b"") + _texts(samples.value)
        values[~finite] = b""
        pieces: list[list[bytes]] = [
            self._before[samples.point].tolist(),
            values.tolist(),
            self._tails(samples, finite),
            _texts(samples.time).tolist(),
        ]
        flat: list[bytes] = [b"\n"] * (5 * len(samples))
        for place, column in enumerate(pieces):
            flat[place::5] = column
        return b"".join(flat)

    def _tails(self, samples: SampleBatch, finite: NDArray[np.bool_]) -> list[bytes]:
        """Return what follows the value of each sample: quality and state, and the space before the time."""
        if self._naming == "telegraf":
            texts = _objects(f"Quality={quoted(text)} " for text in STATUS_TEXTS)[samples.quality]
            tails = np.where(self._has_quality[samples.point], texts, b" ")
            comma = finite & self._has_quality[samples.point]
        else:
            codes = samples.quality.astype(np.int64) << 16 | samples.state
            known, place = np.unique(codes, return_inverse=True)
            tails = _objects(f"quality={code >> 16},state={code & 0xFFFF} " for code in known.tolist())[place]
            comma = finite
        return (np.where(comma, _COMMA, b"") + tails).tolist()  # type: ignore[no-any-return]


_COMMA: Final = np.array(b",", dtype=object)


def _objects(texts: Iterable[str]) -> NDArray[np.object_]:
    encoded = [text.encode() for text in texts]
    column = np.empty(len(encoded), dtype=object)
    column[:] = encoded
    return column


def _texts(numbers: NDArray[np.generic]) -> NDArray[np.object_]:
    """Return each number as text, with the fewest digits that give the same number again."""
    # orjson writes a whole column at once, about ten times as fast as `repr` for each number; it writes null for NaN.
    written = orjson.dumps(np.ascontiguousarray(numbers), option=orjson.OPT_SERIALIZE_NUMPY)
    column = np.empty(len(numbers), dtype=object)
    column[:] = written[1:-1].split(b",")
    return column
