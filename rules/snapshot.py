"""Snapshots: all that an engine remembers, as bytes with a version and a checksum."""

import json
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rules.layout import Machine

MAGIC: Final = b"hazwatch engine 1\n"
KEPT: Final = ("point", "row", "globals", "bounds", "ring", "sums")
"""Arrays of the machine that change from entry to entry; the others follow from the rule-set."""
CHECKSUM: Final = 32


class SnapshotError(ValueError):
    """Bytes that are no snapshot, are damaged, or belong to another rule-set or another version of the engine."""


def write_snapshot(machine: Machine, rules: str, seq: int) -> bytes:
    """Return what a machine remembers, with the version of its rule-set and the last `seq`."""
    g = machine.globals[0]
    used = {"ring": int(g["ring_used"]), "sums": int(g["sums_used"])}
    arrays = {name: getattr(machine, name)[: used.get(name)] for name in KEPT}
    shapes = {name: [len(array), _layout(array)] for name, array in arrays.items()}
    header = json.dumps({"rules": rules, "seq": seq, "arrays": shapes}).encode()
    body = MAGIC + header + b"\n" + b"".join(array.tobytes() for array in arrays.values())
    return body + sha256(body).digest()


def read_snapshot(snapshot: bytes, machine: Machine, rules: str) -> tuple[Machine, int]:
    """Return a machine that goes on where the snapshot was written, and the last `seq`.

    Raises
    ------
    SnapshotError
        It is damaged, or was written by another version of the engine or for another rule-set.

    """
    body, checksum = snapshot[:-CHECKSUM], snapshot[-CHECKSUM:]
    if not body.startswith(MAGIC) or sha256(body).digest() != checksum:
        raise SnapshotError("damaged, or no snapshot of this version of the engine")
    line, _, data = body[len(MAGIC) :].partition(b"\n")
    header = json.loads(line)
    if header["rules"] != rules:
        raise SnapshotError(f"written for rules {header['rules']}, expected {rules}")
    arrays: dict[str, NDArray[Any]] = {}
    for name, (count, layout) in header["arrays"].items():
        like = getattr(machine, name)
        if layout != _layout(like):
            raise SnapshotError(f"{name}: written by another version of the engine")
        size = count * like.dtype.itemsize
        arrays[name] = np.zeros(max(count, len(like)), dtype=like.dtype)
        arrays[name][:count] = np.frombuffer(data[:size], dtype=like.dtype)
        data = data[size:]
    return machine._replace(**arrays), int(header["seq"])


def _layout(array: NDArray[Any]) -> str:
    return sha256(repr(array.dtype).encode()).hexdigest()[:12]
