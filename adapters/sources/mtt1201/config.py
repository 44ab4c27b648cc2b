"""The [[source]] table that an engineer writes for a folder of MT/T 1201 files."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from adapters.sources.mtt1201.dialect import SHIPPED, DialectError, load_dialect
from plant import Line, Message, PositiveDuration, SourceSpec, message_of
from plant.address import RecordAddress
from plant.units import MINUTE, SECOND


def _folder(text: str) -> str:
    # The engine may start in another folder than the check of the site file.
    if not Path(text).is_absolute() or "\0" in text:
        raise ValueError(Message('expected the whole path of a folder, such as "/srv/mtt1201"'))
    return text


def _dialect(name: str) -> str:
    if name not in SHIPPED and not Path(name).is_absolute():
        raise ValueError(Message("expected one of {names}, or the whole path of a TOML file", names=SHIPPED))
    try:
        load_dialect(name)
    except DialectError as error:
        raise ValueError(message_of(error)) from None
    return name


class MttSource(SourceSpec):
    """A folder into which a system pushes files of MT/T 1201."""

    protocol: Literal["mtt1201"] = Field(description="Which adapter reads it.")
    endpoint: Annotated[str, AfterValidator(_folder)] = Field(description="The folder: its whole path.")
    mine: Line = Field(min_length=1, description="Mine code; files of another mine are refused.")
    dialect: Annotated[str, AfterValidator(_dialect)] = Field(
        default="national", description="Table of file types: its name, or the whole path of a TOML file."
    )
    poll: PositiveDuration = Field(
        default=SECOND, description="The folder is looked at once in this time. [duration, real time]"
    )
    unfinished_after: PositiveDuration = Field(
        default=10 * SECOND,
        description="A file without its end mark is read once it has not grown for so long. [duration, real time]",
    )
    late_after: PositiveDuration = Field(
        default=5 * MINUTE, description="Samples that come later than this are back-filled. [duration]"
    )

    def address_problem(self, address: str) -> Message | None:
        """Return what an address asks of the table of file types that it does not have."""
        return load_dialect(self.dialect).problem_of(RecordAddress.parse(address))
