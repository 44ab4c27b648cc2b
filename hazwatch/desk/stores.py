"""What the page says of the stores: a journal or a historian that cannot be written, and days with damage."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from adapters.stores import Damage
from console import LevelName
from hazwatch.words import text
from hazwatch.words.damages import damages_of_day
from plant import Message, Text

STORES: Final = {"journal": Message("the journal"), "historian": Message("the historian")}


def store_troubles(
    reasons: Mapping[str, Message], damages: Iterable[Damage], zone: ZoneInfo
) -> dict[str, tuple[LevelName, Text]]:
    """Return the notices of the stores by their ids.

    Parameters
    ----------
    reasons : mapping
        Why a store cannot be written at present.
    damages : iterable of Damage
        Damages of the history.
    zone : ZoneInfo
        Zone of the times in the notices.

    """
    troubles: dict[str, tuple[LevelName, Text]] = {
        name: ("red", text(Message("{store} cannot be written: {reason}", store=STORES[name], reason=reason)))
        for name, reason in reasons.items()
    }
    # One notice per day, however many damages: the page is for what happens now, and `verify` lists them all.
    for day, of_day in groupby(sorted(damages), key=lambda damage: damage.day):
        troubles[f"history {day}"] = ("orange", text(damages_of_day(of_day, zone)))
    return troubles
