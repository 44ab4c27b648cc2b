"""What a look at a device brings to light: the points that it seems to have, and what the look could not tell."""

from typing import NamedTuple

from plant import Message, SourceSpec


class DiscoveryError(Exception):
    """A device cannot be looked at; the message says why."""


class SearchBounds(NamedTuple):
    """How far a look at a device goes.

    Attributes
    ----------
    seconds : float
        Longest time. [s]
    points : int
        Most points.
    depth : int
        Most steps from the root of an address space.
    units : tuple of int
        First and last unit behind an endpoint.
    registers : tuple of int
        First and last address of a table.

    """

    seconds: float
    points: int
    depth: int
    units: tuple[int, int]
    registers: tuple[int, int]


class DiscoveredPoint(NamedTuple):
    """A point that a device seems to have.

    Attributes
    ----------
    id, name : str
        A name that no other point of the device has; what the device calls it, or a Message if it has no names.
    address : str
        The address, in the grammar of its protocol.
    unit : str
        Empty if the device does not say it.
    range : (float, float) or None
        Lowest and highest value, if the device says them. [unit]

    """

    id: str
    name: str
    address: str
    unit: str = ""
    range: tuple[float, float] | None = None


class Discovery(NamedTuple):
    """The points of a device, and what a person must know about them."""

    spec: SourceSpec
    points: tuple[DiscoveredPoint, ...]
    remarks: tuple[Message, ...]
