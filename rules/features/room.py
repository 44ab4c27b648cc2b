"""Room for windows: rings and sums lie in two pools, move to larger places as they grow, and lose no sample."""

from rules.compiled import compiled
from rules.layout import NEVER, Machine

LEAST = 16


@compiled
def make_room(m: Machine, p: int) -> bool:
    """See to room for one more sample of a point; return False where a pool is used up (nothing has changed then)."""
    if not m.point_config[p]["has_ring"]:
        return True
    if not _room_in_ring(m, p):
        return False
    tail = m.point[p]["tail"]
    for r in range(m.point_config[p]["limits"], m.point_config[p]["feeds"]):
        row = m.row[r]
        if m.row_config[r]["width"] and row["room"] < tail - row["base"] + 1 and not _move_sums(m, r):
            return False
    return True


@compiled
def _oldest(m: Machine, p: int) -> int:
    """Return the number of the oldest sample that a window of the point still holds."""
    oldest = NEVER
    for r in range(m.point_config[p]["limits"], m.point_config[p]["feeds"]):
        if m.row_config[r]["window"]:
            oldest = min(oldest, m.row[r]["head"])
    return int(min(oldest, m.point[p]["tail"]))


@compiled
def _room_in_ring(m: Machine, p: int) -> bool:
    point, g = m.point[p], m.globals[0]
    if point["tail"] - point["base"] < point["room"]:
        return True
    oldest = _oldest(m, p)
    count = point["tail"] - oldest
    place, room = point["place"], point["room"]
    if count * 2 > room or room == 0:
        room = max(2 * room, LEAST)
        place = g["ring_used"]
        if place + room > len(m.ring):
            return False
        g["ring_used"] = place + room
    source = point["place"] + oldest - point["base"]
    for k in range(count):
        m.ring[place + k]["time"] = m.ring[source + k]["time"]
        m.ring[place + k]["value"] = m.ring[source + k]["value"]
        m.ring[place + k]["one_sided"] = m.ring[source + k]["one_sided"]
    point["place"], point["room"], point["base"] = place, room, oldest
    return True


@compiled
def _move_sums(m: Machine, r: int) -> bool:
    """Move the entries of a row to where one more sample than its window holds has room."""
    row, g, width = m.row[r], m.globals[0], m.row_config[r]["width"]
    count = m.point[m.row_config[r]["point"]]["tail"] - row["head"] + 1
    place, room = row["place"], row["room"]
    if count * 2 > room:
        room = max(2 * count, LEAST)
        place = g["sums_used"]
        if place + width * (2 + room) > len(m.sums):
            return False
        g["sums_used"] = place + width * (2 + room)
    for k in range(2 * width):
        m.sums[place + k] = m.sums[row["place"] + k]
    source = row["place"] + width * (2 + row["head"] - row["base"])
    for k in range(width * max(row["middle"] - row["head"], 0)):
        m.sums[place + 2 * width + k] = m.sums[source + k]
    row["place"], row["room"], row["base"] = place, room, row["head"]
    return True
