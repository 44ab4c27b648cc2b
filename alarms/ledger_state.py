"""`LedgerState`: all that the fold of a journal remembers, and its text, from which a ledger goes on."""

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import PlainSerializer, TypeAdapter

from alarms.alarm import Alarm
from alarms.approval import PresentationInForce, RulesInForce
from alarms.command import Accept, Acknowledge, Analyse, Command, Rectify, Refuse, Remove, Submit, recorded
from alarms.late_finds import LateFind
from alarms.lost_records import LostRecords
from rules import Event


def _fields(command: Command) -> dict[str, str | int | None]:
    return command.model_dump(mode="json")


# As the journal reads them: what a later version would refuse was accepted when it was recorded.
_Kept = Annotated[
    Command, recorded(Acknowledge, Remove, Rectify, Submit, Accept, Refuse, Analyse), PlainSerializer(_fields)
]
KEPT_COMMAND: Final[TypeAdapter[tuple[int, Command]]] = TypeAdapter(tuple[int, _Kept])
"""Number of the record of a command, and the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """The state of a ledger after a record; what follows from these fields is not among them.

    Attributes
    ----------
    number, seq : int
        Number of the last record, and of the last event.
    started : int or None
        Log time of the last start. [ns, UTC]
    rules, presentation
        The rule-set and the presentation in force, or None.
    alarms, finds
        In the order of their first records.
    open_tickets : tuple of str
        Numbers of the tickets that are not closed, in the order of their opening.
    tickets
        Numbers and texts of all tickets, in the order of their opening.
    events : tuple of Event
        The last event of each condition.
    commands
        Each key that is remembered, and the text of the record's number and the command.
    reviewed, late_samples, late_events
        As in `LateFinds`.
    lost : LostRecords
        The records that were left out.
    last_tickets
        Year and running number of the last ticket of each year, as far as lost records may have opened some.

    """

    number: int
    seq: int
    started: int | None
    rules: RulesInForce | None
    presentation: PresentationInForce | None
    alarms: tuple[Alarm, ...]
    open_tickets: tuple[str, ...]
    tickets: tuple[tuple[str, str], ...]
    events: tuple[Event, ...]
    commands: tuple[tuple[str, str], ...]
    finds: tuple[LateFind, ...]
    reviewed: int | None
    late_samples: int
    late_events: int
    lost: LostRecords
    last_tickets: tuple[tuple[str, int], ...]

    def text(self) -> bytes:
        """Return the state as JSON; equal states have the same bytes."""
        return _STATE.dump_json(self)

    @staticmethod
    def read(text: bytes) -> "LedgerState":
        """Return the state with a text; raise ValueError for any other bytes."""
        # Strict, so that no text becomes a number and no number a text.
        return _STATE.validate_json(text, strict=True)


_STATE: Final = TypeAdapter(LedgerState)
