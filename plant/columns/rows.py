"""Arrays of records: how a record lies in memory follows from its type, so that mypy knows every field.

numpy cannot tell the type of a field by its name. `Rows` says it to mypy; at run time it is an array.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Protocol, Self, TypeVar, cast, get_type_hints, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

Flag = Annotated[int, np.uint8]
Code = Annotated[int, np.uint8]
Bits = Annotated[int, np.uint16]
Word = Annotated[int, np.uint32]
Position = Annotated[int, np.int32]
Count = Annotated[int, np.int64]
Time = Annotated[int, np.int64]
Real = Annotated[float, np.float64]

Column = NDArray[Any]
"""One field of all records: numpy does not know the type of a column by the name of its field."""
RecordT = TypeVar("RecordT")


class Rows(Protocol[RecordT]):
    """An array of records: one record by its number, a column by the name of its field."""

    @property
    def dtype(self) -> np.dtype[np.void]:
        """The layout of a record."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, key: int, /) -> RecordT: ...
    @overload
    def __getitem__(self, key: str, /) -> Column: ...
    @overload
    def __getitem__(self, key: slice, /) -> Self: ...
    @overload
    def __setitem__(self, key: int, value: RecordT, /) -> None: ...
    @overload
    def __setitem__(self, key: str, value: ArrayLike, /) -> None: ...
    @overload
    def __setitem__(self, key: slice, value: Self, /) -> None: ...
    def copy(self) -> Self:
        """Return an array of its own with the same records."""


# One object for each record: at each call numba looks up the type of each array by its layout, and compares two equal
# layouts field by field if they are not one object. That doubles what a call with ten samples takes.
_LAYOUTS: Final[dict[type[object], np.dtype[np.void]]] = {}


def layout_of(record: type[object]) -> np.dtype[np.void]:
    """Return how a record lies in memory: its fields in their order, aligned as in C."""
    layout = _LAYOUTS.get(record)
    if layout is None:
        hints = get_type_hints(record, include_extras=True)
        layout = np.dtype([(name, hint.__metadata__[0]) for name, hint in hints.items()], align=True)
        _LAYOUTS[record] = layout
    return layout


def zeros(record: type[RecordT], count: int) -> Rows[RecordT]:
    """Return records with all fields 0."""
    return cast("Rows[RecordT]", np.zeros(count, dtype=layout_of(record)))


def blank(record: type[RecordT]) -> RecordT:
    """Return the fields of one record, all of them 0, to be filled in and handed to `filled`."""
    # A rule-set makes some hundred thousand of these; get_type_hints would evaluate every annotation anew for each.
    return cast("RecordT", dict.fromkeys(record.__annotations__, 0))


def filled(record: type[RecordT], rows: Sequence[RecordT]) -> Rows[RecordT]:
    """Return records with the fields of these rows."""
    array = zeros(record, len(rows))
    values = cast("Sequence[Mapping[str, float]]", rows)
    for name in array.dtype.names or ():
        array[name] = [row[name] for row in values]
    return array


def joined(blocks: Sequence[Rows[RecordT]]) -> Rows[RecordT]:
    """Return the records of all blocks, one after the other."""
    return cast("Rows[RecordT]", np.concatenate([cast("NDArray[np.void]", block) for block in blocks]))


def lengthened(rows: Rows[RecordT], count: int) -> Rows[RecordT]:
    """Return a copy with room for `count` records; the new ones are 0."""
    longer = cast("Rows[RecordT]", np.zeros(count, dtype=rows.dtype))
    longer[: len(rows)] = rows
    return longer
