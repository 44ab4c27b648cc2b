"""The table of features: one row per feature of a limit, with all that the project knows about it."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

FeatureName = Literal[
    "value", "mean", "min", "max", "range", "std", "sum", "count", "delta", "slope", "projected", "ewma"
]
# Plain integers, because compiled kernels take them as constants. The kernels test for SUM <= feature <= RANGE, the
# features that two numbers of a window determine: keep these together.
VALUE, COUNT, DELTA, EWMA, SUM, MEAN, MIN, MAX, RANGE, STD, SLOPE, PROJECTED = range(12)

NO_SUMS, TOTAL, EXTREMES, MOMENTS = range(4)
"""Numbers that a window keeps beside its samples: none, a sum, extremes, or moments of time and value."""
WIDTH: Final = (0, 2, 2, 5)
"""Numbers per sample for each of these. [1]"""

Scale = Literal["samples", "between", "beyond", "other"]


class Band(NamedTuple):
    """Bounds of a feature while all samples of its window lie in a band: share * band, widened by reach * width.

    With `by_spacing` the reach is in addition a multiple of the time unit over the window, which depends on how evenly
    the samples are spaced.
    """

    share: float
    reach: float
    by_spacing: bool = False


class Feature(NamedTuple):
    """The properties of a feature.

    Attributes
    ----------
    number : int
        Number of the feature for the kernels.
    chinese : str
        Its Chinese name; its English name is its key.
    needs : tuple of str
        Keys among `window`, `horizon` and `tau` that a limit of this feature must have; it must not have the others.
    per_time : bool
        True if its unit is that of the point per time; its limits take `per`.
    sums : int
        The numbers that its window keeps.
    scale : str
        Relation to the values of the point: the value of one sample (`samples`), among the values (`between`), possibly
        beyond them (`beyond`), or another quantity (`other`).
    counts : bool
        True if it counts samples: an integer, to which the resolution of the point does not apply.
    stepped : bool
        True if it moves in steps of the point's resolution.
    noise_moves_it : bool
        True if one step of the point's noise moves it by at most that step, in the unit of the point.
    of_change : bool
        True if it shows how the values change, so that its limits warn before a value is reached.
    band : Band or None
        None if it changes, or must be followed, although all samples lie in a band.

    """

    number: int
    chinese: str
    needs: tuple[str, ...] = ("window",)
    per_time: bool = False
    sums: int = NO_SUMS
    scale: Scale = "other"
    counts: bool = False
    stepped: bool = False
    noise_moves_it: bool = False
    of_change: bool = False
    band: Band | None = None

    @property
    def is_value(self) -> bool:
        """Whether it is the value of the point itself, so that the latest sample shows where it is now."""
        return self.number == VALUE

    @property
    def looks_ahead(self) -> bool:
        """Whether its limits are about the future, so that a forecast belongs to their alarms."""
        return "horizon" in self.needs

    @property
    def beside_values(self) -> bool:
        """Whether its setpoint can be compared with the values of the point."""
        return self.scale != "other"

    @property
    def among_values(self) -> bool:
        """Whether it always lies between the least and the greatest value of the point."""
        return self.scale in ("samples", "between")


AMONG: Final = Band(1.0, 0.0)

FEATURES: Final[Mapping[FeatureName, Feature]] = {
    "value": Feature(VALUE, "监测值", (), scale="samples", stepped=True, noise_moves_it=True, band=AMONG),
    "mean": Feature(MEAN, "平均值", sums=TOTAL, scale="between", noise_moves_it=True, band=AMONG),
    "min": Feature(MIN, "最小值", sums=EXTREMES, scale="samples", stepped=True, noise_moves_it=True, band=AMONG),
    "max": Feature(MAX, "最大值", sums=EXTREMES, scale="samples", stepped=True, noise_moves_it=True, band=AMONG),
    "range": Feature(RANGE, "极差", sums=EXTREMES, stepped=True, noise_moves_it=True, band=Band(0.0, 1.0)),
    "std": Feature(STD, "标准差", sums=MOMENTS, band=Band(0.0, 0.5)),
    "sum": Feature(SUM, "累计值", sums=TOTAL),
    "count": Feature(COUNT, "样本数", counts=True),
    "delta": Feature(DELTA, "变化量", stepped=True, noise_moves_it=True, of_change=True, band=Band(0.0, 1.0)),
    "slope": Feature(
        SLOPE, "变化率", per_time=True, sums=MOMENTS, of_change=True, band=Band(0.0, 0.0, by_spacing=True)
    ),
    "projected": Feature(
        PROJECTED, "预计值", ("window", "horizon"), sums=MOMENTS, scale="beyond", noise_moves_it=True, of_change=True,
        band=Band(1.0, 0.0, by_spacing=True),
    ),
    "ewma": Feature(EWMA, "指数加权平均", ("tau",), scale="between", noise_moves_it=True),
}  # fmt: skip
