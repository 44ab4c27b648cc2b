"""Random steps of a live run, and the events of a run as its journal and as its walked log have them."""

from collections.abc import Iterator
from typing import Final

from hypothesis import strategies as st

from adapters.stores import JournalReader
from alarms import RecordKind
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config
from ingest import Log
from rules import Engine
from tests.hazwatch.live.live_runs import VALUES

EVENTS: Final[tuple[RecordKind, ...]] = ("event",)

delays = st.sampled_from([0.0, 0.3, 1.5, 1.999, 2.0, 2.001, 5.0, -4.0, -6.0])
steps = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.7, 1.0, 4.0, 12.0]),
        st.sampled_from(["T1", "T2", "KG", "-"]),
        st.lists(st.tuples(delays, st.integers(0, len(VALUES) - 1)), min_size=1, max_size=3),
    ),
    max_size=40,
)


def journaled(folder: DataFolder) -> list[str]:
    return [record.text() for record in JournalReader(folder.journal).read(kinds=EVENTS)]


def rebuilt(config: Config, log: Iterator[Log]) -> list[str]:
    engine = Engine(config.rules)
    return [event.to_json() for piece in log for event in engine.evaluate(piece)]
