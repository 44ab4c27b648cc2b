"""What the log says of an endpoint: one line when a part of it fails, and one when it works again."""

from logging import getLogger
from typing import Final

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.frames import SilentError, WrongUnitError
from adapters.sources.modbus.plan import Request
from adapters.sources.modbus.unit import Unit
from plant import Message, message_of
from plant.modbus_address import ModbusAddress

LINK: Final = Message("link")

_log = getLogger("adapters.sources.modbus")


class Notes:
    """The parts of an endpoint that fail at present."""

    def __init__(self, spec: ModbusSource) -> None:
        self._spec: Final = spec
        self._troubles: Final[set[Message]] = set()
        self._slow: Final[dict[Message, Message]] = {}

    def note(self, part: Message, trouble: Message | None) -> None:
        """Log the trouble of a part if it is new, and its end if there was one."""
        if trouble is not None and part not in self._troubles:
            self._troubles.add(part)
            lost = Message("lost {part}", part=part)
            _log.warning("%s source=%s endpoint=%s reason=%s", lost, self._spec.id, self._spec.endpoint, trouble)
        elif trouble is None and part in self._troubles:
            self._troubles.remove(part)
            _log.info("%s source=%s endpoint=%s", Message("back {part}", part=part), self._spec.id, self._spec.endpoint)

    def silence(self, unit: Unit, request: Request, error: SilentError) -> None:
        """Log what was tried again and is silent, the unit or the request alone, and at once a wrong unit id."""
        reason = message_of(error)
        if isinstance(error, WrongUnitError):
            self.note(Message("an answer of unit {unit}", unit=unit.number), reason)
        if unit.silent:
            self.note(named_unit(unit), reason)
        elif request in unit.resting:
            self.note(named(request), reason)

    def period(self, unit: Unit, missed: int) -> None:
        """Log that a unit takes longer than its period, and so many polls were missed; or, with 0, no longer does."""
        part = Message("period of unit {unit}", unit=unit.number)
        slow = Message("it takes longer than the period; {missed} polls are left out so far", missed=missed)
        self.note(part, slow if missed else None)
        self._slow.pop(part, None)
        if missed:
            self._slow[part] = slow

    @property
    def slow(self) -> tuple[Message, ...]:
        """What is to be said of the units that take longer than their period."""
        return tuple(Message("{part}: {trouble}", part=part, trouble=slow) for part, slow in self._slow.items())


def named_unit(unit: Unit) -> Message:
    """Return the words for a unit."""
    return Message("unit {unit}", unit=unit.number)


def named(request: Request) -> Message:
    """Return the words for what a request reads."""
    return Message(
        "unit {unit} {table} {first}..{last}",
        unit=request.unit,
        table=request.table,
        first=request.start,
        last=request.start + request.count - 1,
    )


def named_value(address: ModbusAddress) -> Message:
    """Return the words for the number of one point."""
    return Message(
        "number at unit {unit} {table} {first}", unit=address.unit, table=address.table, first=address.register_
    )
