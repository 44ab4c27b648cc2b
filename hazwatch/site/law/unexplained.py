"""Finds limits that become looser although neither an article nor a person permits it.

The id of a point stands for one sensor at one place. A profile whose articles say must therefore stays with its point,
and another one is accepted if it asks for as much; a sensor that is moved gets a new id.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from hazwatch.site.binding import is_as_strict, is_bound, left_behind
from hazwatch.site.config import Config
from hazwatch.site.law.limits_in_force import LimitsInForce
from plant import Message, Point
from plant.profiles import Profile, known_quantities, profiles
from rules import FEATURES, Limit


def unexplained(config: Config, before: LimitsInForce, allowed: Collection[str] = ()) -> list[str]:
    """Return the limits in force that are kept no longer, without a new basis, on points without profile.

    Only quantities that have profiles count, by the point in force or by the new one. A limit is kept by any limit of
    the same point, feature and direction that is as strict, whatever its id. `allowed` names rules, points and hazard
    sources whose limits may be missing.
    """
    limits = limits_by_point(config.rules.limits)
    released = []
    for limit in before.limits:
        point = config.points.get(limit.point)
        if point is None or point.profile is not None or not _is_known(point, before):
            continue
        successors = [new for new in limits.get(point.id, ()) if _side(new) == _side(limit)]
        if successors:
            is_released = not _is_kept(limit, point, successors, before)
        else:
            # A limit of a rate or a mean may go, as any other rule may; one of the value itself may not.
            is_allowed = not {limit.id, point.id, point.hazard_source}.isdisjoint(allowed)
            is_released = FEATURES[limit.feature].is_value and not is_allowed
        if is_released:
            released.append(limit.id)
    return released


def _is_known(point: Point, before: LimitsInForce) -> bool:
    return not {point.quantity, before.quantities.get(point.id)}.isdisjoint(known_quantities())


def _is_kept(limit: Limit, point: Point, successors: Sequence[Limit], before: LimitsInForce) -> bool:
    """Tell whether a limit of the same feature and direction is as strict, or has a basis that is new."""
    # Under an unknown quantity the next edit could be looser unseen, so the change of quantity needs a reason as well.
    if point.quantity in known_quantities() and any(is_as_strict(new, limit, point) for new in successors):
        return True
    old_bases = {"", *before.bases.get(point.id, ())}
    return any(new.basis not in old_bases for new in successors)


def _side(limit: Limit) -> tuple[str, str]:
    return limit.feature, limit.direction


def limits_by_point(limits: Iterable[Limit]) -> dict[str, list[Limit]]:
    """Return limits by their points."""
    by_point: dict[str, list[Limit]] = {}
    for limit in limits:
        by_point.setdefault(limit.point, []).append(limit)
    return by_point


def keeper(legal: Limit, point: Point, of_point: Sequence[Limit]) -> Limit | None:
    """Return the limit of a point that keeps one of its old profile: that of its id, or else one that is as strict."""
    own = next((limit for limit in of_point if limit.id == legal.id), None)
    return own or next((limit for limit in of_point if is_as_strict(limit, legal, point)), None)


def why_refused(limit: str) -> Message:
    """Return what an engineer must write before such a limit is accepted."""
    return Message(
        "{limit} has no profile: refused, until its `basis`, or that of the limit in its place, names who decided, "
        "and why",
        limit=limit,
    )


def refuse_loosened(config: Config, before: LimitsInForce) -> None:
    """Compare a site file with what is in force.

    Raises
    ------
    ValueError
        Limits become looser, and the article does not permit it, or nobody answers for them.

    """
    problems = [*_dropped(config, before), *substitutes(config, before), *map(why_refused, unexplained(config, before))]
    if problems:
        raise ValueError(*problems)


def _dropped(config: Config, before: LimitsInForce) -> Iterator[Message]:
    """Yield why points are refused that no longer name their profile.

    Limits that are as strict as before do not help: the edit after this one could loosen them with a `basis`.
    """
    for name, named in before.profiles.items():
        point = config.points.get(name)
        if point is not None and left_behind(named, point):
            yield Message(
                '{point} no longer names the profile "{profile}", whose article says must; expected this profile, one '
                "that asks for as much, or a new id for a sensor at another place",
                point=name,
                profile=named,
            )


def substitutes(config: Config, before: LimitsInForce) -> Iterator[Message]:
    """Yield why new points without profile are refused: each may be a removed point of a profile under another id.

    A point that is calculated now, and was measured, counts as removed for the new point at its address: its formula
    could make the value smaller.
    """
    removed = [(name, profiles()[named]) for name, named in before.profiles.items() if named in profiles()]
    removed = [(name, of_point) for name, of_point in removed if _is_gone(name, config) and is_bound(of_point)]
    for point in config.points.points:
        if point.profile is not None or point.id in before.places:
            continue
        for name, of_point in removed:
            if _stands_in(point, name, of_point, before, config):
                yield Message(
                    '{point} takes the place of {removed}, whose profile "{profile}" must be kept; expected '
                    "a `profile`",
                    point=point.id,
                    removed=name,
                    profile=of_point.name,
                )


def _is_gone(name: str, config: Config) -> bool:
    point = config.points.get(name)
    return point is None or point.expression is not None


def _stands_in(point: Point, removed: str, of_point: Profile, before: LimitsInForce, config: Config) -> bool:
    """Tell whether a new point may be a removed one under another id."""
    if (point.source, point.address) == before.addresses.get(removed):
        return True
    others = known_quantities().difference(of_point.quantities)
    is_alike = removed not in config.points and point.unit in of_point.units and point.quantity not in others
    return is_alike and point.hazard_source == before.places.get(removed)
