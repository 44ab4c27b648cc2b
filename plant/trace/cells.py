"""Readers of trace columns: each reads all fields of a column at once, and its ValueError names the expected form."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plant.columns.sample import NO_ARRIVAL
from plant.instant import parse_instants
from plant.message import Message

# Nearly all states are below 256, and a look-up is quicker than int(); `states` falls back for the others.
STATE_CELLS: Final[Mapping[str, int]] = {"": 0} | {str(state): state for state in range(256)}
CELL: Final = np.dtype([("value", np.float64), ("there", np.bool_)])

CellReader = Callable[[Sequence[str]], NDArray[Any]]


def one_of(known: Mapping[str, int], dtype: type[np.generic], expected: Message) -> CellReader:
    """Return a reader of words that stand for numbers; `expected` is its error message for other words."""

    def read(texts: Sequence[str]) -> NDArray[Any]:
        try:
            return np.fromiter(map(known.__getitem__, texts), dtype, len(texts))
        except KeyError:
            raise ValueError(expected) from None

    return read


def _plain(texts: Sequence[str]) -> bool:
    """Return False for texts that only Python reads as numbers: 1_000, digits of other scripts."""
    joined = "".join(texts)
    return joined.isascii() and "_" not in joined


def values(texts: Sequence[str]) -> NDArray[np.float64]:
    """Read numbers; an empty field is NaN."""
    if not _plain(texts):
        raise ValueError(Message("expected a number"))
    # Most columns have no empty field, and `map` reads them at C speed.
    try:
        return np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        pass
    try:
        return np.fromiter((float(text) if text else math.nan for text in texts), np.float64, len(texts))
    except ValueError:
        raise ValueError(Message("expected a number, or nothing")) from None


def wide_cells(texts: Sequence[str]) -> NDArray[np.void]:
    """Read numbers, and whether a field has one."""
    cells = np.empty(len(texts), CELL)
    cells["value"] = values(texts)
    cells["there"] = np.fromiter(map(bool, texts), np.bool_, len(texts))
    return cells


def states(texts: Sequence[str]) -> NDArray[np.uint16]:
    """Read bit masks of MT/T 1201; an empty field is 0."""
    try:
        return np.fromiter(map(STATE_CELLS.__getitem__, texts), np.uint16, len(texts))
    except KeyError:
        pass
    try:
        states = np.fromiter((int(text) if text else 0 for text in texts), np.int64, len(texts))
    except (ValueError, OverflowError):
        states = np.array([-1])
    if not _plain(texts) or (states < 0).any() or (states > 0xFFFF).any():
        raise ValueError(Message("expected the bit mask of MT/T 1201, 0 to 65535"))
    return states.astype(np.uint16)


def arrivals(texts: Sequence[str]) -> NDArray[np.int64]:
    """Read instants; an empty field is NO_ARRIVAL. [ns, UTC]."""
    if all(texts):
        return parse_instants(texts)
    return np.array([parse_instants((text,))[0] if text else NO_ARRIVAL for text in texts], np.int64)
