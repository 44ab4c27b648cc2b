"""From conditions to the operator's work: alarms, tickets, and the records of which both are the fold.

Two errors reach whoever gives a command: `CommandRefusedError` (with its reason) and `IllegalTransitionError` (with the
state that does not accept it).
"""

from alarms.alarm import Acknowledgement, Alarm, AlarmSpec
from alarms.approval import Approval, RulesInForce, rules_of, same_person
from alarms.command import (
    Accept,
    Acknowledge,
    Analyse,
    Command,
    CommandRefusedError,
    Reason,
    Rectify,
    Refuse,
    Remove,
    Submit,
    parse_command,
)
from alarms.late_finds import LateFind, LateFinds, found_event
from alarms.ledger import Ledger
from alarms.record import RECORD_KINDS, Record, RecordKind
from alarms.states import AlarmEvent, AlarmState, IllegalTransitionError
from alarms.ticket import TICKET_TRANSITIONS, Ticket, TicketEvent, TicketState, TicketStep

__all__ = [
    "RECORD_KINDS",
    "TICKET_TRANSITIONS",
    "Accept",
    "Acknowledge",
    "Acknowledgement",
    "Alarm",
    "AlarmEvent",
    "AlarmSpec",
    "AlarmState",
    "Analyse",
    "Approval",
    "Command",
    "CommandRefusedError",
    "IllegalTransitionError",
    "LateFind",
    "LateFinds",
    "Ledger",
    "Reason",
    "Record",
    "RecordKind",
    "Rectify",
    "Refuse",
    "Remove",
    "RulesInForce",
    "Submit",
    "Ticket",
    "TicketEvent",
    "TicketState",
    "TicketStep",
    "found_event",
    "parse_command",
    "rules_of",
    "same_person",
]
