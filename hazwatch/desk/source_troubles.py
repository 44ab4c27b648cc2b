"""What is wrong with a source: its clock is off, it is behind its scan, or samples of it were lost."""

from typing import Final

from console import LevelName
from hazwatch.live.runtime import Runtime
from hazwatch.site.config import Config
from hazwatch.words import text
from hazwatch.words.clocks import clock_error
from plant import Message, SourceSpec, Text, write_duration
from plant.units import MINUTE, MS, SECOND

REMEMBERED: Final = 10 * MINUTE
"""Time for which the page shows a loss after its last sample. [ns]"""


class SourceTroubles:
    """The troubles of the sources of a running engine."""

    def __init__(self, config: Config, runtime: Runtime) -> None:
        self._config: Final = config
        self._runtime: Final = runtime
        self._lost: Final = {source.id: (0, 0) for source in config.sources}

    def of(self, source: SourceSpec, skew: int | None) -> dict[str, tuple[LevelName, Text]]:
        """Return the troubles of a source by the names of their notices, with their levels. [skew: ms]."""
        troubles: dict[str, tuple[LevelName, Text | None]] = {
            f"clock {source.id}": ("yellow", self._clock(source, skew)),
            f"lost {source.id}": ("orange", self._losses(source)),
            f"behind {source.id}": ("yellow", self._behind(source)),
        }
        return {name: (level, message) for name, (level, message) in troubles.items() if message is not None}

    def _clock(self, source: SourceSpec, skew: int | None) -> Text | None:
        """Say by how much the clock of a source is off, if that is more than the site file allows. [skew: ms]."""
        if skew is None or -self._late(source) <= skew * MS <= self._config.site.max_clock_skew:
            return None
        return text(
            Message(
                "The clock of source {source} is {error}, more than max_clock_skew: correct it",
                source=source.id,
                error=clock_error(skew),
            )
        )

    def _behind(self, source: SourceSpec) -> Text | None:
        """Say that a source that answers does not read all its points in time; of a lost one the link says more."""
        scan, columns = self._runtime.watch.scans.of(source.id), self._runtime.watch.rows.columns[source.id]
        if scan.behind_since is None or not self._runtime.answered[columns].any():
            return None
        return text(
            Message(
                "Source {source} is behind its scan: {count} of its {all} points {count:was|were} not read for longer "
                "than {longest}",
                source=source.id,
                count=scan.unread,
                all=len(columns),
                longest=write_duration(source.behind_after),
            )
        )

    def _losses(self, source: SourceSpec) -> Text | None:
        """Say how many samples of a source were lost, while the last loss is recent."""
        now, count = self._runtime.clock.now(), self._runtime.lost(source.id)
        known, last = self._lost[source.id]
        if count != known:
            last = now
            self._lost[source.id] = count, now
        if not count or now - last > REMEMBERED:
            return None
        return text(
            Message(
                "Source {source} is faster than the engine: it lost {count} {count:sample|samples} since the start; "
                "each point that lost some has a gap",
                source=source.id,
                count=count,
            )
        )

    def _late(self, source: SourceSpec) -> int:
        """Return the largest apparent lag of a source whose clock is within tolerance, for its polling mode. [ns]."""
        real, of_log = source.lag
        return self._config.site.max_clock_skew + of_log + round((SECOND + real) * self._runtime.clock.rate)
