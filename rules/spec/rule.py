"""The rules that an engineer writes: limits, votes and interlocks, one class per kind."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from plant import (
    Duration,
    Entity,
    Id,
    Inconsistency,
    Level,
    Message,
    Number,
    PositiveDuration,
    Prose,
    check_consistent,
)
from plant.units import MINUTE, SECOND
from rules.spec.decimals import minus, plus, written
from rules.spec.features import FEATURES, FeatureName


class Limit(Entity):
    """A [[limit]] table of a site file."""

    id: Id = Field(description="Name by which votes, interlocks and events refer to it.")
    point: str = Field(min_length=1, description="The point whose feature it looks at.")
    feature: FeatureName = Field(description="What is computed from the samples of the point.")
    window: PositiveDuration | None = Field(default=None, description="Window of the feature. [duration]")
    per: PositiveDuration | None = Field(
        default=None, description="Time unit of a rate of change; 1m unless written. [duration]"
    )
    horizon: PositiveDuration | None = Field(default=None, description="How far ahead `projected` looks. [duration]")
    tau: PositiveDuration | None = Field(default=None, description="Time constant of `ewma`. [duration]")
    high: Number | None = Field(default=None, description="Setpoint of a high limit. [unit of the feature]")
    low: Number | None = Field(default=None, description="Setpoint of a low limit. [unit of the feature]")
    clear: Number | None = Field(default=None, description="Beyond it, on the safe side, it clears. [unit]")
    deadband: Number | None = Field(default=None, ge=0, description="Instead of `clear`: distance to it. [unit]")
    on_delay: Duration = Field(default=0, description="How long it must be in before it is raised. [duration]")
    off_delay: Duration = Field(default=0, description="How long it must be out before it is cleared. [duration]")
    level: Level = Field(description="How grave it is.")
    message: Prose = Field(default="", description="What the alarm says.")
    message_en: Prose = Field(default="", description="The same in English.")
    response: Prose = Field(default="", description="What the dispatcher does.")
    response_en: Prose = Field(default="", description="The same in English.")
    consequence: Prose = Field(default="", description="What happens if nobody does it.")
    consequence_en: Prose = Field(default="", description="The same in English.")
    time_to_respond: Duration | None = Field(default=None, description="Time that is left for it. [duration]")
    basis: Prose = Field(default="", description="Where the numbers come from: article of the regulation, or approval.")
    basis_en: Prose = Field(default="", description="The same in English.")
    ticket: bool = Field(default=False, strict=True, description="Whether an alarm opens a hazard ticket.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_consistent(self._inconsistencies())
        return self

    def _inconsistencies(self) -> Iterator[Inconsistency]:
        if (self.high is None) == (self.low is None):
            yield Inconsistency(("high", "low"), Message("expected either high or low"))
        if self.clear is not None and self.deadband is not None:
            yield Inconsistency(("clear", "deadband"), Message("expected clear or deadband, not both"))
        row = FEATURES[self.feature]
        for name in ("window", "horizon", "tau"):
            if name in row.needs and getattr(self, name) is None:
                message = Message('feature "{feature}" needs {key}', feature=self.feature, key=name)
                yield Inconsistency(("feature", name), message)
            if name not in row.needs and getattr(self, name) is not None:
                message = Message('feature "{feature}" takes no {key}', feature=self.feature, key=name)
                yield Inconsistency(("feature", name), message)
        if self.per is not None and not row.per_time:
            message = Message('feature "{feature}" takes no {key}', feature=self.feature, key="per")
            yield Inconsistency(("feature", "per"), message)

    @property
    def direction(self) -> Literal["high", "low"]:
        """Side of the setpoint on which the limit is violated."""
        return "low" if self.high is None else "high"

    @property
    def setpoint(self) -> float:
        """The number of `high` or `low`. [unit of the feature]."""
        return next(number for number in (self.high, self.low) if number is not None)

    @property
    def clears_at(self) -> Decimal:
        """The number beyond which, on the safe side, the limit clears; exact, from `clear` or `deadband`. [unit]."""
        if self.clear is not None:
            return written(self.clear)
        move = minus if self.direction == "high" else plus
        return move(written(self.setpoint), written(self.deadband or 0.0))

    @property
    def per_or_minute(self) -> int:
        """Time unit of the feature; a minute by default. [ns]."""
        return self.per or MINUTE

    @property
    def looks_ahead(self) -> bool:
        """Whether the limit is about the future, so that the page shows a forecast beside it."""
        return FEATURES[self.feature].looks_ahead


class Vote(Entity):
    """A [[vote]] table of a site file: k of n conditions."""

    id: Id = Field(description="Name by which votes and events refer to it.")
    hazard_source: str = Field(min_length=1, description="The hazard source that it speaks for.")
    at_least: int = Field(ge=1, strict=True, description="How many members must stand, or be in doubt. [1]")
    of: tuple[str, ...] = Field(
        min_length=1, description="Limits, health conditions (stale:POINT ...), interlocks, votes."
    )
    level: Level = Field(description="How grave it is.")
    message: Prose = Field(default="", description="What the alarm says.")
    message_en: Prose = Field(default="", description="The same in English.")
    response: Prose = Field(default="", description="What the dispatcher does.")
    response_en: Prose = Field(default="", description="The same in English.")
    ticket: bool = Field(default=False, strict=True, description="Whether an alarm opens a hazard ticket.")


class Interlock(Entity):
    """An [[interlock]] table of a site file: power that should be off but is not (应断未断)."""

    id: Id = Field(description="Name by which votes and events refer to it.")
    cut: str = Field(min_length=1, description="The limit that cuts the power.")
    feed: str = Field(min_length=1, description="The feed point (馈电): 1 = voltage on the load side.")
    within: Duration = Field(default=2 * SECOND, description="How long the cut may take. [duration]")
    level: Level = Field(description="How grave it is.")
    message: Prose = Field(default="", description="What the alarm says.")
    message_en: Prose = Field(default="", description="The same in English.")
    response: Prose = Field(default="", description="What the dispatcher does.")
    response_en: Prose = Field(default="", description="The same in English.")
    ticket: bool = Field(default=False, strict=True, description="Whether an alarm opens a hazard ticket.")
