"""What other files of a data folder know of the journal: an old, another or a rewritten journal contradicts them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adapters.stores import Anchor, AnchorVerdict, JournalReader, JournalState, history_anchors
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.restart import Snapshot
from plant import Message

NO_IDENTITY = bytes(32)


@dataclass(frozen=True, slots=True)
class Witness:
    """A place that keeps the head of the journal, with its name for people."""

    name: Message
    anchor: Anchor


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What a witness says against a journal that ends with a record."""

    witness: Witness
    verdict: AnchorVerdict
    number: int

    def message(self) -> Message:
        """Return it for people."""
        facts = {"number": self.number, "witness": self.witness.name, "known": self.witness.anchor.number}
        if self.verdict == "older":
            return Message(
                "the journal ends with record {number}, and {witness} knows record {known}: it is an old copy, or the "
                "file journal.db-wal beside it is missing",
                **facts,
            )
        if self.verdict == "other":
            return Message("{witness} belongs to another journal", **facts)
        return Message("{witness} knows another record {known}: the journal was rewritten before it", **facts)


def all_witnesses(folder: DataFolder) -> Iterator[Witness]:
    """Yield what every file of a data folder knows of the journal, the newest day of the history first."""
    for path, anchor in history_anchors(folder.history):
        yield Witness(Message("{file} of the history", file=path.name), anchor)
    yield from _beside(folder)


def latest_witnesses(folder: DataFolder, reader: JournalReader) -> Iterator[Witness]:
    """Yield the witnesses that a start asks: older days may be from before a journal that was accepted or lost."""
    for path, anchor in history_anchors(folder.history):
        # A day of an earlier journal may lie ahead, and would hide the days of this one.
        if reader.compare(anchor) == "earlier":
            continue
        yield Witness(Message("{file} of the history", file=path.name), anchor)
        break
    yield from _beside(folder)


def contradictions(reader: JournalReader, witnesses: Iterable[Witness]) -> Iterator[Contradiction]:
    """Yield what witnesses say against a journal.

    Raises
    ------
    JournalError
        The journal cannot be read.

    """
    for witness in witnesses:
        verdict = reader.compare(witness.anchor)
        if verdict not in ("agrees", "earlier"):
            yield Contradiction(witness, verdict, reader.head()[0])


def _beside(folder: DataFolder) -> Iterator[Witness]:
    snapshot = Snapshot.read(folder.snapshot)
    if snapshot is not None and snapshot.anchor is not None:
        yield Witness(Message("the snapshot of the engine"), snapshot.anchor)
    state = JournalState.read(folder.state)
    if state is not None and state.number:
        yield Witness(Message("the state beside the journal"), Anchor(NO_IDENTITY, state.number, state.digest))
