"""`Anchor`: the head of a journal as another place keeps it, to prove that no record up to it has changed since."""

from dataclasses import dataclass
from typing import Literal

AnchorVerdict = Literal["agrees", "older", "earlier", "other", "rewritten"]
"""The journal has the record; ends before it; succeeds that journal; is another; has another record in its place."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of a journal.

    Attributes
    ----------
    journal : bytes
        Hash of the first record, which tells journals apart; 32 zero bytes if it is not known.
    number : int
        Number of the last record.
    digest : bytes
        Hash of the last record.

    """

    journal: bytes
    number: int
    digest: bytes
