"""The points of a day file, which assigns a number to each id; samples refer to the numbers."""

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.stores.historian.day.content import DayContent
from adapters.stores.historian.day.database import transaction, write_tail
from adapters.stores.historian.day.records import Tail, point_checksum


def number_points(
    database: sqlite3.Connection, content: DayContent, ids: Sequence[str]
) -> tuple[NDArray[np.int64], Tail]:
    """Return the numbers of points in a file, after numbering new points, and the file's tail."""
    numbers = {name: number for number, name in content.names().items()}
    fresh = [name for name in ids if name not in numbers]
    tail = content.tail or Tail()
    if fresh:
        numbers |= {name: number for number, name in enumerate(fresh, start=tail.points + 1)}
        tail = tail._replace(points=tail.points + len(fresh))
        day = content.file.day
        rows = [(numbers[name], name, point_checksum(day, numbers[name], name.encode())) for name in fresh]
        # One transaction: the tail counts the points, and a reader takes missing ones for a loss.
        with transaction(database, "IMMEDIATE"):
            database.executemany("INSERT INTO point VALUES (?, ?, ?)", rows)
            write_tail(database, day, tail)
    return np.array([numbers[name] for name in ids], dtype=np.int64), tail
