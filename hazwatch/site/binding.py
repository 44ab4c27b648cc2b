"""What the articles say must be at the place of a point: no approval permits less, and no edit leads out of it."""

from collections.abc import Iterable, Iterator, Sequence

from plant import Point
from plant.profiles import Profile, profiles
from rules import Limit, looser_keys


def limits_around(of_point: Profile, point: Point) -> list[Limit]:
    """Return the limits that must be in the air around the place of a profile, and so at the place as well."""
    around = profiles().get(of_point.within)
    return [] if around is None else list(_binding(around, point))


def unkept(required: Iterable[Limit], limits: Sequence[Limit], point: Point) -> list[Limit]:
    """Return those of the required limits than which every limit of the point is looser."""
    return [legal for legal in required if all(looser_keys(limit, legal, point) for limit in limits)]


def left_behind(name: str, point: Point) -> list[Limit]:
    """Return the limits that must be at the place of a profile, and that bind a point no longer.

    Only the profile that the point names now counts, not the limits that its site file writes: those may be as strict
    today, and looser with the next edit.
    """
    of_old, of_new = profiles().get(name), profiles().get(point.profile or "")
    if of_old is None or point.profile == name:
        return []
    required = [*_binding(of_old, point), *limits_around(of_old, point)]
    if of_new is None or of_new.quantities != of_old.quantities:
        return required
    kept = [*_binding(of_new, point), *limits_around(of_new, point)]
    return [legal for legal in required if not any(is_as_strict(limit, legal, point) for limit in kept)]


def is_bound(of_point: Profile) -> bool:
    """Tell whether anything must be at the place of a profile."""
    around = profiles().get(of_point.within)
    there = (of_point,) if around is None else (of_point, around)
    return any(place.binds(suffix) for place in there for suffix, _ in place.setpoints())


def _binding(of_point: Profile, point: Point) -> Iterator[Limit]:
    limits = map(Limit.model_validate, of_point.limits(point))
    return (limit for limit in limits if of_point.binds(limit.id))


def is_as_strict(limit: Limit, than: Limit, point: Point) -> bool:
    """Tell whether a limit of a point is as strict as another one, and no less grave."""
    return limit.level.rank <= than.level.rank and not looser_keys(limit, than, point)
