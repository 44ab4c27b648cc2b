"""Damages the state beside a journal, and judges whether a start notices or has exactly the right ledger."""

import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from adapters.stores import Journal, JournalReader
from bench.attacks.history import flip_anywhere, junk, truncate
from bench.start import Life, site
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.kept_ledger import UTC, KeptLedger, keep_state
from hazwatch.site.config import load

RECORDS: Final = 1_500
BEHIND: Final = 100


def folder_in(path: Path) -> DataFolder:
    """Return a data folder with a journal and a state that is some records behind it."""
    (path / "site.toml").write_text(site(), encoding="utf-8")
    life, folder = Life(load(path / "site.toml")), DataFolder(path / "data")
    with Journal(folder.journal) as journal:
        for records in life.records(RECORDS):
            journal.append(records)
        journal.append([]).result()
        keep_state(folder, journal, life.ledger)
        for records in life.records(life.ledger.last_number + BEHIND):
            journal.append(records)
        journal.append([]).result()
    return folder


def attacked(folder: DataFolder, times: int) -> tuple[int, int]:
    """Damage the state again and again; return how often all records were read, and how often the ledger was wrong."""
    reader, sound = JournalReader(folder.journal), folder.state.read_bytes()
    right = KeptLedger.of(folder, reader, {}, UTC).ledger.state().text()
    noticed = wrong = 0
    for seed in range(times):
        rng = np.random.default_rng(seed)
        damage = (flip_anywhere, flip_anywhere, truncate, junk)[seed % 4]
        folder.state.write_bytes(damage(sound, rng))
        kept = KeptLedger.of(folder, reader, {}, UTC, fewest=1)
        noticed += kept.state == 0
        wrong += kept.ledger.state().text() != right
    folder.state.write_bytes(sound)
    return noticed, wrong


def main(times: int) -> int:
    """Attack a state, print the row of the table, and return how often a start was wrong."""
    with tempfile.TemporaryDirectory() as name:
        noticed, wrong = attacked(folder_in(Path(name)), times)
    print(f"| state beside the journal | {noticed} | {wrong} |", flush=True)
    return wrong
