"""`EngineMetrics`: the metrics of a running engine, gathered when they are asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from alarms import AlarmActivation, Record
from console import SnapshotView, SourcesView
from hazwatch import __version__
from hazwatch.desk.metrics.families import counter, gauge, present_families, source_families, store_families
from hazwatch.live.export.store_state import StoreState
from hazwatch.live.runtime import Runtime
from plant import Message
from plant.units import SECOND

STUCK_AFTER: Final = 10 * SECOND
"""Log time by which ticks may be late before the engine counts as stuck. [ns]"""
EDGES_OF_ALARMS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Upper ends of the classes of the latency of alarms. [s]"""


class EngineMetrics(Collector):
    """Everything that is counted of a run; nothing is counted a second time for it.

    Parameters
    ----------
    runtime : Runtime
        The running engine.
    snapshot, sources, copies : callable
        Return the views of the present, of the sources, and the states of the stores that get a copy.

    """

    def __init__(
        self,
        runtime: Runtime,
        snapshot: Callable[[], SnapshotView],
        sources: Callable[[], SourcesView],
        copies: Callable[[], Mapping[str, StoreState]],
    ) -> None:
        self._runtime: Final = runtime
        self._snapshot: Final = snapshot
        self._sources: Final = sources
        self._copies: Final = copies
        self._registry: Final = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self._latency: Final = Histogram(
            "hazwatch_alarm_latency_seconds",
            "Time from the arrival of the sample that raised an alarm until its record was on disk.",
            buckets=EDGES_OF_ALARMS,
            registry=self._registry,
        )

    def text(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)

    def observe(self, records: Sequence[Record]) -> None:
        """Take records that are on disk now."""
        now = self._runtime.clock.now()
        for record in records:
            if isinstance(record.entry, AlarmActivation):
                self._latency.observe((now - record.time) / SECOND)

    def collect(self) -> Iterator[Metric]:
        """Yield all families but the histogram; called by the registry."""
        runtime, sources = self._runtime, self._sources()
        yield InfoMetricFamily("hazwatch_build", "Version of the program.", {"version": __version__})
        now, stored = runtime.clock.now(), runtime.historian.acknowledged
        yield gauge("engine_clock_seconds", "The engine's clock, UTC.", [({}, now / SECOND)])
        yield gauge("engine_start_seconds", "Start of the run on that clock, UTC.", [({}, sources["since"] / 1000)])
        written, known = runtime.journal.head()[0], runtime.pipeline.ledger.last_number
        yield counter("journal_records", "Records of the journal.", [({}, known)])
        yield gauge("journal_behind_records", "Records that are not on disk yet.", [({}, max(0, known - written))])
        behind = max(0, int(runtime.arrivals.max(initial=stored)) - stored) / SECOND
        yield gauge("history_behind_seconds", "Log time that the history on disk is behind.", [({}, behind)])
        yield gauge("stores_unwritable", "Own stores that cannot be written.", [({}, len(runtime.troubles()))])
        yield from source_families(sources)
        yield from present_families(self._snapshot())
        yield from store_families(self._copies(), stored)

    def stuck(self) -> Message | None:
        """Return why the engine does not turn; None while it does."""
        late = self._runtime.clock.now() - self._runtime.pipeline.intake.next_due
        if late <= STUCK_AFTER:
            return None
        return Message("the engine is {seconds} s behind its clock", seconds=late // SECOND)

    def unready(self) -> Message | None:
        """Return what the engine waits for before it watches; None once it does."""
        if self._runtime.pipeline.ledger.started is None:
            return Message("the start is not in the journal yet")
        return None
