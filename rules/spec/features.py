"""The table of features: one row for each number that a limit can look at, and all that the project knows about it.

The numbers are plain integers, because compiled kernels take them as constants.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

FeatureName = Literal[
    "value", "mean", "min", "max", "range", "std", "sum", "count", "delta", "slope", "projected", "ewma"
]
# The kernels test for SUM <= feature <= RANGE, the features that two numbers of a window give: keep these together.
VALUE, COUNT, DELTA, EWMA, SUM, MEAN, MIN, MAX, RANGE, STD, SLOPE, PROJECTED = range(12)

NO_SUMS, TOTAL, EXTREMES, MOMENTS = range(4)
"""What a window keeps besides its samples: nothing, a sum, least and greatest value, or moments of time and value."""
WIDTH: Final = (0, 2, 2, 5)
"""How many numbers per sample each of these takes. [1]"""

Scale = Literal["samples", "between", "beyond", "other"]


class Band(NamedTuple):
    """Where a feature lies while all samples of its window lie in a band: within share * band, and reach * width more.

    With `by_spacing` the reach is in addition a multiple of the time unit over the window, which depends on how evenly
    the samples are spaced.
    """

    share: float
    reach: float
    by_spacing: bool = False


class Feature(NamedTuple):
    """What the project must know about a feature.

    Attributes
    ----------
    number : int
        The feature for the kernels.
    chinese : str
        Its Chinese name; its English name is its key.
    needs : tuple of str
        The keys that a limit of this feature must have, of `window`, `horizon` and `tau`; it takes no other of them.
    per_time : bool
        Whether it is in the unit of the point per time: a limit of it takes `per`.
    sums : int
        What its window keeps.
    scale : str
        How it compares with the values of the point: it is the value of one sample (`samples`), lies among the values
        (`between`), or may lie beyond them (`beyond`); or it is another quantity (`other`).
    stepped : bool
        Whether it moves in steps of the resolution of the point.
    noise_moves_it : bool
        Whether one step of the point's noise moves it by that step at most, in the unit of the point.
    of_change : bool
        Whether it tells how the values change, so that a limit of it warns before the value is reached.
    band : Band or None
        None where it changes, or must be followed, although all samples lie in a band.

    """

    number: int
    chinese: str
    needs: tuple[str, ...] = ("window",)
    per_time: bool = False
    sums: int = NO_SUMS
    scale: Scale = "other"
    stepped: bool = False
    noise_moves_it: bool = False
    of_change: bool = False
    band: Band | None = None

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
    "count": Feature(COUNT, "样本数"),
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
