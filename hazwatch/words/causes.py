"""The causes for which a point has no value: each has a name and an advice of its own."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from plant import Message, Quality, State


class Cause(NamedTuple):
    """Why a value is missing or cannot be trusted, and what the dispatcher does about it."""

    name: Message
    response: Message


# In this order: a fault of the substation explains what its sensors say.
FAULT_CAUSES: Final[Mapping[State, Cause]] = {
    State.SUBSTATION_FAULT: Cause(
        Message("Substation fault"),
        Message("Check power and communication of the substation; treat all of its points as unknown"),
    ),
    State.NOT_SCANNED: Cause(
        Message("Not scanned"),
        Message("Find out at the host why the point is not scanned; measure with a portable instrument until it is"),
    ),
    State.PAUSED: Cause(
        Message("Paused"),
        Message("Find out who paused it and why; measure with a portable instrument until it is back"),
    ),
    State.SENSOR_FAULT: Cause(
        Message("Sensor failure"),
        Message("Have the sensor replaced or repaired; measure with a portable instrument"),
    ),
}
"""Causes by the state bit that tells them."""
NO_ANSWER: Final = Cause(
    Message("Communication lost"),
    Message("Check the data source, switches and cables; treat as unknown until it is back"),
)
"""BAD without a bit, while no point of its source has a value."""
NO_VALID_VALUE: Final = Cause(
    Message("No valid value"),
    Message(
        "The source answers for other points but has no usable number for this one: check its device, address and "
        "settings; measure with a portable instrument until it is back"
    ),
)
"""BAD without a bit, while other points of its source have values."""
NO_RESULT: Final = Cause(
    Message("No valid value"),
    Message(
        "Its inputs have values but the result is no number, as after a division by 0: check the inputs and the "
        "expression"
    ),
)
"""BAD without a bit, of a calculated point whose inputs can be trusted."""
BROKEN_WIRE: Final = Cause(
    Message("Broken wire"),
    Message("It reads far below its range: have the wiring of the sensor checked; measure with a portable instrument"),
)


CAUSE_NOT_KEPT: Final = Cause(
    Message("Point fault (cause no longer known)"),
    Message("The fault is gone and its cause was not kept, as over a restart: look at the history of the point"),
)
"""Causes are not in the journal: the page knows those that it saw since the start, and those that the history tells."""


def fault_cause(quality: int, state: int, without_bit: Cause) -> Cause | None:
    """Return the cause of a sample that is no evidence; None for a sample without a fault.

    Parameters
    ----------
    quality, state : int
        Quality and state bits of the sample.
    without_bit : Cause
        The cause of a BAD sample whose state bits tell none.

    """
    for bit, cause in FAULT_CAUSES.items():
        if state & bit:
            return cause
    return without_bit if quality == Quality.BAD else None


def missing_inputs(points: Sequence[str]) -> Cause:
    """Return the cause of a calculated point whose inputs cannot be trusted."""
    return Cause(
        Message("inputs without a value: {points}", points=tuple(points)),
        Message("see to these points first; the calculated value comes back by itself"),
    )
