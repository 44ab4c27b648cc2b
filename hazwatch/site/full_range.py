"""Outburst mines: which mine is one, as far as its file tells, and where it needs full range (article 538)."""

from collections.abc import Iterable, Iterator
from typing import Final

from plant import HazardSource, Message, Point
from plant.law import article

FULL_RANGE: Final = (0.0, 100.0)
"""Range of a full-range methane sensor. [%]"""
FULL_RANGE_PLACES: Final = frozenset(
    ("ch4.face", "ch4.face-outburst", "ch4.upper-corner", "ch4.return", "ch4.return-middle", "ch4.intake-outburst",
     "ch4.intake-series", "ch4.heading", "ch4.heading-return", "ch4.heading-twin-return", "ch4.heading-intake-outburst",
     "ch4.tbm", "ch4.district-return", "ch4.total-return")
)  # fmt: skip
"""Profiles of the places at which an outburst mine must have full-range sensors."""


def is_outburst(hazard_sources: Iterable[HazardSource], points: Iterable[Point]) -> bool:
    """Tell whether a file shows an outburst mine: by the kind of a hazard source, or the profile of a point."""
    return any(source.kind == "outburst" for source in hazard_sources) or any(
        (point.profile or "").endswith("-outburst") for point in points
    )


def short_ranges(hazard_sources: Iterable[HazardSource], points: Iterable[Point]) -> Iterator[tuple[str, Message]]:
    """Yield the points of an outburst mine that must have full range and have not, each with a message."""
    of_mine = list(points)
    if not is_outburst(hazard_sources, of_mine):
        return
    for point in of_mine:
        if point.profile in FULL_RANGE_PLACES and not _covers(point.range):
            message = Message(
                "{article}: a full-range methane sensor is required; expected range = [0.0, 100.0], found {range}",
                article=article(538).name,
                range=list(point.range) if point.range else Message("none"),
            )
            yield point.id, message


def _covers(ends: tuple[float, float] | None) -> bool:
    return ends is not None and ends[0] <= FULL_RANGE[0] and ends[1] >= FULL_RANGE[1]
