"""The grammar of Modbus addresses, shared by the adapter that reads and the simulator that serves."""

import re
from typing import Final, Literal, NamedTuple, Self, get_args

from pydantic import Field, model_validator

from plant.entity import Entity
from plant.message import Message

Table = Literal["holding", "input", "coil", "discrete"]
Encoding = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bcd16", "bcd32", "string"
]
Order = Literal["ABCD", "CDAB", "BADC", "DCBA"]
Raw = int | float
"""A number as the registers hold it, before scale and offset."""


class EncodingShape(NamedTuple):
    """How many registers of 16 bits an encoding takes, and its smallest and largest number if it holds whole ones."""

    registers: int
    lowest: int | None = None
    highest: int | None = None


ENCODINGS: Final[dict[Encoding, EncodingShape]] = {
    "int16": EncodingShape(1, -(2**15), 2**15 - 1),
    "uint16": EncodingShape(1, 0, 2**16 - 1),
    "int32": EncodingShape(2, -(2**31), 2**31 - 1),
    "uint32": EncodingShape(2, 0, 2**32 - 1),
    "int64": EncodingShape(4, -(2**63), 2**63 - 1),
    "uint64": EncodingShape(4, 0, 2**64 - 1),
    "float32": EncodingShape(2),
    "float64": EncodingShape(4),
    "bcd16": EncodingShape(1, 0, 9_999),
    "bcd32": EncodingShape(2, 0, 99_999_999),
    "string": EncodingShape(1),
}
UNSIGNED: Final[frozenset[Encoding]] = frozenset(("uint16", "uint32", "uint64"))
"""Encodings whose bits can be taken apart."""
KEYS: Final = (
    "unit", *get_args(Table), "type", "length", "order", "bit", "mask", "shift", "scale", "offset", "bad", "status",
)  # fmt: skip
FUNCTIONS: Final[dict[Table, int]] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
"""Function code of each table; all of them only read."""
HEXADECIMAL: Final = re.compile("0[xX][0-9a-fA-F]{1,16}")
MAYBE_HEXADECIMAL: Final = ("bit", "mask", "shift")
"""Keys whose numbers may be written in hexadecimal: 0x00F0."""
EXAMPLE: Final = "unit=1;holding=100;type=float32;order=ABCD"
FIRST_IN_MANUALS: Final[dict[str, int]] = {"discrete": 10_001, "input": 30_001, "holding": 40_001}
"""Manuals number the registers of a table from here on; on the wire the first one is 0."""


