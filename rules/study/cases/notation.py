"""The notation of a series in a rule case: "0.6x5 1.2 _x3 !x2 c1.5x90 0.6..1.4x60"."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant import Message, Quality, State, message_of
from plant.bounds import MOST_PLACES, shown

NUMBER_PATTERN: Final = r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
WORD: Final = re.compile(rf"(?:(_)|(!)|([co?]?)({NUMBER_PATTERN})(?:\.\.({NUMBER_PATTERN}))?)(?:x([0-9]{{1,9}}))?")
WORDS_SHOWN: Final = 10
"""Number of wrong words that a message names for each problem. [1]"""
EXPECTED_SERIES: Final = Message(
    'expected a value and how often, such as 0.6x5, "_x5" (no sample), "!x5" (bad), "c1.5x90" (calibrating), '
    '"o4.0" (over range), "?0.6" (uncertain), "0.6..1.4x60" (a ramp)'
)
MARKS: Final = {
    "": (Quality.GOOD, State.NORMAL),
    "c": (Quality.GOOD, State.CALIBRATING),
    "o": (Quality.GOOD, State.OVER_RANGE),
    "?": (Quality.UNCERTAIN, State.NORMAL),
}


@dataclass(frozen=True, slots=True)
class Series:
    """Samples of one point at whole periods since the start of a case.

    Attributes
    ----------
    places : int
        Number of periods that it fills, including those without a sample. [1]
    place : list of int
        Period of each sample, from 0. [1]
    value : list of float
        Values; NaN if the quality is BAD. [unit of the point]
    quality, state : list of int
        `plant.Quality`, `plant.State`.

    """

    places: int
    place: list[int]
    value: list[float]
    quality: list[int]
    state: list[int]


def parse_series(text: str, resolution: float | None) -> Series:
    """Read a series.

    Parameters
    ----------
    text : str
        Words separated by blanks.
    resolution : float or None
        Resolution of the point: values inside a ramp are its multiples. [unit of the point]

    Raises
    ------
    ValueError
        The text is empty or has words that cannot be read; the message names all of them.

    """
    series = Series(0, [], [], [], [])
    wrong: dict[Message, list[str]] = {}
    places = 0
    for word in text.split() or [""]:
        try:
            places += _read(word, resolution, places, series)
        except ValueError as error:
            wrong.setdefault(message_of(error), []).append(f'"{shown(word)}"')
    if wrong:
        problems = [
            Message("{words}: {problem}", words=tuple(words[:WORDS_SHOWN]), problem=message)
            for message, words in wrong.items()
        ]
        raise ValueError(Message("{problems}", problems=tuple(problems)))
    return Series(places, series.place, series.value, series.quality, series.state)


def places_of(text: str) -> int:
    """Return how many places a series fills, without reading its values; words that cannot be read fill none."""
    matches = map(WORD.fullmatch, text.split())
    return sum(int(match[6] or 1) for match in matches if match is not None)


def _read(word: str, resolution: float | None, place: int, series: Series) -> int:
    """Add the samples of a word; return the number of places that it fills."""
    match = WORD.fullmatch(word)
    if match is None:
        raise ValueError(EXPECTED_SERIES)
    nothing, bad, mark, first, last, times = match.groups()
    count = 1 if times is None else int(times)
    if count < (1 if last is None else 2):
        raise ValueError(Message("expected it at least once, and a ramp at least twice, such as 0.6..1.4x60"))
    if count > MOST_PLACES - place:
        raise ValueError(Message("expected at most {most} places in a series", most=MOST_PLACES))
    if nothing:
        return count
    quality, state = (Quality.BAD, State.NORMAL) if bad else MARKS[mark]
    series.value.extend([float("nan")] * count if bad else _values(first, last, count, resolution))
    series.place.extend(range(place, place + count))
    series.quality.extend([int(quality)] * count)
    series.state.extend([int(state)] * count)
    return count


def _values(first: str, last: str | None, count: int, resolution: float | None) -> list[float]:
    begin, end = float(first), float(first if last is None else last)
    if last is None and math.isfinite(begin):
        return [begin] * count
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.linspace(begin, end, count)
        between = steps if resolution is None else _rounded(steps, resolution)
    if not np.isfinite((begin, end, *between)).all():
        raise ValueError(Message("expected numbers that a float64 can hold"))
    return [begin, *between[1:-1].tolist(), end]


def _rounded(values: NDArray[np.float64], resolution: float) -> NDArray[np.float64]:
    """Return the nearest multiples of a resolution, each the float64 of its shortest decimal."""
    digits = -int(Decimal(repr(resolution)).as_tuple().exponent)
    return np.asarray(np.round(np.rint(values / resolution) * resolution, max(digits, 0)), dtype=np.float64)
