"""Families of metrics from the views of the page, so that both say the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from console import SnapshotView, SourceCountsView, SourcesView
from hazwatch.live.export.store_state import StoreState
from plant import Level
from plant.units import MS, SECOND

SECONDS: Final = SECOND // MS
"""The views count in milliseconds."""
SAMPLE_OUTCOMES: Final = ("received", "late", "duplicate", "backfilled", "bad")
COUNTS: Final[Mapping[str, str]] = {
    "lost": "Samples of a source that are known to be lost.",
    "expected": "Readings that were due by the period of a source.",
    "unknown": "Periods in which a source brought no valid value in time.",
}
GRAVITY: Final[Mapping[str | None, int]] = {None: 0} | {
    level.value: place for place, level in enumerate(sorted(Level, key=lambda level: -level.rank), 1)
}
"""Numbers of the levels: 0 for none, 4 for the highest."""


def gauge(name: str, text: str, rows: Iterable[tuple[Mapping[str, str], float]], *labels: str) -> Metric:
    """Return a gauge with its rows."""
    family = GaugeMetricFamily(f"hazwatch_{name}", text, labels=labels)
    for values, number in rows:
        family.add_metric([values[label] for label in labels], number)
    return family


def counter(name: str, text: str, rows: Iterable[tuple[Mapping[str, str], float]], *labels: str) -> Metric:
    """Return a counter with its rows; `_total` is added to its name."""
    family = CounterMetricFamily(f"hazwatch_{name}", text, labels=labels)
    for values, number in rows:
        family.add_metric([values[label] for label in labels], number)
    return family


def counted(name: str, text: str, counts: Counter[Any], *labels: str) -> Metric:
    """Return a gauge of counts by the values of several labels."""
    return gauge(name, text, ((dict(zip(labels, key, strict=True)), count) for key, count in counts.items()), *labels)


def source_families(view: SourcesView) -> Iterator[Metric]:
    """Yield how complete and how timely the sources are."""
    sources = [({"source": source["id"]}, source) for source in view["sources"]]
    yield counter(
        "source_samples", "Samples of a source by what came of them; received counts all.",
        (({"source": source["id"], "outcome": outcome}, _count(source, outcome))
         for source in view["sources"] for outcome in SAMPLE_OUTCOMES),
        "source", "outcome",
    )  # fmt: skip
    for name, text in COUNTS.items():
        rows = [(labels, _count(source, name)) for labels, source in sources if source[name] is not None]  # type: ignore[literal-required]
        yield counter(f"source_{name}_samples", text, rows, "source")
    restarts = [(labels, source["restarts"]) for labels, source in sources]
    yield counter("source_restarts", "Restarts of a source after a failure of its own.", restarts, "source")
    points = [(labels, source["points"]) for labels, source in sources]
    yield gauge("source_points", "Points of a source.", points, "source")
    silent = [(labels, source["silent"]) for labels, source in sources]
    yield gauge("source_silent_points", "Points of a source without a valid answer.", silent, "source")
    age = [(labels, source["scan"]["age"] / SECONDS) for labels, source in sources]
    yield gauge("source_scan_age_seconds", "Time since the point was read that waits longest.", age, "source")
    for name, half in (("median", "half"), ("longest", "99 of 100")):
        lasted = [(labels, source[name] / SECONDS) for labels, source in sources if source[name] is not None]  # type: ignore[literal-required]
        text = f"Time from a source to the engine within which {half} of the changed values came."
        yield gauge(f"source_transit_{name}_seconds", text, lasted, "source")


def present_families(view: SnapshotView) -> Iterator[Metric]:
    """Yield the present: links, hazard sources, alarms, tickets and notices."""
    links = [({"source": link["id"]}, link) for link in view["sources"]]
    connected = [(of, link["connected"]) for of, link in links]
    yield gauge("source_connected", "1 while the link stands.", connected, "source")
    fresh = [(of, link["fresh"]) for of, link in links]
    yield gauge("source_fresh", "1 while the link stands and data are fresh.", fresh, "source")
    skews = [(of, link["skew"] / SECONDS) for of, link in links if link["skew"] is not None]
    yield gauge("source_skew_seconds", "How far the clock of a source is ahead.", skews, "source")
    states = [({"hazard_source": state["id"]}, state) for state in view["hazard_sources"]]
    levels = [(of, GRAVITY[state["level"]]) for of, state in states]
    yield gauge("hazard_source_level", "Gravest standing alarm: 0 none, 1 blue to 4 red.", levels, "hazard_source")
    doubtful = [(of, state["doubtful"]) for of, state in states]
    yield gauge("hazard_source_doubtful_points", "Points in doubt.", doubtful, "hazard_source")
    alarms = Counter((alarm["hazard_source"], alarm["level"], alarm["state"]) for alarm in view["alarms"])
    yield counted("alarms", "Alarms that the page lists.", alarms, "hazard_source", "level", "state")
    tickets = Counter((ticket["hazard_source"], ticket["state"]) for ticket in view["tickets"])
    yield counted("tickets", "Tickets that are not closed.", tickets, "hazard_source", "state")
    notices = Counter(notice["level"] for notice in view["notices"])
    standing = [({"level": level.value}, notices[level.value]) for level in Level]
    yield gauge("notices", "Notices of the engine itself.", standing, "level")
    yield gauge("annunciated_alarms", "Alarms raised in the last ten minutes.", [({}, view["annunciated"])])


def store_families(states: Mapping[str, StoreState], arrival: int) -> Iterator[Metric]:
    """Yield how far the copies in other stores are behind the last arrival in the history. [ns, UTC]."""
    rows = [({"store": name}, state) for name, state in states.items()]
    behind = [(of, max(0, arrival - state.arrival) / SECOND) for of, state in rows]
    yield gauge("store_behind_seconds", "Log time by which a copy is behind the history.", behind, "store")
    samples = [(of, state.samples) for of, state in rows]
    yield counter("store_samples", "Samples that were sent to a store since its copy began.", samples, "store")
    refused = [(of, state.refused) for of, state in rows]
    yield counter("store_refused_lines", "Lines that a store refused for good.", refused, "store")
    blocked = [(of, state.trouble is not None) for of, state in rows]
    yield gauge("store_blocked", "1 while a store cannot be written.", blocked, "store")


def _count(source: SourceCountsView, name: str) -> int:
    count: int | None = source[name]  # type: ignore[literal-required]
    return count or 0
