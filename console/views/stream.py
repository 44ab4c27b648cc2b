"""The messages of the stream: a snapshot, then its changes and beats."""

from typing import Literal, TypedDict

from console.views.present import Change, Snapshot


class SnapshotMessage(TypedDict):
    """The present, and the number of the last change that is in it; `run` names the run of the engine."""

    kind: Literal["snapshot"]
    run: str
    number: int
    snapshot: Snapshot


class DeltaMessage(TypedDict):
    """What changed after the message before it; `number` counts these messages without gaps."""

    kind: Literal["delta"]
    number: int
    change: Change


class BeatMessage(TypedDict):
    """The engine lives: the time on its clock, and the number of the last change."""

    kind: Literal["beat"]
    number: int
    now: int


Message = SnapshotMessage | DeltaMessage | BeatMessage
