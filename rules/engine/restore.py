"""What a new machine takes over from the journal, if there is no snapshot: what stood, and which events were told."""

from typing import Final

from plant.health_kinds import STALE
from rules.engine.event import Event, event_id
from rules.engine.memory import codes
from rules.engine.memory.machine import Machine
from rules.engine.transition import stand
from rules.spec.conditions import VOTE

MOST_REPEATS: Final = 1000
"""Largest number of equal condition, time and transition to try in the search for the event of an id."""


def remember_event(machine: Machine, number: int, event: Event) -> None:
    """Let later events of a condition carry no time before this event, and no id twice."""
    row = machine.row[number]
    row["last_event"] = max(int(row["last_event"]), event.time)
    if event.transition == "raise":
        # The id is a hash of how many events were the same before: the journal keeps the id alone.
        repeats = 0
        while event_id(event.condition, event.time, "raise", repeats) != event.id and repeats < MOST_REPEATS:
            repeats += 1
        row["raised"], row["repeats"] = event.time, repeats


def let_stand(machine: Machine, number: int) -> None:
    """Set a condition that stood when the run stopped to ACTIVE."""
    config = machine.row_config[number]
    stand(machine.row[number])
    kind = machine.rule[config["rule"]]["kind"]
    if kind == VOTE:
        return
    point = machine.point[config["point"]]
    point["all_health_normal"] = 0
    if kind == STALE:
        point["stale"] = point["in_doubt"] = 1
        ring = machine.ring[machine.point_config[config["point"]]["ring"]]
        ring["not_stale_from"] = codes.NEVER
