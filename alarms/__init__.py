"""Alarms and tickets: the operator's work that follows from conditions, and the journal records that hold both.

Two errors reach whoever gives a command: `CommandRefusedError` (with its reason) and `IllegalTransitionError` (with the
state that does not accept it).
"""

from alarms.alarm import Acknowledgement, Alarm, AlarmSpec
from alarms.approval import Approval, InForce, PresentationInForce, RulesInForce
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
from alarms.entries import (
    FORMAT_VERSION,
    RECORD_KINDS,
    Adoption,
    AlarmAcknowledgement,
    AlarmActivation,
    AlarmEntry,
    AlarmReturn,
    ConditionEvent,
    JournalEntry,
    LateAnalysis,
    LateEntry,
    LateEvent,
    LateReview,
    PresentationAdoption,
    RecordKind,
    RulesAdoption,
    RunStart,
    TicketAttachment,
    TicketChange,
    TicketEntry,
    TicketOpening,
)
from alarms.late_finds import LateFind, LateFinds
from alarms.ledger import Ledger
from alarms.ledger_state import LedgerState
from alarms.lost_records import KnownFacts, LostRecords
from alarms.person import same_person
from alarms.record import Record, RecordFormatError, events_of
from alarms.states import AlarmEvent, AlarmState, IllegalTransitionError
from alarms.ticket import TICKET_TRANSITIONS, Ticket, TicketEvent, TicketState, TicketStep

__all__ = [
    "FORMAT_VERSION",
    "RECORD_KINDS",
    "TICKET_TRANSITIONS",
    "Accept",
    "Acknowledge",
    "Acknowledgement",
    "Adoption",
    "Alarm",
    "AlarmAcknowledgement",
    "AlarmActivation",
    "AlarmEntry",
    "AlarmEvent",
    "AlarmReturn",
    "AlarmSpec",
    "AlarmState",
    "Analyse",
    "Approval",
    "Command",
    "CommandRefusedError",
    "ConditionEvent",
    "IllegalTransitionError",
    "InForce",
    "JournalEntry",
    "KnownFacts",
    "LateAnalysis",
    "LateEntry",
    "LateEvent",
    "LateFind",
    "LateFinds",
    "LateReview",
    "Ledger",
    "LedgerState",
    "LostRecords",
    "PresentationAdoption",
    "PresentationInForce",
    "Reason",
    "Record",
    "RecordFormatError",
    "RecordKind",
    "Rectify",
    "Refuse",
    "Remove",
    "RulesAdoption",
    "RulesInForce",
    "RunStart",
    "Submit",
    "Ticket",
    "TicketAttachment",
    "TicketChange",
    "TicketEntry",
    "TicketEvent",
    "TicketOpening",
    "TicketState",
    "TicketStep",
    "events_of",
    "parse_command",
    "same_person",
]
