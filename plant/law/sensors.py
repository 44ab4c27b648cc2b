"""`RequiredSensor`: a sensor that an article requires at a place, as `sensors.toml` has it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from plant.law.articles import Article, article
from plant.message import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredSensor:
    """A sensor that a place must or should have.

    Attributes
    ----------
    article : Article
        The article that requires it.
    place : frozenset of str
        Profiles; where a point has one of them, there is such a place.
    outburst : bool
        Whether only outburst mines need it.
    whole_site : bool
        Whether one in the mine is enough, instead of one in the same hazard source.
    profiles, quantities : tuple of str
        A point with one of these profiles or quantities is such a sensor.
    other_than : frozenset of str
        Profiles of points that are no such sensor, although they have its quantity.
    what : Text
        Place and kind of the sensor.

    """

    article: Article
    place: frozenset[str]
    outburst: bool
    whole_site: bool
    profiles: tuple[str, ...]
    quantities: tuple[str, ...]
    other_than: frozenset[str]
    what: Text


@cache
def required_sensors() -> tuple[RequiredSensor, ...]:
    """Return all required sensors, in the order of the file."""
    table = tomllib.loads(files("plant.law").joinpath("sensors.toml").read_text(encoding="utf-8"))
    return tuple(
        RequiredSensor(
            article=article(row["article"]),
            place=frozenset(table["place"][row["place"]]),
            outburst=row.get("outburst", False),
            whole_site=row.get("whole_site", False),
            profiles=tuple(row.get("profiles", ())),
            quantities=tuple(row.get("quantities", ())),
            other_than=frozenset(row.get("other_than", ())),
            what=Text(row["what"], row["what_en"]),
        )
        for row in table["sensor"]
    )
