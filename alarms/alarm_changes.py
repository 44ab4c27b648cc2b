"""The entries by which an alarm changes its state; each refuses what the state does not accept."""

from alarms.alarm import Alarm
from alarms.command import Acknowledge, Remove
from alarms.entries import AlarmAcknowledgement, AlarmActivation, AlarmReturn
from alarms.states import AlarmEvent, AlarmState, step
from rules import Event


def activation(raised: Event, state: AlarmState) -> AlarmActivation:
    """Return the entry by which a raise activates the alarm of its condition."""
    after = step(state, AlarmEvent.ACTIVATE)
    return AlarmActivation(alarm=raised.condition, episode=raised.id, before=state, after=after)


def acknowledgement(alarm: Alarm, command: Acknowledge) -> AlarmAcknowledgement:
    """Return the entry by which a person acknowledges an alarm."""
    after = step(alarm.state, AlarmEvent.ACKNOWLEDGE)
    return AlarmAcknowledgement(
        alarm=alarm.condition, episode=alarm.episode, before=alarm.state, after=after, command=command
    )


def return_of(
    raised: Event, state: AlarmState, *, note: str | None = None, command: Remove | None = None
) -> AlarmReturn:
    """Return the entry by which the alarm of a raise returns: by a clear, or with a note or a command instead."""
    after = step(state, AlarmEvent.RETURN)
    return AlarmReturn(alarm=raised.condition, episode=raised.id, before=state, after=after, note=note, command=command)
