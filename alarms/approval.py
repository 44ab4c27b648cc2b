"""Approval of rules and presentation: an author and a second person answer for both before they come into force."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self, TypeVar

from pydantic import Field, model_validator

from alarms.command_fields import Reference, WrittenText
from alarms.entries import Adoption
from alarms.person import PersonName, same_person
from plant import Entity, Message


class Approval(Entity):
    """The decision of two people that one rule-set and presentation follow others, and the reason."""

    version: Reference = Field(description="The rule-set that is approved.")
    replaces: Reference | None = Field(
        description="The one in force that it was compared with; none at the very first."
    )
    record: int | None = Field(ge=1, description="Number of the journal's record by which that one came into force.")
    presentation: Reference | None = Field(
        default=None, description="The presentation that is approved; none in approvals of older versions."
    )
    presentation_replaces: Reference | None = Field(default=None, description="The presentation in force.")
    presentation_record: int | None = Field(
        default=None, ge=1, description="Number of the journal's record by which that one came into force."
    )
    author: PersonName = Field(description="Who wrote it.")
    approver: PersonName = Field(description="Who approved it: another person.")
    reason: WrittenText = Field(description="Why.")
    approved: int = Field(ge=0, lt=2**62, description="When, on the clock of the machine. [ns, UTC]")

    @model_validator(mode="after")
    def _by_two(self) -> Self:
        if same_person(self.author, self.approver):
            raise ValueError(
                Message("{author} wrote it and cannot approve it; expected another person", author=self.author)
            )
        return self

    @property
    def approved_versions(self) -> str:
        """The versions of rules and presentation, as people read them."""
        return self.version if self.presentation is None else f"{self.version} / {self.presentation}"

    def fits(self, version: str, in_force: "RulesInForce | None") -> bool:
        """Tell whether it approves a rule-set, and as the successor of the rule-set in force."""
        # The record is compared as well: if the same rules came into force again later, the approval is void.
        return self.version == version and (
            in_force is None or (self.replaces, self.record) == (in_force.version, in_force.record)
        )

    def presents(self, version: str, in_force: "PresentationInForce | None") -> bool:
        """Tell whether it approves a presentation, and as the successor of the presentation in force."""
        return self.presentation == version and self._follows(in_force)

    def still_waits(self, rules: "RulesInForce", presentation: "PresentationInForce") -> bool:
        """Tell whether it could bring something into force after these two."""
        if self.presentation is None:
            return self.version != rules.version and self.fits(self.version, rules)
        in_force = (rules.version, presentation.version)
        follows = self.fits(self.version, rules) and self._follows(presentation)
        return follows and (self.version, self.presentation) != in_force

    def _follows(self, in_force: "PresentationInForce | None") -> bool:
        replaced = (self.presentation_replaces, self.presentation_record)
        return in_force is None or replaced == (in_force.version, in_force.record)


@dataclass(frozen=True, slots=True)
class InForce:
    """A version that came into force, from its record in the journal.

    Attributes
    ----------
    version : str
        The version.
    since : int
        Log time at which it came into force. [ns, UTC]
    record : int
        Number of its record in the journal.
    author, approver, reason : str or None
        People and reason of its approval; None for the first version, which needs no approval.
    approved : int or None
        Time of the approval. [ns, UTC]

    """

    version: str
    since: int
    record: int
    author: str | None = None
    approver: str | None = None
    reason: str | None = None
    approved: int | None = None

    @classmethod
    def of(cls, entry: Adoption, record: int, time: int) -> Self:
        """Return the version that a record with this number and log time [ns, UTC] brought into force."""
        return cls(entry.version, time, record, entry.author, entry.approver, entry.reason, entry.approved)


class RulesInForce(InForce):
    """The rule-set in force."""

    __slots__ = ()


class PresentationInForce(InForce):
    """The presentation in force."""

    __slots__ = ()


AdoptionT = TypeVar("AdoptionT", bound=Adoption)


def adoption(
    kind: type[AdoptionT], content: str, version: str, in_force: InForce | None, approval: Approval | None
) -> Iterator[AdoptionT]:
    """Yield the entry of a kind by which a version comes into force; none if it is in force already.

    Without an approval it keeps the people of the version in force, since the two say the same. The first version has
    no people.
    """
    if in_force is not None and in_force.version == version:
        return
    # An approval of an older Hazwatch names no presentation: its people have not seen this one.
    named = approval is not None and version in (approval.version, approval.presentation)
    people = approval if named else in_force
    yield kind(
        version=version,
        replaces=None if in_force is None else in_force.version,
        author=None if people is None else people.author,
        approver=None if people is None else people.approver,
        reason=None if people is None else people.reason,
        approved=None if people is None else people.approved,
        content=content,
    )
