"""`Point`: one measured or calculated signal; `PointTable`: the points with their column numbers."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from plant.duration import PATTERN, Duration, PositiveDuration, parse_duration
from plant.entity import Entity, Id, Inconsistency, Line, Number, check_consistent
from plant.level import Level
from plant.message import Message
from plant.units import MINUTE, SECOND

NEVER_STALE: Final = 0
"""`stale_after` of a point that is never stale. A site file cannot write zero, so the value is free for this."""


def _stale_after(value: Any) -> Any:
    if value == "never":
        return NEVER_STALE
    nanoseconds = parse_duration(value)
    if nanoseconds == 0:
        raise ValueError(Message('expected a duration above zero, or "never"'))
    return nanoseconds


StaleAfter = Annotated[
    int,
    BeforeValidator(_stale_after),
    WithJsonSchema({"anyOf": [{"const": "never"}, {"type": "string", "pattern": PATTERN}]}),
]


class Delays(Entity):
    """The delays of a health condition."""

    on_delay: Duration = Field(default=0, description="How long it must hold before it is raised. [duration]")
    off_delay: Duration = Field(default=0, description="How long it must be over before it is cleared. [duration]")


class Flatline(Entity):
    """The condition that a value moves too little for too long."""

    window: PositiveDuration = Field(description="How long. [duration]")
    epsilon: Number = Field(ge=0, description="Range of values that counts as not moving. [unit of the point]")


class Discrepancy(Delays):
    """The condition that two sister points disagree."""

    with_: str = Field(alias="with", min_length=1, description="The sister point.")
    limit: Number = Field(ge=0, description="Largest difference that is normal. [unit of the point]")
    on_delay: Duration = Field(default=30 * SECOND, description="How long it must hold before it is raised. [duration]")


class Point(Entity):
    """A [[point]] table of a site file: one measured or calculated signal (测点) of one hazard source."""

    id: Id = Field(description="Name by which limits, traces and events refer to it.")
    hazard_source: str = Field(min_length=1, description="The hazard source that it belongs to.")
    name: Line = Field(min_length=1, description="Name, as people read it.")
    quantity: Line = Field(default="", description="What is measured; dictionary of MT/T 1201 annex B.")
    unit: Line = Field(default="", description="Unit of its values.")
    range: tuple[Number, Number] | None = Field(
        default=None, description="Lowest and highest value it can measure. [unit]"
    )
    resolution: Number | None = Field(default=None, gt=0, description="Smallest step of its values. [unit]")
    stale_after: StaleAfter = Field(
        default=MINUTE,
        description='Without a sample for so long it is stale; "never" must be written. [duration]',
    )
    profile: str | None = Field(default=None, description="Ready-made limits by place, from plant/profiles.")
    source: str | None = Field(default=None, description="The source that delivers it.")
    address: str | None = Field(default=None, description="Where in the source; the adapter's own grammar.")
    expression: str | None = Field(default=None, description="Formula of a calculated point.")
    inputs: dict[str, Line] | None = Field(
        default=None, description="Unit in which the expression takes each of its points; they are converted."
    )
    fault: Delays = Field(default=Delays(), description="Delays of the condition `fault`.")
    over_range: Delays = Field(default=Delays(), description="Delays of the condition `over_range`.")
    range_margin: Number | None = Field(
        default=None, ge=0, description="How far beyond the range a value is over range; 2.5 % of the span. [unit]"
    )
    calibration_limit: Duration = Field(default=30 * MINUTE, description="How long a calibration may take. [duration]")
    flatline: Flatline | None = Field(default=None, description="Off unless given.")
    step: Number | None = Field(default=None, ge=0, description="Largest believable jump; off unless given. [unit]")
    discrepancy: Discrepancy | None = Field(default=None, description="Off unless given.")
    health_level: Level = Field(default=Level.BLUE, description="Level of its health conditions.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_consistent(self._inconsistencies())
        return self

    def _inconsistencies(self) -> Iterator[Inconsistency]:
        if self.range is not None and not self.range[0] < self.range[1]:
            yield Inconsistency(("range",), Message("range: expected [lowest, highest] with lowest < highest"))
        if self.expression is not None and (self.source or self.address):
            message = Message("expected either an expression or a source with an address, not both")
            yield Inconsistency(("expression", "source", "address"), message)
        if self.inputs is not None and self.expression is None:
            message = Message("inputs: expected an expression that takes them")
            yield Inconsistency(("inputs", "expression"), message)
        if (self.source is None) != (self.address is None):
            yield Inconsistency(("source", "address"), Message("expected source and address together"))


class PointTable:
    """Points in the order of the site file, and their column numbers."""

    __slots__ = ("_column", "points")

    def __init__(self, points: Sequence[Point]) -> None:
        # Column numbers follow the order of the site file, so an edit may change them. Whatever outlives a run (the
        # historian, snapshots, the journal) refers to points by id.
        self.points: Final = tuple(points)
        self._column: Final = {point.id: number for number, point in enumerate(self.points)}

    def __len__(self) -> int:
        return len(self.points)

    def __contains__(self, point: str) -> bool:
        return point in self._column

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the points, by their column numbers."""
        return tuple(self._column)

    def column(self, point: str) -> int:
        """Return the column number of a point's id; raise KeyError for an unknown id."""
        return self._column[point]

    def __getitem__(self, point: str) -> Point:
        """Return the point with this id; raise KeyError for an unknown id."""
        return self.points[self._column[point]]

    def get(self, point: str) -> Point | None:
        """Return the point with this id; None for an unknown id."""
        column = self._column.get(point)
        return None if column is None else self.points[column]

    def id(self, column: int) -> str:
        """Return the id of the point in a column."""
        return self.points[column].id
