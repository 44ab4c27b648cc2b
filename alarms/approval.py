"""Approval of a rule-set: an author and a second person answer for it before it comes into force."""

from dataclasses import dataclass
from typing import Self

from pydantic import Field, model_validator

from alarms.command import Reference, WrittenText
from alarms.entries import RulesAdoption
from alarms.person import PersonName, same_person
from plant import Entity, Message


class Approval(Entity):
    """The decision of two people that one rule-set follows another, and the reason."""

    version: Reference = Field(description="The rule-set that is approved.")
    replaces: Reference | None = Field(
        description="The one in force that it was compared with; none at the very first."
    )
    record: int | None = Field(ge=1, description="Number of the journal's record by which that one came into force.")
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

    def fits(self, version: str, in_force: "RulesInForce | None") -> bool:
        """Tell whether it approves a rule-set, and as the successor of the rule-set in force."""
        # The record is compared as well: if the same rules came into force again later, the approval is void.
        return self.version == version and (
            in_force is None or (self.replaces, self.record) == (in_force.version, in_force.record)
        )


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """A rule-set that came into force, from its record in the journal.

    Attributes
    ----------
    version : str
        Version of the rule-set.
    since : int
        Log time at which it came into force. [ns, UTC]
    record : int
        Number of its record in the journal.
    author, approver, reason : str or None
        People and reason of its approval; None for the first rule-set, which needs no approval.
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
    def of(cls, entry: RulesAdoption, record: int, time: int) -> Self:
        """Return the rule-set that a record with this number and log time [ns, UTC] brought into force."""
        return cls(entry.version, time, record, entry.author, entry.approver, entry.reason, entry.approved)


def adoption(content: str, version: str, in_force: RulesInForce | None, approval: Approval | None) -> RulesAdoption:
    """Return the entry by which a rule-set comes into force.

    Without an approval it keeps the people of the rule-set in force, since the two say the same. The first rule-set has
    no people.
    """
    people = approval or in_force
    return RulesAdoption(
        version=version,
        replaces=None if in_force is None else in_force.version,
        author=None if people is None else people.author,
        approver=None if people is None else people.approver,
        reason=None if people is None else people.reason,
        approved=None if people is None else people.approved,
        content=content,
    )
