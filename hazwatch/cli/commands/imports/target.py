"""Where imported history goes: a trace, or the historian of a new data folder."""

import argparse
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from adapters.stores import Historian, HistoryReader
from hazwatch.cli.new_site import refuse_to_replace
from hazwatch.cli.options import RefusedError, written
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config
from hazwatch.words import both
from plant import Message, SampleBatch, write_trace
from plant.instant import write_instants

NOTHING_FOUND: Final = Message("no value of any point of the site file is in it; nothing is written")


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the history goes."""
    target: Any = parser.add_mutually_exclusive_group(required=True)
    target.add_argument(
        "--out", type=Path, metavar="TRACE", help=both(Message("write a trace (.csv), which must not be there yet"))
    )
    target.add_argument(
        "--data", type=Path, metavar="DIR", help=both(Message("write into the history of this data folder"))
    )


def check_target(arguments: argparse.Namespace) -> None:
    """End the command if the history cannot go there, before anything is read."""
    if arguments.out is not None:
        refuse_to_replace(arguments.out)


def store(arguments: argparse.Namespace, config: Config, samples: SampleBatch) -> None:
    """Write samples in order of time to where the command line says; each arrives at its own time.

    Raises
    ------
    RefusedError
        The target cannot be written, or has later entries already.

    """
    if arguments.out is not None:
        with written(arguments.out), arguments.out.open("x", encoding="utf-8") as file:
            file.writelines(write_trace(samples, config.points))
        return
    folder = DataFolder(arguments.data)
    span = HistoryReader(folder.history).span() if folder.history.is_dir() else None
    if span is not None and len(samples) and span[1] >= samples.time[0]:
        last, first = write_instants(np.array([span[1], samples.time[0]]))
        raise RefusedError(
            Message(
                "{path}: its history goes up to {last}, and the import begins at {first}; history is only ever "
                "continued: choose a new folder with --data, or a trace with --out",
                path=folder.history, last=last, first=first,
            )
        )  # fmt: skip
    with written(folder.history):
        folder.path.mkdir(parents=True, exist_ok=True)
        with closing(Historian(folder.history, config.points, retention_days=None)) as historian:
            if span is None and len(samples):
                historian.start(int(samples.time[0]) - 1)
            ends = [0, *(np.flatnonzero(np.diff(samples.time)) + 1).tolist(), len(samples)]
            for begin, end in pairwise(ends):
                batch = samples.take(slice(begin, end))
                historian.append(batch.stamped(int(batch.time[0])))
