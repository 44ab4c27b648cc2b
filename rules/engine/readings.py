"""Readings: the last accepted sample of every point, and how many samples came, as the machine has them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant import NO_ARRIVAL
from plant.quality import BAD
from rules.engine.calm import write_all_back
from rules.engine.memory.machine import Machine


@dataclass(frozen=True, slots=True)
class Readings:
    """The last accepted sample of every point; one row per point.

    Attributes
    ----------
    time : (n,) int64
        NO_ARRIVAL where none was accepted yet. [ns, UTC]
    value : (n,) float64
        As it came; NaN where none was accepted yet. [unit of the point]
    quality : (n,) uint8
        `plant.Quality`; BAD where none was accepted yet.
    state : (n,) uint16
        `plant.State`.
    stale : (n,) bool
        No sample was accepted for `stale_after`.
    in_doubt : (n,) bool
        The value says nothing about safety now.

    """

    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    state: NDArray[np.uint16]
    stale: NDArray[np.bool_]
    in_doubt: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of samples since the creation of the engine; one row per point.

    Attributes
    ----------
    accepted, late, duplicates : (n,) int64
        Every sample is counted in one of the three. [1]

    """

    accepted: NDArray[np.int64]
    late: NDArray[np.int64]
    duplicates: NDArray[np.int64]


def readings_of(machine: Machine) -> Readings:
    """Return the last accepted sample of every point."""
    write_all_back(machine)
    point = machine.point
    has = point["has"] == 1
    return Readings(
        time=np.where(has, point["source"], NO_ARRIVAL),
        value=point["value"].copy(),
        quality=np.where(has, point["quality"], BAD).astype(np.uint8),
        state=point["state"].copy(),
        stale=point["stale"] == 1,
        in_doubt=point["in_doubt"] == 1,
    )


def counts_of(machine: Machine) -> Counts:
    """Return how many samples of every point were accepted, late and duplicates."""
    write_all_back(machine)
    point = machine.point
    return Counts(point["accepted"].copy(), point["late"].copy(), point["duplicates"].copy())
