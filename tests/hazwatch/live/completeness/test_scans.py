"""A source is behind its scan from the moment at which one of its points was not read for too long."""

from pathlib import Path

import numpy as np
import pytest

from hazwatch.live.completeness.scans import Scans
from hazwatch.live.completeness.source_rows import SourceRows
from plant import NO_ARRIVAL
from plant.units import SECOND
from tests.hazwatch.live.live_runs import BEGIN, config_in


@pytest.mark.parametrize(("rate", "behind"), [(1.0, [False, True, True]), (60.0, [False, False, True])])
def test_the_point_that_waits_longest_decides(tmp_path: Path, rate: float, behind: list[bool]) -> None:
    config = config_in(tmp_path)
    scans = Scans(SourceRows(config.points, config.sources), config.sources, rate)
    t1, t2 = (config.points.column(name) for name in ("T1", "T2"))
    arrivals = np.full(len(config.points), NO_ARRIVAL)
    seen = []
    for second in (20, 21, 200):
        arrivals[t2] = now = BEGIN + second * SECOND
        scans.look(arrivals, BEGIN, now)
        seen.append(scans.of("ua").behind_since is not None)
    assert seen == behind
    assert (scans.of("ua").unread, scans.of("ua").age) == (1, 200 * SECOND)
    arrivals[t1] = BEGIN + 201 * SECOND
    scans.look(arrivals, BEGIN, BEGIN + 201 * SECOND)
    assert (scans.of("ua").behind_since, scans.of("ua").times_behind) == (None, 1)


def test_it_is_behind_since_the_time_that_the_site_file_allows(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    scans = Scans(SourceRows(config.points, config.sources), config.sources, 1.0)
    scans.look(np.full(len(config.points), NO_ARRIVAL), BEGIN, BEGIN + 60 * SECOND)
    assert scans.of("mb").behind_since == BEGIN + 20 * SECOND
