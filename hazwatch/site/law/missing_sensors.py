"""Finds what the articles about sensors require and a site file does not have, as far as the file tells."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from hazwatch.site.bounded import read_text
from hazwatch.site.config import Config
from hazwatch.site.full_range import is_outburst
from hazwatch.site.site_text import Mistake, SiteText
from plant import Message
from plant.law import RequiredSensor, article, required_sensors
from plant.profiles import profiles

CUT: Final = "cut"
"""Limits of profiles whose id ends like this, or continues it, are those at which power is cut."""
LACK_TABLES: Final = ("site", "hazard_source", "point")
"""Tables of lacks, in the order of the report."""


class Lack(NamedTuple):
    """Something that an article requires and the site file does not have; an empty id means the whole site."""

    table: str
    name: str
    message: Message


def missing_sensors(config: Config) -> list[Mistake]:
    """Return what the site file does not have, each with its place: for the site, by hazard source, then by point."""
    text = SiteText(config.path, read_text(config.path))
    order = {
        "hazard_source": {source.id: number for number, source in enumerate(config.hazard_sources)},
        "point": {name: number for number, name in enumerate(config.points.ids)},
    }
    written = text.count("point")
    placed = []
    for table, name, message in _lacks(config):
        number = order[table][name] if name else None
        mistake = text.mistake(table, number, name, (), message)
        if table == "point" and number is not None and number >= written:
            # The point stands in a table of its own, and the site file has no line for it.
            mistake = replace(mistake, line=0, message=Message("{path}: {problem}", path=mistake.path, problem=message))
        placed.append(mistake)
    return placed


def _lacks(config: Config) -> list[Lack]:
    outburst = is_outburst(config.hazard_sources, config.points.points)
    sensors = [sensor for sensor in required_sensors() if outburst or not sensor.outburst]
    lacks = [lack for sensor in sensors for lack in _missing(config, sensor)]
    lacks += _without_feed(config)
    return sorted(lacks, key=lambda lack: LACK_TABLES.index(lack.table))


def _missing(config: Config, sensor: RequiredSensor) -> Iterator[Lack]:
    spellings = _spellings(sensor.quantities)
    places = list(dict.fromkeys(p.hazard_source for p in config.points.points if p.profile in sensor.place))
    at = {source.id: source.place or source.id for source in config.hazard_sources}
    counted = (p for p in config.points.points if p.profile not in sensor.other_than)
    there = [p for p in counted if p.profile in sensor.profiles or p.quantity in spellings]
    # The gas and the fire of one face are two hazard sources at one place: they share their sensors.
    present = {at[point.hazard_source] for point in there}
    message = Message("{article}: no {what}", article=sensor.article.name, what=sensor.what)
    if sensor.whole_site:
        if places and not present:
            yield Lack("site", "", message)
        return
    yield from (Lack("hazard_source", place, message) for place in places if at[place] not in present)


def _spellings(quantities: Collection[str]) -> set[str]:
    """Return every spelling of quantities, some of which have profiles."""
    known = {row.quantities for row in profiles().values() if row.quantities[0] in quantities}
    return {*quantities, *(name for names in known for name in names)}


def _without_feed(config: Config) -> Iterator[Lack]:
    """Yield the points at which power is cut, and no interlock watches the feed."""
    watched = {interlock.cut for interlock in config.rules.interlocks}
    methane = _spellings(("CH4",))
    cuts_of: dict[str, list[str]] = defaultdict(list)
    for name, limit in config.statutory.items():
        if name.removeprefix(f"{limit.point}.").startswith(CUT):
            cuts_of[limit.point].append(name)
    for point in config.points.points:
        cuts = cuts_of[point.id]
        if cuts and point.quantity in methane and watched.isdisjoint(cuts):
            message = Message(
                "{article}: no [[interlock]] watches the feed of {limit}", article=article(542).name, limit=cuts[0]
            )
            yield Lack("point", point.id, message)
