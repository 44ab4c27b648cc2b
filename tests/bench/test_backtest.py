"""The history on which back-tests are measured is what it says: every point once a second, in as many batches."""

from pathlib import Path

import numpy as np

from adapters.stores import HistoryReader, StartEntry
from bench.backtest import BEGIN, site_text, write_history
from hazwatch.site.config import load
from plant.units import SECOND


def test_every_point_comes_once_a_second_in_batches(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(site_text(20, "0s"), encoding="utf-8")
    config = load(site)
    write_history(tmp_path / "history", config, 30, 4)
    start, *batches = HistoryReader(tmp_path / "history", config.points).log()
    samples = [batch for batch in batches if not isinstance(batch, StartEntry)]
    assert start == StartEntry(BEGIN)
    assert len(samples) == 120
    point = np.concatenate([batch.point for batch in samples])
    assert np.bincount(point).tolist() == [30] * 20
    for batch in samples:
        assert (batch.arrival - batch.time > 0).all()
        assert (batch.arrival - batch.time <= SECOND // 4).all()
