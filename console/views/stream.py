"""The messages of the stream: a snapshot, then deltas and beats, and the readings that the page shows."""

from typing import Literal, TypedDict

from console.views.alarms import AlarmView
from console.views.present import Change, Reading, SnapshotView


class SnapshotMessage(TypedDict):
    """A snapshot and the number of the last delta in it; `run` identifies the run of the engine.

    Of many alarms it has the most urgent ones, and the messages after it bring the others.
    """

    kind: Literal["snapshot"]
    run: str
    number: int
    snapshot: SnapshotView


class DeltaMessage(TypedDict):
    """The changes since the message before; `number` counts deltas without gaps."""

    kind: Literal["delta"]
    number: int
    change: Change


class AlarmsMessage(TypedDict):
    """More alarms of the snapshot, as they are now."""

    kind: Literal["alarms"]
    alarms: list[AlarmView]


class ReadingsMessage(TypedDict):
    """Readings of points that the page shows."""

    kind: Literal["readings"]
    readings: list[Reading]


class BeatMessage(TypedDict):
    """A sign of life with the engine's time and the number of the last delta."""

    kind: Literal["beat"]
    number: int
    now: int


StreamMessage = SnapshotMessage | AlarmsMessage | DeltaMessage | ReadingsMessage | BeatMessage
