"""Finds limits that become looser although neither a profile nor a person answers for them."""

from collections.abc import Iterable, Mapping

from hazwatch.site.config import Config
from plant import Message
from plant.profiles import known_quantities
from rules import Limit, RuleChange, changes


def unexplained(config: Config, edits: Iterable[RuleChange], before: Mapping[str, Limit]) -> list[str]:
    """Return the limits that become looser without a new basis, on points without profile of a quantity that has some.

    Parameters
    ----------
    config : Config
        Site file with the new rules.
    edits : iterable of RuleChange
        From the rules in force to the new ones.
    before : mapping of str to Limit
        Limits in force by id, as far as their basis is known.

    """
    limits = {limit.id: limit for limit in config.rules.limits}
    names = [edit.name for edit in edits if edit.table == "limit" and edit.kind == "changed" and edit.looser]
    return [
        name
        for name in names
        if (point := config.points[limits[name].point]).profile is None
        and point.quantity in known_quantities()
        and limits[name].basis in ("", before[name].basis if name in before else "")
    ]


def why_refused(limit: str) -> Message:
    """Return what an engineer must write before such a limit is accepted."""
    return Message("{limit} has no profile: refused, until its `basis` names who decided, and why", limit=limit)


def refuse_unexplained(config: Config, content: str | None) -> None:
    """Compare a site file with the content of the rules in force.

    Raises
    ------
    ValueError
        Limits become looser, and nobody answers for them.

    """
    names = [] if content is None else unexplained(config, changes(config.rules.content, content), {})
    if names:
        raise ValueError(*map(why_refused, names))
