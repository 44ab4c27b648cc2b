"""The story of the demo mine: the curves of its eight points, and a description of each moment for people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plant import Message, Point, PointTable, Quality, SampleBatch, State
from plant.units import MINUTE, SECOND
from simulators.scenario.signals import sensed, wander

SITE: Final = Path(__file__).with_name("site.toml")
"""The site file of the demo."""
CYCLE: Final = 12 * MINUTE
"""Length of the story, after which it starts again. [ns]"""


class StoryMoment(NamedTuple):
    """A moment of the story and its description; `at` counts from the story's start. [ns]."""

    at: int
    event: Message


class Curve(NamedTuple):
    """A polyline through (second, value) knots, and the standard deviation of the noise on it."""

    knots: tuple[tuple[float, float], ...]
    noise: float


class Spell(NamedTuple):
    """A period of the story in which a sensor does not measure. [s]."""

    point: str
    start: int
    end: int
    quality: Quality
    state: State


# The limits of site.toml turn these curves into the moments of STORY, so all three must change together.
CURVES: Final[Mapping[str, Curve]] = {
    "T1": Curve(
        (
            (0, 0.62),
            (25, 0.66),
            (75, 1.22),
            (90, 1.64),
            (110, 1.56),
            (150, 1.05),
            (165, 0.9),
            (200, 0.74),
            (250, 0.7),
            (280, 1.2),
            (310, 1.22),
            (345, 0.86),
            (380, 0.66),
            (720, 0.62),
        ),
        0.008,
    ),
    "T2": Curve(
        ((0, 0.45), (45, 0.46), (110, 0.88), (130, 0.88), (180, 0.6), (300, 0.62), (340, 0.5), (720, 0.45)), 0.008
    ),
    "CO-3101": Curve(((0, 6), (360, 6), (420, 27), (470, 31), (520, 21), (570, 9), (720, 6)), 0.4),
    "V-3101": Curve(((0, 1.9), (545, 1.9), (550, 0.8), (590, 0.8), (598, 1.9), (720, 1.9)), 0.04),
    "ZJ-45": Curve(
        ((0, 27.5), (95, 28.2), (120, 36.4), (135, 39.3), (165, 38.9), (172, 30.4), (250, 28), (720, 27.5)), 0.1
    ),
    "ZJ-60": Curve(((0, 26), (600, 26.5), (625, 36.2), (655, 36.5), (662, 27.5), (720, 26)), 0.1),
    "SW-1": Curve(
        ((0, 2.1), (170, 2.1), (230, 3.06), (250, 3.22), (290, 3.16), (380, 2.6), (480, 2.1), (720, 2.1)), 0.002
    ),
    "YS-1": Curve(((0, 182), (165, 182), (180, 331), (250, 338), (300, 240), (420, 185), (720, 182)), 2.0),
}

SPELLS: Final = (
    Spell("T2", 195, 235, Quality.BAD, State.SENSOR_FAULT),
    Spell("ZJ-60", 320, 350, Quality.BAD, State.SENSOR_FAULT),
    Spell("T1", 440, 510, Quality.GOOD, State.CALIBRATING),
)
CALIBRATION: Final = ((440, 1.0), (465, 2.0), (490, 0.0))
"""Standard gas on the sensor T1: (second from which it is applied, concentration). [%]"""

STORY: Final = (
    StoryMoment(
        30 * SECOND,
        Message("gas emission grows at the face: the rise of T1 raises an alarm (yellow) about 20 s later"),
    ),
    StoryMoment(55 * SECOND, Message("T1 reaches 1.0 %: alarm (orange), and a ticket")),
    StoryMoment(85 * SECOND, Message("T1 reaches 1.5 %: the power-cut alarm (red)")),
    StoryMoment(115 * SECOND, Message("support 45: periodic weighting, yellow, then orange")),
    StoryMoment(155 * SECOND, Message("T1 falls below 1.0 %: its alarms clear")),
    StoryMoment(180 * SECOND, Message("the inflow of water jumps, the sump rises")),
    StoryMoment(
        190 * SECOND,
        Message("the sump will soon be too high (yellow): no forecast at first, 10 s later one for 3.0 m"),
    ),
    StoryMoment(195 * SECOND, Message("sensor T2 fails, and is back after 40 s")),
    StoryMoment(225 * SECOND, Message("the sump reaches 3.0 m")),
    StoryMoment(265 * SECOND, Message("T1 above its limit again: attached to the same ticket")),
    StoryMoment(320 * SECOND, Message("the sensor of support 60 is off for 30 s")),
    StoryMoment(410 * SECOND, Message("carbon monoxide above 24 ppm")),
    StoryMoment(440 * SECOND, Message("T1 is calibrated for 70 s (1.0, 2.0, 0 %): no alarm")),
    StoryMoment(550 * SECOND, Message("an air door stands open: too little air in the return airway")),
    StoryMoment(625 * SECOND, Message("support 60: weighting")),
    StoryMoment(720 * SECOND, Message("the story begins again")),
)


def demo_trace(points: PointTable, start: int, *, seed: int = 3101, cycles: int = 10) -> SampleBatch:
    """Return the story's samples, one per point and second, over several cycles with different noise.

    Parameters
    ----------
    points : PointTable
        The points of the demo's site file.
    start : int
        Start of the first cycle. [ns, UTC]
    seed : int
        The same seed gives the same samples.
    cycles : int
        Number of cycles. [1]

    Raises
    ------
    KeyError
        The story has no curve for a point.

    """
    steps = cycles * CYCLE // SECOND
    seconds = np.arange(steps) % (CYCLE // SECOND)
    noise = wander(np.random.default_rng(seed), (len(points), steps), 5 * SECOND, SECOND)
    values = np.empty((len(points), steps))
    quality = np.zeros((len(points), steps), np.uint8)
    state = np.zeros((len(points), steps), np.uint16)
    for column, point in enumerate(points.points):
        values[column] = _values(point, seconds, noise[column])
        for spell in SPELLS:
            if spell.point == point.id:
                rows = (seconds >= spell.start) & (seconds < spell.end)
                quality[column, rows], state[column, rows] = spell.quality, spell.state
    return SampleBatch.of(
        np.tile(np.arange(len(points)), steps),
        np.repeat(start + np.arange(steps) * SECOND, len(points)),
        values.T.ravel(),
        quality=quality.T.ravel(),
        state=state.T.ravel(),
    )


def _values(point: Point, seconds: NDArray[np.int64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    curve = CURVES[point.id]
    lowest, highest = point.range or (-np.inf, np.inf)
    at, level = np.array(curve.knots).T
    true = np.interp(seconds, at, level) + curve.noise * noise
    values: NDArray[np.float64] = sensed(true[np.newaxis], point.resolution or 1e-9, lowest, highest)[0]
    # Standard gas replaces the mine's air after `sensed`: the sensor shows it exactly, without noise.
    return _calibrated(seconds, values) if point.id == "T1" else values


def _calibrated(seconds: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    end = next(spell.end for spell in SPELLS if spell.state == State.CALIBRATING)
    for start, gas in CALIBRATION:
        values = np.where((seconds >= start) & (seconds < end), gas, values)
    return values
