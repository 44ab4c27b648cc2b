"""What is wrong with a source: its clock is off, it is behind its scan, samples were lost, or it warns of something."""

from collections.abc import Mapping
from typing import Final

from console import LevelName
from hazwatch.desk.clock_troubles import ClockTroubles
from hazwatch.live.runtime import Runtime
from hazwatch.site.config import Config
from hazwatch.words import text
from plant import Message, SourceSpec, Text, write_duration
from plant.units import MINUTE

REMEMBERED: Final = 10 * MINUTE
"""Time for which the page shows a loss after its last sample. [ns]"""


class SourceTroubles:
    """The troubles of the sources of a running engine."""

    def __init__(self, config: Config, runtime: Runtime) -> None:
        self._config: Final = config
        self._runtime: Final = runtime
        self._clocks: Final = ClockTroubles(config, runtime.clock.rate)
        self._lost: Final = {source.id: (0, 0) for source in config.sources}

    def all(self, skews: Mapping[str, int | None]) -> dict[str, tuple[LevelName, Text]]:
        """Return the troubles by the names of their notices, with their levels.

        Parameters
        ----------
        skews : mapping of str to int or None
            How far the clock of each source is ahead; None if that is not known, or it has none. [ms]

        """
        troubles: dict[str, tuple[LevelName, Text | None]] = {}
        for source in self._config.sources:
            troubles[f"lost {source.id}"] = "orange", self._losses(source)
            troubles[f"behind {source.id}"] = "yellow", self._behind(source)
            for number, warning in enumerate(self._runtime.report(source.id).warnings):
                message = Message("Source {source}: {warning}", source=source.id, warning=warning)
                troubles[f"warning {number} {source.id}"] = "yellow", text(message)
        clocks: dict[str, tuple[LevelName, Text]] = {
            name: ("yellow", message) for name, message in self._clocks.of(skews).items()
        }
        return clocks | {name: (level, message) for name, (level, message) in troubles.items() if message is not None}

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
