"""Room for windows: rings and sums lie in two pools, move to larger places as they grow, and lose no sample."""

from rules.engine.compiled import compiled
from rules.engine.memory.machine import Machine

LEAST = 16
ROOM_AHEAD = 4
"""A ring has room for four times what its windows hold: a calm point is woken when its ring is full."""


@compiled
def make_room(m: Machine, p: int) -> bool:
    """Make room for one more sample of a point; return False if a pool is used up, and then change nothing."""
    config = m.point_config[p]
    if not config["ring"]:
        return True
    if not _room_in_ring(m, p):
        return False
    tail = m.ring[config["ring"]]["tail"]
    for w in range(config["windows"], config["windows_end"]):
        window = m.window[w]
        if m.window_config[w]["width"] and window["room"] < tail - window["base"] + 1 and not _move_sums(m, w, tail):
            return False
    return True


@compiled
def oldest(m: Machine, p: int) -> int:
    """Return the number of the oldest sample that a window of the point still holds."""
    config = m.point_config[p]
    number = m.ring[config["ring"]]["tail"]
    for w in range(config["windows"], config["windows_end"]):
        number = min(number, m.window[w]["head"])
    return number


@compiled
def _room_in_ring(m: Machine, p: int) -> bool:
    ring, g = m.ring[m.point_config[p]["ring"]], m.globals[0]
    if ring["tail"] - ring["base"] < ring["room"]:
        return True
    first = oldest(m, p)
    count = ring["tail"] - first
    place, room = ring["place"], ring["room"]
    # At least half of the room is free after a move in place, so that moves stay rare; else the ring moves on.
    if count * 2 > room or room == 0:
        room = max(ROOM_AHEAD * count, LEAST)
        place = g["samples_used"]
        if place + room > len(m.samples):
            return False
        g["samples_used"] = place + room
    source = ring["place"] + first - ring["base"]
    for k in range(count):
        m.samples[place + k]["time"] = m.samples[source + k]["time"]
        m.samples[place + k]["value"] = m.samples[source + k]["value"]
    ring["place"], ring["room"], ring["base"] = place, room, first
    return True


@compiled
def _move_sums(m: Machine, w: int, tail: int) -> bool:
    """Move the sums of a window to a place that has room for one sample more."""
    window, g, width = m.window[w], m.globals[0], m.window_config[w]["width"]
    count = tail - window["head"] + 1
    place, room = window["place"], window["room"]
    if count * 2 > room:
        room = max(2 * count, LEAST)
        place = g["sums_used"]
        if place + width * (2 + room) > len(m.sums):
            return False
        g["sums_used"] = place + width * (2 + room)
    for k in range(2 * width):
        m.sums[place + k] = m.sums[window["place"] + k]
    source = window["place"] + width * (2 + window["head"] - window["base"])
    for k in range(width * max(window["middle"] - window["head"], 0)):
        m.sums[place + 2 * width + k] = m.sums[source + k]
    window["place"], window["room"], window["base"] = place, room, window["head"]
    return True
