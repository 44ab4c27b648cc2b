"""Finds limits that become looser although neither an article nor a person permits it."""

from collections.abc import Iterable, Iterator, Mapping

from hazwatch.site.config import Config
from hazwatch.site.presentation import Presentation
from plant import Message
from plant.profiles import known_quantities, profiles
from rules import Limit, RuleChange, changes, looser_keys


def unexplained(config: Config, edits: Iterable[RuleChange], bases: Mapping[str, str]) -> list[str]:
    """Return the limits that become looser without a new basis, on points without profile of a quantity that has some.

    Parameters
    ----------
    config : Config
        Site file with the new rules.
    edits : iterable of RuleChange
        From the rules in force to the new ones.
    bases : mapping of str to str
        Basis of the limits in force by id, as far as it is known.

    """
    limits = {limit.id: limit for limit in config.rules.limits}
    names = [edit.name for edit in edits if edit.table == "limit" and edit.kind == "changed" and edit.looser]
    return [
        name
        for name in names
        if (point := config.points[limits[name].point]).profile is None
        and point.quantity in known_quantities()
        and limits[name].basis in ("", bases.get(name, ""))
    ]


def why_refused(limit: str) -> Message:
    """Return what an engineer must write before such a limit is accepted."""
    return Message("{limit} has no profile: refused, until its `basis` names who decided, and why", limit=limit)


def refuse_loosened(config: Config, content: str | None, presented: Presentation | None) -> None:
    """Compare a site file with the rules and the presentation in force; either is None if it is not known.

    Raises
    ------
    ValueError
        Limits become looser, and the article does not permit it, or nobody answers for them.

    """
    entries = {} if presented is None else {entry["id"]: entry for entry in presented.tables["limit"]}
    bases = {name: entry.get("basis", "") for name, entry in entries.items()}
    edits = [] if content is None else changes(config.rules.content, content)
    problems = [*_dropped(config, presented), *map(why_refused, unexplained(config, edits, bases))]
    if problems:
        raise ValueError(*problems)


def _dropped(config: Config, presented: Presentation | None) -> Iterator[Message]:
    """Yield the limits that must be kept, of profiles in force that points no longer name."""
    limits = {limit.id: limit for limit in config.rules.limits}
    for entry in () if presented is None else presented.tables["point"]:
        point, of_point = config.points.get(entry["id"]), profiles().get(entry.get("profile", ""))
        if point is None or of_point is None or point.profile is not None:
            continue
        for table in of_point.limits(point):
            legal = Limit.model_validate(table)
            now = limits.get(legal.id)
            if of_point.binds(legal.id) and (now is None or now.point != point.id or looser_keys(now, legal, point)):
                yield Message(
                    '{point} no longer names the profile "{profile}", whose article says must; expected {limit} as '
                    "strict as before, or the profile of another place",
                    point=point.id,
                    profile=of_point.name,
                    limit=legal.id,
                )
