"""`StoreState`: how far a store is with its copy."""

from dataclasses import dataclass, replace

from plant import Message


@dataclass(frozen=True, slots=True)
class StoreState:
    """How far a store is, and what stops it.

    Attributes
    ----------
    arrival : int
        Arrival of the last sample that it acknowledged. [ns, UTC]
    samples, refused : int
        Number of samples that were sent, and of lines that the store refused for good.
    trouble : Message or None
        Why nothing can be written at present.
    deleted : Message or None
        What retention deleted from the history before it was copied.

    """

    arrival: int
    samples: int
    refused: int
    trouble: Message | None = None
    deleted: Message | None = None

    def stopped(self, trouble: Message) -> "StoreState":
        """Return the same state with a reason why it does not go on."""
        return replace(self, trouble=trouble)
