"""`LimitsInForce`: what is known of the points and limits in force, with which a new site file is compared."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from hazwatch.site.config import Config
from hazwatch.site.presentation import Presentation
from rules import Limit, RuleSet


@dataclass(frozen=True, slots=True)
class LimitsInForce:
    """Points and limits in force.

    Attributes
    ----------
    profiles, quantities : mapping of str to str
        Profile and quantity by point; a point without one is left out.
    places : mapping of str to str
        Hazard source by point.
    addresses : mapping of str to (str, str)
        Source and address by point; empty if they are not known.
    limits : sequence of Limit
        The limits; empty if they are not known.
    bases : mapping of str to frozenset of str
        What the limits of a point state as their basis, by point.

    """

    profiles: Mapping[str, str]
    quantities: Mapping[str, str]
    places: Mapping[str, str]
    addresses: Mapping[str, tuple[str, str]]
    limits: Sequence[Limit]
    bases: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, config: Config) -> Self:
        """Return what a site file has in force."""
        points = config.points.points
        return cls(
            profiles={point.id: point.profile for point in points if point.profile is not None},
            quantities={point.id: point.quantity for point in points if point.quantity},
            places={point.id: point.hazard_source for point in points},
            addresses={point.id: (point.source, point.address) for point in points if point.source and point.address},
            limits=config.rules.limits,
            bases=_bases(config.rules.limits, {limit.id: limit.basis for limit in config.rules.limits}),
        )

    @classmethod
    def read(cls, content: str | None, presented: Presentation | None) -> Self:
        """Return what the contents of rules and presentation tell; None is one that is not known."""
        tables = {} if presented is None else presented.tables
        points = tables.get("point", ())
        rules = RuleSet((), (), (), ())
        # Another version of the program may have written the content; then nobody can compare its limits.
        with suppress(ValueError):
            rules = rules if content is None else RuleSet.read(content)
        limits = rules.limits
        return cls(
            profiles={entry["id"]: entry["profile"] for entry in points if "profile" in entry},
            quantities={entry["id"]: entry["quantity"] for entry in points if "quantity" in entry},
            places={point.id: point.hazard_source for point in rules.points},
            addresses={},
            limits=limits,
            bases=_bases(limits, {entry["id"]: entry.get("basis", "") for entry in tables.get("limit", ())}),
        )


def _bases(limits: Iterable[Limit], stated: Mapping[str, str]) -> dict[str, frozenset[str]]:
    bases: dict[str, frozenset[str]] = {}
    for limit in limits:
        bases[limit.point] = bases.get(limit.point, frozenset()) | {stated.get(limit.id, "")}
    return bases
