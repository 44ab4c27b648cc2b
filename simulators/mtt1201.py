"""Writes a trace into a folder as the real-time files of MT/T 1201."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from plant import Message, Quality, SampleBatch
from plant.address import RecordAddress
from plant.units import SECOND
from simulators.faults import Faults
from simulators.pace import TraceClock, play

HOURS_AHEAD: Final = 8
"""How far the times in the files are ahead of UTC. [h]"""
RECORDS: Final[Mapping[str, Callable[[str, str, str, int, str], tuple[object, ...]]]] = {
    "CDSS": lambda code, value, unit, state, time: (code, "", "", value, unit, state, time),
    "ZKSS": lambda code, value, _, state, time: (code, "", "", value, state, time),
    "MGSS": lambda code, value, _, state, time: (code, "", "", value, state, time),
    "YSLCDSS": lambda code, value, _, state, time: (code, state, value, time),
}
"""The types that are simulated, and the fields of a record: code, value, unit, state and time in their order."""


class MttSimulator:
    """A writer of files; `serve` creates it. Each piece of the trace becomes one file of each type."""

    def __init__(self, folder: Path, mine: str, points: Mapping[int, RecordAddress], faults: Faults | None) -> None:
        self._folder: Final = folder
        self._mine: Final = mine
        self._points: Final = points
        self._faults: Final = faults
        self._kept: list[SampleBatch] = []
        self._frozen = False
        self._cut = False
        self._last = datetime.min.replace(tzinfo=UTC)

    def freeze(self) -> None:
        """Write no more files."""
        self._frozen = True

    def resume(self) -> None:
        """Write files again; what was due meanwhile comes late, with its own times."""
        self._frozen = False

    async def drop_link(self) -> None:
        """Keep the files back."""
        self._cut = True

    async def restore_link(self) -> None:
        """Write what was kept back with the next file."""
        self._cut = False

    async def deliver(self, rows: SampleBatch) -> None:
        """Write the files of a piece of the trace."""
        self._kept.append(rows if self._faults is None else self._faults.apply(rows))
        if self._frozen or self._cut:
            return
        due, self._kept = SampleBatch.concatenate(self._kept), []
        records: dict[str, list[str]] = {}
        for row in range(len(due)):
            address = self._points.get(int(due.point[row]))
            if address is not None:
                records.setdefault(address.type, []).append(_record(address, due, row))
        if records:
            self._write(records, int(due.time.max()))

    def _write(self, records: Mapping[str, list[str]], time: int) -> None:
        # A second has one name; a later piece of the same second takes the next one.
        self._last = max(_local(time), self._last + timedelta(seconds=1))
        for kind, lines in records.items():
            file = self._folder / f"{self._mine}_{kind}_{self._last:%Y%m%d%H%M%S}.txt"
            text = "".join(f"{line}~" for line in (f"{self._mine};;{self._last:%Y-%m-%d %H:%M:%S}", *lines))
            # Renamed when it is whole, as careful systems do.
            fresh = file.with_suffix(".new")
            fresh.write_text(f"{text}||", encoding="utf-8")
            fresh.rename(file)


def _record(address: RecordAddress, rows: SampleBatch, row: int) -> str:
    # A file has no quality of its own: a value that is not to be used is left out.
    value = "" if rows.quality[row] == Quality.BAD else f"{float(rows.value[row]):.12g}"
    time = f"{_local(int(rows.time[row])):%Y-%m-%d %H:%M:%S}"
    fields = RECORDS[address.type](address.code, value, address.unit, int(rows.state[row]), time)
    return ";".join(map(str, fields))


def _local(time: int) -> datetime:
    return datetime.fromtimestamp(time // SECOND, UTC) + timedelta(hours=HOURS_AHEAD)


@asynccontextmanager
async def serve(
    folder: Path,
    mine: str,
    points: Mapping[int, RecordAddress],
    trace: SampleBatch,
    clock: TraceClock,
    *,
    faults: Faults | None = None,
) -> AsyncIterator[MttSimulator]:
    """Write files for the duration of the context.

    Raises
    ------
    OSError
        The folder is missing, or a type has no simulator.

    """
    for address in points.values():
        if address.type not in RECORDS:
            known = tuple(RECORDS)
            raise OSError(
                Message("type {type} has no simulator; expected one of {known}", type=address.type, known=known)
            )
    await asyncio.to_thread(os.listdir, folder)
    simulator = MttSimulator(folder, mine, points, faults)
    playing = asyncio.create_task(play(trace, clock, simulator.deliver), name=f"files of {mine}")
    try:
        yield simulator
    finally:
        playing.cancel()
        with suppress(asyncio.CancelledError):
            await playing
