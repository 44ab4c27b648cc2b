"""Who may accept the work on a hazard, and when."""

from collections.abc import Container

from alarms.alarm import Alarm, AlarmSpec
from alarms.command import Accept, CommandRefusedError, Reason
from alarms.person import same_person
from alarms.ticket import Ticket
from plant import Message


def check_acceptance(
    command: Accept, ticket: Ticket, alarm: Alarm | None, spec: AlarmSpec | None, in_doubt: Container[str]
) -> None:
    """Refuse an acceptance by a rectifier, under a standing alarm, or while all points are in doubt.

    Parameters
    ----------
    command : Accept
        Who accepts.
    ticket : Ticket
        The ticket that it accepts.
    alarm, spec
        The alarm of the ticket's rule, and what the site file says about it, as far as there are any.
    in_doubt
        Points whose present values are no evidence.

    Raises
    ------
    CommandRefusedError
        The work cannot be accepted by this person, or not now.

    """
    if any(same_person(command.by, name) for name in ticket.rectifiers):
        message = Message(
            "{ticket}: {person} rectified it and cannot accept it", ticket=ticket.number, person=command.by
        )
        raise CommandRefusedError(Reason.SAME_PERSON, message)
    if alarm is not None and alarm.stands and alarm.hazard_source == ticket.hazard_source:
        message = Message("{ticket}: alarm {alarm} still stands", ticket=ticket.number, alarm=ticket.rule)
        raise CommandRefusedError(Reason.ALARM_STANDS, message)
    # Without a trustworthy value nobody can know whether the hazard is gone.
    points = spec.points if spec is not None else tuple(filter(None, [ticket.point]))
    if points and all(point in in_doubt for point in points):
        message = Message("{ticket}: {points} in doubt", ticket=ticket.number, points=tuple(points))
        raise CommandRefusedError(Reason.IN_DOUBT, message)
