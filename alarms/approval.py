"""Who stands for a rule-set: its author, and another person who approved it, before it comes into force."""

import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from pydantic import Field, model_validator

from alarms.command import PersonName, WrittenText
from alarms.entries import RulesAdoption
from plant import Entity, Message


class Approval(Entity):
    """What two people decided: this rule-set is to follow that one, for this reason."""

    version: PersonName = Field(description="The rule-set that is approved.")
    replaces: PersonName | None = Field(
        description="The one in force that it was compared with; none at the very first."
    )
    record: int | None = Field(ge=1, description="Number of the journal's record by which that one came into force.")
    author: PersonName = Field(description="Who wrote it.")
    approver: PersonName = Field(description="Who approved it: another person.")
    reason: WrittenText = Field(description="Why.")
    approved: int = Field(ge=0, lt=2**62, description="When, on the clock of the machine. [ns, UTC]")

    @model_validator(mode="after")
    def _by_two(self) -> Self:
        if not _bare(self.author) or not _bare(self.approver):
            raise ValueError(Message("author and approver: expected names"))
        if same_person(self.author, self.approver):
            raise ValueError(
                Message("{author} wrote it and cannot approve it; expected another person", author=self.author)
            )
        return self

    def fits(self, version: str, in_force: "RulesInForce | None") -> bool:
        """Whether it was given for a rule-set, and for following the one that is in force, as it came into force."""
        return self.version == version and (
            in_force is None or (self.replaces, self.record) == (in_force.version, in_force.record)
        )


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """A rule-set that came into force, as the journal has it.

    Attributes
    ----------
    version : str
        Of the rule-set.
    since : int
        Log time at which it came into force. [ns, UTC]
    record : int
        Number of its record in the journal.
    author, approver, reason : str or None
        Who stands for it, and why it is; unknown of the one that was found in the site file at the very first.
    approved : int or None
        When it was approved. [ns, UTC]

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

    Without an approval the people of the rule-set in force stand for it, too: the two say the same. The very first
    rule-set may have no people.
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


FILLERS: Final = frozenset("\u115f\u1160")
"""Letters that nobody sees; those of full width are the same in NFKD."""


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same to a reader: width, case, accents, blanks and signs make no other person."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(sign for sign in folded if _is_seen(sign))


def _is_seen(sign: str) -> bool:
    """Whether a sign makes a name another one to a reader: letters and digits, not those that fill or modify."""
    kind = unicodedata.category(sign)
    return kind[0] in "LN" and kind != "Lm" and sign not in FILLERS
