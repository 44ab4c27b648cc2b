"""The entries by which an alarm changes its state, or is refused the change; and the alarm after them."""

from dataclasses import replace
from typing import Final

from alarms.alarm import Acknowledgement, Alarm
from alarms.command import Acknowledge, AlarmCommand, CommandRefusedError, Reason, Remove
from alarms.entries import AlarmAcknowledgement, AlarmActivation, AlarmEntry, AlarmReturn
from alarms.states import AlarmEvent, AlarmState, step
from plant import Level, Message
from rules import Event

MOVED: Final = "the rule was given another point"
"""Note of a return without an event. Journals hold it, so it never changes."""


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


def entry_of(command: AlarmCommand, alarm: Alarm | None, *, has_rule: bool) -> AlarmEntry:
    """Return the entry that carries a command out; `has_rule` tells whether the rule is still in the site file.

    Raises
    ------
    CommandRefusedError, IllegalTransitionError
        There is no such alarm or episode, the rule is still there, or the state does not accept the command.

    """
    if alarm is None:
        raise CommandRefusedError(
            Reason.UNKNOWN_ALARM, Message("{alarm}: there was no such alarm", alarm=command.alarm)
        )
    # The alarm may have returned and been raised again since the person looked: they have not seen this episode.
    if alarm.episode != command.episode:
        message = Message("{alarm}: episode {episode} is over", alarm=command.alarm, episode=command.episode)
        raise CommandRefusedError(Reason.EPISODE_OVER, message)
    if isinstance(command, Acknowledge):
        return acknowledgement(alarm, command)
    if has_rule:
        message = Message("{alarm}: the rule is still in the site file", alarm=command.alarm)
        raise CommandRefusedError(Reason.RULE_IN_FORCE, message)
    return return_of(alarm.raised, alarm.state, command=command)


def return_of(
    raised: Event, state: AlarmState, *, note: str | None = None, command: Remove | None = None
) -> AlarmReturn:
    """Return the entry by which the alarm of a raise returns: by a clear, or with a note or a command instead."""
    after = step(state, AlarmEvent.RETURN)
    return AlarmReturn(alarm=raised.condition, episode=raised.id, before=state, after=after, note=note, command=command)


def changed(entry: AlarmEntry, event: Event, before: Alarm | None, time: int) -> Alarm:
    """Return an alarm after an entry of a log time [ns, UTC], with the last event of its condition."""
    if before is None or isinstance(entry, AlarmActivation):
        level = Level(event.level)
        return Alarm(entry.alarm, event.hazard_source, event.point, level, entry.after, event, time)
    if isinstance(entry, AlarmReturn):
        cleared = event if event.transition == "clear" else None
        return replace(before, state=entry.after, cleared=cleared, returned=time)
    seen = Acknowledgement(entry.command.by, time, entry.command.note)
    return replace(before, state=entry.after, acknowledged=seen)
