"""Timers: which one is due first, and in which order those of one tick fire.

The due times stand in the rows. `Machine.bounds` has a lower bound of them for each point, and `bound` of `LogState`
has one for all points: most samples and ticks compare one number. A bound may be too early, and is made exact when the
rows are read. It is never too late, because whoever sets an earlier due time calls `arm`.
"""

from rules.engine.calm import write_back
from rules.engine.compiled import compiled
from rules.engine.memory.codes import NEVER
from rules.engine.memory.machine import Machine


@compiled
def arm(m: Machine, r: int) -> None:
    """Lower the bounds to the due time of a row; if it is due at the tick that is evaluated now, queue it."""
    due = m.row[r]["due"]
    p = m.row_config[r]["point"]
    g = m.globals[0]
    m.bounds[p] = min(m.bounds[p], due)
    g["bound"] = min(g["bound"], due)
    if g["ticking"] and due <= g["tick"]:
        push(m, due, r)


@compiled
def first_due(m: Machine, p: int, before: int) -> int:
    """Return the row of a point whose timer fires first of those that are due before a time; -1 if none is.

    Parameters
    ----------
    m : Machine
        Its bound for the point is made exact.
    p : int
        Column number of the point.
    before : int
        [ns, UTC]

    """
    if m.bounds[p] >= before:
        return -1
    earliest, row = NEVER, -1
    for r in range(m.point_config[p]["limits"], m.point_config[p]["end"]):
        if m.row[r]["due"] < earliest:
            earliest, row = m.row[r]["due"], r
    m.bounds[p] = earliest
    return row if earliest < before else -1


@compiled
def count_due(m: Machine, t: int) -> int:
    """Return how many timers are due at a tick, at most."""
    if m.globals[0]["bound"] > t:
        return 0
    count = 0
    for p in range(len(m.bounds)):
        if m.bounds[p] <= t:
            for r in range(m.point_config[p]["limits"], m.point_config[p]["end"]):
                if m.row[r]["due"] <= t:
                    count += 1
    return count


@compiled
def collect(m: Machine, t: int) -> None:
    """Queue all timers that are due at a tick, and make all bounds exact for those that are not."""
    g = m.globals[0]
    g["timers"] = 0
    bound = NEVER
    for p in range(len(m.bounds)):
        if m.bounds[p] <= t:
            write_back(m, p)
            later = NEVER
            for r in range(m.point_config[p]["limits"], m.point_config[p]["end"]):
                due = m.row[r]["due"]
                if due <= t:
                    push(m, due, r)
                else:
                    later = min(later, due)
            m.bounds[p] = later
        bound = min(bound, m.bounds[p])
    g["bound"] = bound


@compiled
def _before(m: Machine, a: int, b: int) -> bool:
    first, second = m.timers[a], m.timers[b]
    return first["due"] < second["due"] or (first["due"] == second["due"] and first["row"] < second["row"])


@compiled
def _swap(m: Machine, a: int, b: int) -> None:
    due, row = m.timers[a]["due"], m.timers[a]["row"]
    m.timers[a]["due"], m.timers[a]["row"] = m.timers[b]["due"], m.timers[b]["row"]
    m.timers[b]["due"], m.timers[b]["row"] = due, row


@compiled
def push(m: Machine, due: int, r: int) -> None:
    """Put a timer into the queue of a tick (a binary heap by due time and row)."""
    g = m.globals[0]
    child = g["timers"]
    m.timers[child]["due"] = due
    m.timers[child]["row"] = r
    g["timers"] = child + 1
    while child > 0 and _before(m, child, (child - 1) // 2):
        _swap(m, child, (child - 1) // 2)
        child = (child - 1) // 2


@compiled
def pop(m: Machine) -> int:
    """Take the row of the first timer out of the queue."""
    g = m.globals[0]
    first = m.timers[0]["row"]
    size = g["timers"] - 1
    g["timers"] = size
    parent = 0
    _swap(m, parent, size)
    while 2 * parent + 1 < size:
        child = 2 * parent + 1
        if child + 1 < size and _before(m, child + 1, child):
            child += 1
        if not _before(m, child, parent):
            break
        _swap(m, child, parent)
        parent = child
    return first
