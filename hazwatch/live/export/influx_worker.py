"""The process that copies into InfluxDB for ever, and the position from which each run of the engine goes on."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from adapters.stores import HistoryFileError, HistoryReader, JournalError
from adapters.stores.influx import NotWrittenError, Sender, StorePosition
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.export.influx_export import InfluxExport, address_of, position_from
from hazwatch.live.export.store_state import StoreState
from hazwatch.site.config import Config
from hazwatch.site.specs.stores import InfluxStoreSpec
from plant import Message, message_of
from plant.instant import write_instants
from plant.units import SECOND

POLL: Final = 1.0
"""Pause while nothing is new. [s]"""
SHORTEST_RETRY: Final = 1.0
LONGEST_RETRY: Final = 60.0
"""Pauses between attempts, unless the server names one. [s]"""


def export(config: Config, folder: DataFolder, spec: InfluxStoreSpec, now: int, rate: float) -> Iterator[StoreState]:
    """Copy everything that is not in the store yet, for ever; yield the state after each step.

    Parameters
    ----------
    config, folder, spec
        The configuration, the data folder and the store; `prepare` must have written its position.
    now, rate
        The engine's clock, and its speed. [ns, UTC; 1]

    Raises
    ------
    ValueError
        The position is damaged; the next run of the engine copies everything again.

    """
    position_file = position_of(folder, spec)
    position = StorePosition.read(position_file)
    if position is None:
        raise ValueError(Message("{path}: the position of the copy is damaged", path=position_file))
    copy, begun, pause = InfluxExport(config, folder, spec, position), time.monotonic(), SHORTEST_RETRY
    while copy.position.until > now + int((time.monotonic() - begun) * rate * SECOND):
        moment = write_instants(np.array([copy.position.until]))[0]
        yield copy.state(Message("the clock was set back: the copy goes on after {moment}", moment=moment))
        time.sleep(POLL)
    while True:
        wanted, trouble = None, None
        try:
            with Sender(address_of(spec)) as sender:
                for _ in copy.up_to_date(sender, position_file):
                    pause = SHORTEST_RETRY
                    yield copy.state(None)
        except NotWrittenError as error:
            trouble, wanted = error.message, error.pause
        except (OSError, ValueError, JournalError, HistoryFileError) as error:
            trouble = message_of(error)
        yield copy.state(trouble)
        if trouble is None:
            time.sleep(POLL)
        else:
            time.sleep(pause if wanted is None else max(wanted, SHORTEST_RETRY))
            pause = min(2 * pause, LONGEST_RETRY)


def position_of(folder: DataFolder, spec: InfluxStoreSpec) -> Path:
    """Return the file with the position of a store."""
    return folder.stores / f"{spec.id}.position"


def prepare(folder: DataFolder, spec: InfluxStoreSpec, started: int) -> None:
    """Write where the copy of a run goes on that began at a log time. [ns, UTC].

    Raises
    ------
    OSError, JournalError, HistoryFileError
        The position cannot be written, or the data folder cannot be read.

    """
    file = position_of(folder, spec)
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = StorePosition.read(file)
    if kept is not None:
        if kept.arrival >= started:
            # The clock was set back since. Arrivals of this run lie among those of the run before.
            replace(kept, arrival=started - 1, until=max(kept.until, kept.arrival)).write(file)
        return
    begin = started
    if file.exists():
        # Nobody knows what a damaged position said. To copy everything again does no harm; to leave a gap would.
        span = HistoryReader(folder.history).span()
        begin = started if span is None else span[0]
    position_from(folder, begin).write(file)
