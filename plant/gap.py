"""`Gap`: a period in which rows of a source did not come as they should, and what became of them."""

from dataclasses import dataclass
from typing import Literal

from plant.message import Message

GapFilling = Literal["queue", "history", "none"]
"""Where the rows of a gap came from: the queue of the device, its history, or nowhere."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A period in which rows of a source did not come as they should.

    Attributes
    ----------
    source : str
        Id of the source.
    start, until : int
        Source times of the last row before the gap and of the first row after it. [ns, UTC]
    points : int
        Number of points that may lack rows.
    expected_rows : int
        Number of rows at the rate before the gap; 0 if no rate was known. [1]
    filled_rows : int
        Number of rows that came later. [1]
    how : GapFilling
        Where these rows came from; "none" if rows may be lost.
    reason : Message or None
        Why rows may be lost; None if they came.

    """

    source: str
    start: int
    until: int
    points: int
    expected_rows: int
    filled_rows: int
    how: GapFilling
    reason: Message | None = None

    @property
    def missing_rows(self) -> int:
        """Number of rows that are probably lost. [1]."""
        return max(0, self.expected_rows - self.filled_rows) if self.how == "none" else 0
