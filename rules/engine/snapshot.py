"""Snapshots: all that an engine remembers, as bytes with a version and a checksum.

    magic line | header: one line of JSON | the arrays, one after the other | SHA-256 of all before

The header has the version of the rule-set, the last `seq`, and the fields of each array with their types. So an engine
whose records have new or renamed fields reads the snapshot of an older engine: a new field begins as in a new engine, a
renamed field is found in RENAMED_FIELDS. Whoever renames a field of an array in KEPT adds it there; whoever removes or
reinterprets one changes MAGIC, and older snapshots are refused. A refused snapshot costs time and loses nothing: the
engine is rebuilt from the journal and the history.
"""

import json
from hashlib import sha256
from typing import Final

import numpy as np

from plant import Message
from plant.columns.rows import Column
from rules.engine.memory.machine import Machine

MAGIC: Final = b"hazwatch engine 3\n"
MAGIC_0_1: Final = b"hazwatch engine 2\n"
"""Snapshots of version 0.1.0: the same arrays and fields under older names."""
RENAMED_ARRAYS: Final = {"rest": "calm"}
RENAMED_FIELDS: Final = {
    "weak": "in_doubt",
    "quiet": "all_health_normal",
    "fresh": "last_evidence_entry",
    "came_late": "last_arrived_late",
    "came_quality": "last_arrived_quality",
    "came_state": "last_arrived_state",
    "came_source": "last_arrived_source",
    "came_value": "last_arrived_value",
    "try_at": "search_from",
}
"""Names of 0.1.0, and the names of today."""
KEPT: Final = ("point", "row", "memory", "globals", "calm", "bounds", "ring", "samples", "window", "sums")
"""Arrays of the machine that change from entry to entry; the others follow from the rule-set."""
CHECKSUM: Final = 32


class SnapshotError(ValueError):
    """Bytes that are no snapshot, are damaged, or belong to another rule-set or another version of the engine."""


def write_snapshot(machine: Machine, rules: str, seq: int) -> bytes:
    """Return what a machine remembers, with the version of its rule-set and the last `seq`."""
    g = machine.globals[0]
    # These two pools have room in reserve, which is not worth bytes on the disk.
    used = {"samples": int(g["samples_used"]), "sums": int(g["sums_used"])}
    arrays = {name: getattr(machine, name)[: used.get(name)] for name in KEPT}
    shapes = {name: [len(array), _fields(array.dtype)] for name, array in arrays.items()}
    header = json.dumps({"rules": rules, "seq": seq, "arrays": shapes}).encode()
    body = MAGIC + header + b"\n" + b"".join(array.tobytes() for array in arrays.values())
    return body + sha256(body).digest()


def read_snapshot(snapshot: bytes, machine: Machine, rules: str) -> tuple[Machine, int]:
    """Return a machine that goes on where the snapshot was written, and the last `seq`.

    Parameters
    ----------
    snapshot : bytes
        As written.
    machine : Machine
        A new one of the same rule-set.
    rules : str
        Version of the rule-set.

    Raises
    ------
    SnapshotError
        It is damaged, or was written by another version of the engine or for another rule-set.

    """
    body, checksum = snapshot[:-CHECKSUM], snapshot[-CHECKSUM:]
    # The checksum comes before everything else: damaged bytes must not reach the JSON parser.
    if not body.startswith((MAGIC, MAGIC_0_1)) or sha256(body).digest() != checksum:
        raise SnapshotError(Message("damaged, or not a snapshot of this version of the engine"))
    line, _, data = body[len(MAGIC) :].partition(b"\n")
    header = json.loads(line)
    if header["rules"] != rules:
        raise SnapshotError(
            Message("written for rules {written}; expected rules {expected}", written=header["rules"], expected=rules)
        )
    arrays: dict[str, Column] = {}
    for name, (count, fields) in header["arrays"].items():
        dtype = _dtype(fields)
        size = count * dtype.itemsize
        known = RENAMED_ARRAYS.get(name, name)
        if known in KEPT:
            arrays[known] = _taken_over(np.frombuffer(data[:size], dtype=dtype), getattr(machine, known))
        data = data[size:]
    arrays["point"]["in_doubt"] |= arrays["point"]["stale"]  # in 0.1.0 `weak` said nothing about staleness
    kept = [arrays.get(name, array) for name, array in zip(machine._fields, machine, strict=True)]
    return Machine._make(kept), int(header["seq"])


def _taken_over(kept: Column, new: Column) -> Column:
    """Return an array of the new type with all that was kept; it is at least as long as both."""
    array = np.zeros(max(len(kept), len(new)), dtype=new.dtype)
    array[: len(new)] = new
    if new.dtype.names is None:
        array[: len(kept)] = kept
        return array
    for name in new.dtype.names:
        if name in (kept.dtype.names or ()):
            array[name][: len(kept)] = kept[name]
    return array


def _fields(dtype: np.dtype[np.void]) -> str | list[list[str]]:
    """Return a type as JSON can hold it."""
    if dtype.names is None:
        return dtype.str
    return [[name, dtype[name].str] for name in dtype.names]


def _dtype(fields: str | list[list[str]]) -> np.dtype[np.generic]:
    if isinstance(fields, str):
        return np.dtype(fields)
    # Aligned like the records of the engine, so that the padding between fields has the same size.
    return np.dtype([(RENAMED_FIELDS.get(name, name), kind) for name, kind in fields], align=True)
