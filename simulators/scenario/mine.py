"""A mine of any size: districts of fourteen points, their site file, and their traces."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plant import Point, PointTable, SampleBatch, State
from plant.units import DAY, SECOND
from simulators.scenario import air, gas, work
from simulators.scenario.signals import Signals, sensed


class PointKind(NamedTuple):
    """A kind of point and the properties of its sensor."""

    name: str
    quantity: str
    unit: str
    range: tuple[float, float]
    resolution: float
    hazard: str


POINT_KINDS: Final[Mapping[str, PointKind]] = {
    "T0": PointKind("回风隅角甲烷", "CH4", "%", (0.0, 4.0), 0.01, "gas"),
    "T1": PointKind("工作面甲烷", "CH4", "%", (0.0, 4.0), 0.1, "gas"),
    "T2": PointKind("回风巷甲烷", "CH4", "%", (0.0, 4.0), 0.01, "gas"),
    "CO": PointKind("一氧化碳", "CO", "ppm", (0.0, 500.0), 1.0, "gas"),
    "TEMP": PointKind("温度", "T", "℃", (0.0, 60.0), 0.1, "gas"),
    "V": PointKind("风速", "V", "m/s", (0.0, 15.0), 0.1, "gas"),
    "BA": PointKind("大气压力", "P", "hPa", (800.0, 1200.0), 1.0, "gas"),
    "KG": PointKind("馈电", "KD", "", (0.0, 1.0), 1.0, "gas"),
    "PD": PointKind("采煤机开停", "KT", "", (0.0, 1.0), 1.0, "gas"),
    "Z1": PointKind("上部支架工作阻力", "P", "MPa", (0.0, 60.0), 0.1, "roof"),
    "Z2": PointKind("中部支架工作阻力", "P", "MPa", (0.0, 60.0), 0.1, "roof"),
    "Z3": PointKind("下部支架工作阻力", "P", "MPa", (0.0, 60.0), 0.1, "roof"),
    "L": PointKind("水仓水位", "L", "m", (0.0, 5.0), 0.01, "water"),
    "KP": PointKind("水泵开停", "KT", "", (0.0, 1.0), 1.0, "water"),
}
"""The kinds of the points of a district, in their order."""
HAZARDS: Final = {"gas": "瓦斯", "roof": "顶板", "water": "水仓"}
LIMIT_LINES: Final[Mapping[str, str]] = {
    "T0": 'high = 1.0\nclear = 1.0\nlevel = "orange"\nticket = true\n',
    "T1": 'high = 1.0\nclear = 1.0\nlevel = "orange"\nticket = true\n',
    "T2": 'high = 1.0\nclear = 1.0\nlevel = "red"\nticket = true\n',
    "CO": 'high = 24.0\nclear = 24.0\nlevel = "orange"\nticket = true\n',
    "TEMP": 'high = 30.0\nclear = 29.0\nlevel = "yellow"\n',
    "V": 'low = 0.5\nclear = 0.7\non_delay = "10s"\nlevel = "yellow"\n',
    "Z1": 'high = 38.0\nclear = 36.0\non_delay = "5s"\nlevel = "yellow"\n',
    "Z2": 'high = 38.0\nclear = 36.0\non_delay = "5s"\nlevel = "yellow"\n',
    "Z3": 'high = 38.0\nclear = 36.0\non_delay = "5s"\nlevel = "yellow"\n',
    "L": 'high = 2.8\nclear = 2.5\nlevel = "orange"\nticket = true\n',
}
"""The limit of each kind of point that has one, as lines of its [[limit]] table."""


@dataclass(frozen=True, slots=True)
class Mine:
    """A mine: its points, and the kind and the district of each point."""

    points: PointTable
    kinds: tuple[str, ...]
    districts: NDArray[np.int64]

    def site(self, source: str = "") -> str:
        """Return the site file. `source` is the text of one [[source]] table with the id "plant"; empty for replays."""
        return "\n".join(_site(self, source))


def mine(points: int) -> Mine:
    """Return a mine with a number of points; every district has the same fourteen kinds."""
    names = list(POINT_KINDS)
    kinds = tuple(names[number % len(names)] for number in range(points))
    districts = np.arange(points) // len(names)
    table = PointTable([_point(kind, district) for kind, district in zip(kinds, districts.tolist(), strict=True)])
    return Mine(table, kinds, districts)


def _point(kind: str, district: int) -> Point:
    sensor = POINT_KINDS[kind]
    return Point(
        id=f"{kind}-{_number(district)}",
        hazard_source=f"{sensor.hazard}-{_number(district)}",
        name=f"{_number(district)} {sensor.name}",
        quantity=sensor.quantity,
        unit=sensor.unit,
        range=sensor.range,
        resolution=sensor.resolution,
    )


def _number(district: int) -> int:
    return 3101 + district


def generate(plant: Mine, *, seed: int, start: int, duration: int, period: int = SECOND) -> SampleBatch:
    """Return the samples of all points at every period, ordered by time, then by point.

    Parameters
    ----------
    plant : Mine
        The mine.
    seed : int
        The same arguments give the same samples.
    start, duration, period : int
        First time, length of the trace, and time between two samples of a point. [ns]

    """
    steps = duration // period
    values = np.empty((len(plant.points), steps))
    state = np.zeros((len(plant.points), steps), np.uint16)
    random = np.random.default_rng(seed)
    kinds = np.array(plant.kinds)
    for kind, rows in _signals(random, int(plant.districts.max(initial=-1)) + 1, start, steps, period):
        # A mine may end within a district, so a kind can have fewer points than there are districts.
        mine_of = np.flatnonzero(kinds == kind)
        sensor = POINT_KINDS[kind]
        values[mine_of] = sensed(rows[: len(mine_of)], sensor.resolution, *sensor.range)
        if sensor.quantity == "CH4":
            _calibrate(random, values, state, mine_of, period)
    return SampleBatch.of(
        np.tile(np.arange(len(plant.points)), steps),
        np.repeat(start + np.arange(steps) * period, len(plant.points)),
        values.T.ravel(),
        state=state.T.ravel(),
    )


def _signals(
    random: np.random.Generator, districts: int, start: int, steps: int, period: int
) -> Iterator[tuple[str, Signals]]:
    """Yield the rows of each kind, one row per district; the signals of a district depend on each other."""
    shape = (districts, steps)
    producing = work.shifts(random, shape, start, period)
    outlet = gas.methane(random, producing, gas.OUTLET, period)
    yield "T0", 0.9 * outlet
    yield "T1", outlet
    yield "T2", gas.methane(random, producing, gas.INLET, period)
    monoxide, temperature = gas.heating(random, shape, start, period)
    yield "CO", monoxide
    yield "TEMP", temperature
    yield "V", air.speed(random, shape, period)
    yield "BA", air.pressure(random, shape, period)
    yield "KG", np.where(outlet >= 1.5, 0.0, 1.0)
    yield "PD", producing
    for kind in ("Z1", "Z2", "Z3"):
        yield kind, work.supports(random, producing, period)
    level, pumping = work.sump(random, shape, period)
    yield "L", level
    yield "KP", pumping


CALIBRATED: Final = 15 * DAY
"""A methane sensor is calibrated every half month (Coal Mine Safety Regulations 2025, articles 531, 532). [ns]"""
PLATEAU: Final = 90 * SECOND
UNFLAGGED: Final = 0.1
"""Share of the calibrations that no state bit marks. [1]"""


def _calibrate(
    random: np.random.Generator, values: Signals, state: NDArray[np.uint16], points: NDArray[np.intp], period: int
) -> None:
    """Apply standard gas to each sensor every half month, from a random time on: 1.0 %, 2.0 %, then fresh air."""
    width = max(1, PLATEAU // period)
    firsts = (random.random(len(points)) * CALIBRATED / period).astype(np.int64)
    flags = random.random(len(points)) >= UNFLAGGED
    for point, first, flagged in zip(points.tolist(), firsts.tolist(), flags.tolist(), strict=True):
        for begin in range(first, values.shape[1], CALIBRATED // period):
            for place, plateau in enumerate((1.0, 2.0, 0.0)):
                rows = slice(begin + place * width, begin + (place + 1) * width)
                values[point, rows] = plateau
                state[point, rows] = State.CALIBRATING if flagged else State.NORMAL


def _site(plant: Mine, source: str) -> Iterator[str]:
    yield '[site]\nid = "140522002"\nname = "仿真煤矿"\ntimezone = "Asia/Shanghai"\n'
    for hazard, district in dict.fromkeys(
        (POINT_KINDS[kind].hazard, district)
        for kind, district in zip(plant.kinds, plant.districts.tolist(), strict=True)
    ):
        number = _number(district)
        yield f'[[hazard_source]]\nid = "{hazard}-{number}"\nname = "{number} {HAZARDS[hazard]}"'
        yield f'kind = "{hazard}"\ngrade = "III"\nplace = "{number} 采区"\n'
    yield source
    for column, point in enumerate(plant.points.points):
        yield f'[[point]]\nid = "{point.id}"\nhazard_source = "{point.hazard_source}"\nname = "{point.name}"'
        yield f'quantity = "{point.quantity}"\nunit = "{point.unit}"'
        yield f"range = {list(point.range or ())}\nresolution = {point.resolution}"
        yield f'source = "plant"\naddress = "{_address(source, column)}"\n' if source else ""
    for kind, point in zip(plant.kinds, plant.points.points, strict=True):
        if kind in LIMIT_LINES:
            yield f'[[limit]]\nid = "{point.id}.alarm"\npoint = "{point.id}"\nfeature = "value"\n{LIMIT_LINES[kind]}'


def _address(source: str, column: int) -> str:
    if 'protocol = "opcua"' in source:
        return f"ns=2;i={column + 1}"
    # A float64 needs four registers, so 10,000 points fill 40,000 of the 65,536 registers of a unit.
    unit, place = divmod(column, 10_000)
    return f"unit={unit + 1};holding={place * 4};type=float64"
