"""The diagrams of the page on alarms, drawn from the tables of transitions."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def diagram(transitions: Mapping[S, Mapping[E, S]]) -> str:
    """Return a table of transitions as a Mermaid state diagram; the first state is where everything begins."""
    arrows = [
        f"    {state.value} --> {after.value}: {event.value}"
        for state, row in transitions.items()
        for event, after in row.items()
    ]
    first, *_ = transitions
    ends = [f"    {state.value} --> [*]" for state, row in transitions.items() if not row]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {first.value}", *arrows, *ends])