class ModbusAddress(Entity):
    """One value of a Modbus device.

    The written form is `unit=1;holding=100;type=float32;order=CDAB;scale=0.01;offset=-5;status=holding:102`: the unit,
    the table with the address of the first register or bit (from 0, as on the wire), and fields that differ from their
    defaults.
    """

    unit: int = Field(default=1, ge=0, le=255, description="Unit id; 255 is usual for a device without a gateway. [1]")
    table: Table = Field(description="holding, input, coil or discrete.")
    register_: int = Field(alias="register", ge=0, le=65535, description="First register or bit, from 0. [1]")
    type: Encoding = Field(default="uint16", description="Encoding of the registers.")
    length: int | None = Field(default=None, ge=1, le=32, description="Length of a string. [registers]")
    order: Order = Field(default="ABCD", description="Byte and word order; A is the most significant byte.")
    bit: int | None = Field(
        default=None, ge=0, le=63, description="Bit of the registers, 0 is the least significant. [1]"
    )
    mask: int | None = Field(default=None, ge=1, description="Bits of the registers that are the number. [1]")
    shift: int | None = Field(
        default=None, ge=0, le=63, description="Places by which masked bits move to the right. [1]"
    )
    scale: float = Field(default=1.0, description="value = raw * scale + offset. [unit of the point]")
    offset: float = Field(default=0.0, description="value = raw * scale + offset. [unit of the point]")
    bad: tuple[Raw, ...] = Field(default=(), description="Numbers by which the device says that it has no value. [1]")
    status: int | None = Field(default=None, ge=0, le=65535, description="Status word, bit mask of MT/T 1201. [1]")
    status_table: Literal["holding", "input"] = Field(default="holding", description="Table of the status word.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.scale == 0:
            raise ValueError(Message("scale: expected a number other than 0"))
        only_registers = {"type", "order", "length", "bit", "mask", "shift", "bad"}
        if not self.register_table and not only_registers.isdisjoint(self.model_fields_set):
            raise ValueError(Message("a {table} is one bit: expected neither type nor order", table=self.table))
        if (self.length is not None) != (self.type == "string"):
            raise ValueError(Message("length: expected with type=string, and only there"))
        if self.register_ + self.count > 65536:
            raise ValueError(
                Message(
                    "{type} at {register}: expected to end at or before register 65535",
                    type=self.type,
                    register=self.register_,
                )
            )
        self._check_bits()
        self._check_bad()
        return self

    def _check_bits(self) -> None:
        if (self.bit, self.mask, self.shift) == (None, None, None):
            return
        if self.type not in UNSIGNED:
            raise ValueError(
                Message("bit, mask: expected with type uint16, uint32 or uint64; found {type}", type=self.type)
            )
        if self.bit is not None and (self.mask, self.shift) != (None, None):
            raise ValueError(Message("expected bit, or mask with shift; found both"))
        if self.shift is not None and self.mask is None:
            raise ValueError(Message("shift: expected with mask"))
        bits = 16 * self.count
        if (self.bit or 0) >= bits or (self.shift or 0) >= bits or (self.mask or 0) >= 2**bits:
            raise ValueError(Message("bit, mask: {type} has {bits} bits", type=self.type, bits=bits))

    def _check_bad(self) -> None:
        _, lowest, highest = ENCODINGS[self.type]
        for number in self.bad:
            if lowest is None or highest is None:
                continue
            if not isinstance(number, int) or not lowest <= number <= highest:
                raise ValueError(
                    Message(
                        "bad: {number} never stands in an {type}, whose numbers are {lowest} to {highest}",
                        number=number,
                        type=self.type,
                        lowest=lowest,
                        highest=highest,
                    )
                )

    @property
    def register_table(self) -> bool:
        """Whether the value is in registers; coils and discrete inputs are bits."""
        return self.table in ("holding", "input")

    @property
    def count(self) -> int:
        """Number of registers or bits of the value. [1]."""
        return (self.length or ENCODINGS[self.type].registers) if self.register_table else 1

    @property
    def field(self) -> tuple[int, int] | None:
        """The bits that are the number, as mask and shift; None if all are. Without a shift the lowest bit is bit 0."""
        if self.bit is not None:
            return 1 << self.bit, self.bit
        if self.mask is None:
            return None
        lowest = (self.mask & -self.mask).bit_length() - 1
        return self.mask, lowest if self.shift is None else self.shift

    @property
    def hint(self) -> Message | None:
        """What was probably meant, where the number looks like one of a manual; None for any other."""
        return _numbered_as_in_manuals(self.table, self.register_)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form.

        Raises
        ------
        ValueError
            The message names the error and the expected form (pydantic.ValidationError for a number out of bounds).

        """
        parts = _parts(text)
        # The table's name is the key of the register: `holding=100` becomes table "holding", register "100".
        tables = [key for key in parts if key in get_args(Table)]
        if len(tables) != 1:
            message = Message('expected one of holding=, input=, coil=, discrete=, as in "{example}"', example=EXAMPLE)
            raise ValueError(message)
        fields: dict[str, object] = {"table": tables[0], "register": parts.pop(tables[0]), **parts}
        if "status" in parts:
            table, _, fields["status"] = parts["status"].rpartition(":")
            fields["status_table"] = table or "holding"
        if "bad" in parts:
            fields["bad"] = tuple(_number(number) for number in parts["bad"].split(","))
        fields |= {key: int(parts[key], 16) for key in MAYBE_HEXADECIMAL if _is_hexadecimal(parts.get(key, ""))}
        # 400011 lies beyond every table; without this the message would only say that the number is too large.
        register = str(fields["register"])
        if register.isdecimal() and len(register) == 6 and (hint := _numbered_as_in_manuals(tables[0], int(register))):
            raise ValueError(hint)
        return cls.model_validate(fields)


def _numbered_as_in_manuals(table: str, register: int) -> Message | None:
    """Return a hint if a register has the number of a manual: 40001 to 49999, or 400001 to 465536 beyond those."""
    if table not in FIRST_IN_MANUALS:
        return None
    first = FIRST_IN_MANUALS[table]
    longer = 10 * first - 9
    if first <= register < first + 9_999:
        meant = register - first
    elif longer <= register <= longer + 65_535:
        meant = register - longer
    else:
        return None
    return Message(
        "{table}={number}: addresses are written from 0, as on the wire; {number} in a manual is {table}={meant}",
        table=table,
        number=register,
        meant=meant,
    )


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        key, equals, value = part.strip().partition("=")
        if not equals or key in parts:
            message = Message(
                '{part!r}: expected key=value parts, each once, as in "{example}"', part=part, example=EXAMPLE
            )
            raise ValueError(message)
        parts[key] = value
    if unknown := parts.keys() - KEYS:
        raise ValueError(Message("unknown key {key!r}: expected keys among {keys}", key=min(unknown), keys=KEYS))
    return parts


def _is_hexadecimal(text: str) -> bool:
    return HEXADECIMAL.fullmatch(text) is not None


def _number(text: str) -> Raw:
    """Return a whole number as int, because int64 has more digits than a float, and any other as float."""
    text = text.strip()
    if _is_hexadecimal(text):
        return int(text, 16)
    try:
        return int(text) if text.lstrip("+-").isdecimal() and len(text) < 30 else float(text)
    except ValueError:
        raise ValueError(Message('bad: expected numbers such as "-32768,65535"; found {text!r}', text=text)) from None
