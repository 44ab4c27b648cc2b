"""The messages of the stream: a snapshot, then deltas and beats."""

from typing import Literal, TypedDict

from console.views.present import Change, SnapshotView


class SnapshotMessage(TypedDict):
    """A snapshot and the number of the last delta in it; `run` identifies the run of the engine."""

    kind: Literal["snapshot"]
    run: str
    number: int
    snapshot: SnapshotView


class DeltaMessage(TypedDict):
    """The changes since the message before; `number` counts deltas without gaps."""

    kind: Literal["delta"]
    number: int
    change: Change


class BeatMessage(TypedDict):
    """A sign of life with the engine's time and the number of the last delta."""

    kind: Literal["beat"]
    number: int
    now: int


StreamMessage = SnapshotMessage | DeltaMessage | BeatMessage
