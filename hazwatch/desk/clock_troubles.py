"""Which clock is wrong: that of a source, or that of this machine."""

from collections.abc import Mapping
from statistics import median
from typing import Final

from hazwatch.site.config import Config
from hazwatch.words import text
from hazwatch.words.clocks import clock_error, own_clock_notice
from plant import Message, SourceSpec, Text
from plant.units import MS, SECOND

FEWEST_WITNESSES: Final = 2
"""Number of sources whose clocks must agree before this machine's clock is the one that is wrong."""


class ClockTroubles:
    """Judges the clocks of the sources of a site.

    Parameters
    ----------
    config : Config
        The site.
    rate : float
        Speed of the clock of the log. [1]

    """

    def __init__(self, config: Config, rate: float) -> None:
        self._sources: Final = config.sources
        self._allowed: Final = config.site.max_clock_skew
        self._rate: Final = rate

    def of(self, skews: Mapping[str, int | None]) -> dict[str, Text]:
        """Return what is wrong, by the names of the notices.

        Parameters
        ----------
        skews : mapping of str to int or None
            How far the clock of each source is ahead; None if that is not known, or it has none. [ms]

        """
        known = [(source, skew) for source in self._sources if (skew := skews.get(source.id)) is not None]
        off = [(source, skew) for source, skew in known if self._is_off(source, skew)]
        if len(off) == len(known) and self._agree([skew for _, skew in off]):
            return {"clock": text(own_clock_notice(-round(median(skew for _, skew in off)), len(off)))}
        return {f"clock {source.id}": text(_wrong(source, skew)) for source, skew in off}

    def _agree(self, skews: list[int]) -> bool:
        """Whether there are enough clocks, and they show the same time. [ms]."""
        return len(skews) >= FEWEST_WITNESSES and (max(skews) - min(skews)) * MS <= 2 * self._allowed

    def _is_off(self, source: SourceSpec, skew: int) -> bool:
        """Whether a clock is off by more than the site file allows, and for one that is behind, the way takes. [ms]."""
        real, of_log = source.lag
        late = self._allowed + of_log + round((SECOND + real) * self._rate)
        return not -late <= skew * MS <= self._allowed


def _wrong(source: SourceSpec, skew: int) -> Message:
    return Message(
        "The clock of source {source} is {error} against this machine, more than max_clock_skew: correct the one that "
        "is wrong",
        source=source.id,
        error=clock_error(skew),
    )
