"""Texts about damages of history."""

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from adapters.stores import Damage
from hazwatch.words.numbers import moment
from plant import Message
from plant.units import SECOND

MOST_NAMED: Final = 5
"""So many points are named; `hazwatch verify` and the log name all."""


def damage_message(damage: Damage, zone: ZoneInfo) -> Message:
    """Return the day, points, period and part of a damage, with times in the site's zone."""
    return Message(
        "history of {day}: {what}; samples of {points} that arrived from {start} to {end} may be missing ({file})",
        day=damage.day,
        what=damage.what,
        points=_points(damage.points),
        start=moment(damage.start, zone),
        end=moment(damage.end + SECOND - 1, zone),
        file=damage.path.name,
    )


def damages_of_day(damages: Iterable[Damage], zone: ZoneInfo) -> Message:
    """Return what a page says of all damages of one day."""
    first, *others = damages
    return (
        Message(
            "{first}; {count} more {count:damage|damages} of this day; hazwatch verify lists them",
            first=damage_message(first, zone),
            count=len(others),
        )
        if others
        else damage_message(first, zone)
    )


def _points(names: tuple[str, ...]) -> Message | tuple[str, ...]:
    if not names:
        return Message("all points")
    if len(names) <= MOST_NAMED:
        return names
    return Message("{names} and {count} more", names=names[:MOST_NAMED], count=len(names) - MOST_NAMED)
