"""Flips bits in what stands beside the day files: snapshot, copy of the site file in force, write-ahead log, days."""

import logging
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from adapters.stores import Historian, Journal, is_list_sound
from adapters.stores.historian.day.write_ahead import frames_of
from adapters.stores.historian.day_list import NAME
from adapters.stores.historian.folder import path_of
from bench.attacks.history import BEGIN, Verdict, entries, flip_anywhere, judge, keep, keys_of, points
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.restart import Snapshot
from hazwatch.live.resume import resumed
from hazwatch.live.site_in_force import state_of_copy
from hazwatch.site.config import load
from plant import NO_ARRIVAL, SampleBatch
from plant.units import DAY

SITE: Final = Path(__file__).parents[2] / "simulators" / "demo" / "site.toml"
LATER: Final = entries(2, 90)[61:]
"""What a restart writes behind the log of `entries`."""


def make_folder(path: Path) -> DataFolder:
    """Return a data folder with a snapshot and a copy of the demonstration's site file and table of points."""
    folder, config = DataFolder(path), load(SITE)
    path.mkdir()
    with Journal(folder.journal) as journal:
        pipeline = resumed(config, folder, journal, (), BEGIN)
        journal.append(pipeline.start(BEGIN)).result()
        Snapshot.of(pipeline, NO_ARRIVAL).write(folder.snapshot)
    keep(folder.history, entries())
    return folder


def killed(path: Path) -> dict[str, bytes]:
    """Return the files of a historian that was killed: the newest entries are in the write-ahead log."""
    historian = Historian(path, points(), retention_days=None, synchronous="normal", longest_head=7)
    for entry in entries():
        (historian.append(entry) if isinstance(entry, SampleBatch) else historian.start(entry.time)).result(60)
    day_file = path_of(path, BEGIN // DAY).name
    files = {name: (path / name).read_bytes() for name in (day_file, f"{day_file}-wal", NAME)}
    historian.close()
    return files


def of_snapshot(folder: DataFolder, rng: np.random.Generator) -> Verdict:
    """Flip a bit of the snapshot."""
    return _named(folder.snapshot, rng, lambda: Snapshot.read(folder.snapshot) is None)


def of_copy(folder: DataFolder, rng: np.random.Generator) -> Verdict:
    """Flip a bit of the copy of the site file in force."""
    return _named(folder.site_copy, rng, lambda: state_of_copy(folder) == "damaged")


def of_list(folder: DataFolder, rng: np.random.Generator) -> Verdict:
    """Flip a bit of the list of days."""
    return _named(folder.history / NAME, rng, lambda: is_list_sound(folder.history) is False)


def of_log(folder: DataFolder, rng: np.random.Generator) -> Verdict:
    """Flip a bit of the write-ahead log that a kill left, and let an engine start over it."""
    target = folder.path / "killed"
    source = folder.path / "to-kill"
    if not source.exists():
        for name, content in killed(source).items():
            (source / name).write_bytes(content)
        for path in source.glob("*-shm"):
            path.unlink()
    target.mkdir(exist_ok=True)
    for path in target.iterdir():
        path.unlink()
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    (log,) = target.glob("*-wal")
    whole = log.read_bytes()
    log.write_bytes(flip_anywhere(whole, rng))
    changed = next(place for place, pair in enumerate(zip(whole, log.read_bytes(), strict=True)) if pair[0] != pair[1])
    keep(target, LATER)
    verdict = judge(target, keys_of([*entries(), *LATER]))
    # A log whose last transaction is damaged looks like one that a power loss cut: the entry is lost, and not named.
    is_last = changed >= last_transaction(whole)
    return Verdict(verdict.named, None) if is_last and "without a word" in str(verdict.wrong) else verdict


def last_transaction(log: bytes) -> int:
    """Return where the last transaction of a log begins."""
    frames = frames_of(log)
    ends = [place for place, frame in enumerate(frames) if frame.ends]
    return frames[ends[-2] + 1].begin if len(ends) > 1 else 0


def _named(path: Path, rng: np.random.Generator, is_named: Callable[[], bool]) -> Verdict:
    content = path.read_bytes()
    path.write_bytes(flip_anywhere(content, rng))
    try:
        return Verdict(named=True, wrong=None) if is_named() else Verdict(named=False, wrong=f"not named: {path.name}")
    finally:
        path.write_bytes(content)


ATTACKS: Final[Mapping[str, Callable[[DataFolder, np.random.Generator], Verdict]]] = {
    "one bit of the snapshot": of_snapshot,
    "one bit of the copy of the site file": of_copy,
    "one bit of the list of days": of_list,
    "one bit of the write-ahead log": of_log,
}


def main(times: int) -> int:
    """Flip bits, print a row of the table for each attack, and return how often the outcome was wrong."""
    logging.disable(logging.CRITICAL)
    total = 0
    with tempfile.TemporaryDirectory() as name:
        folder = make_folder(Path(name) / "data")
        for attack, flip in ATTACKS.items():
            named, wrong = attacked(folder, flip, times)
            print(f"| {attack} | {named} | {wrong} |", flush=True)
            total += wrong
    return total


def attacked(
    folder: DataFolder, flip: Callable[[DataFolder, np.random.Generator], Verdict], times: int
) -> tuple[int, int]:
    """Return how often an attack was named, and how often its outcome was wrong."""
    verdicts = []
    for seed in range(times):
        try:
            verdicts.append(flip(folder, np.random.default_rng(seed)))
        except Exception as error:
            verdicts.append(Verdict(named=False, wrong=repr(error)))
    return sum(verdict.named for verdict in verdicts), sum(verdict.wrong is not None for verdict in verdicts)
