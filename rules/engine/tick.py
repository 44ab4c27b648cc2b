"""What a tick or a start does: timers fire by due time and row; at a start staleness counts anew."""

from rules.engine.calm import write_back
from rules.engine.compiled import compiled, inlined
from rules.engine.dependents import fire, settle
from rules.engine.records import Machine
from rules.engine.timers import arm, collect, pop


@compiled
def count_staleness_anew(m: Machine) -> None:
    """Set the timers of `stale` of all points that are not."""
    for p in range(len(m.point)):
        write_back(m, p)
        if m.point_config[p]["stale_after"] > 0 and not m.point[p]["stale"]:
            expect_sample(m, p)


@inlined
def expect_sample(m: Machine, p: int) -> None:
    """Set the timer of `stale`."""
    g, r = m.globals[0], m.point_config[p]["health"]
    last = max(g["first"], g["start"])
    if m.point[p]["has"]:
        last = max(last, m.point[p]["time"])
    m.row[r]["due"] = last + m.point_config[p]["stale_after"]
    if m.row[r]["due"] < m.bounds[p]:
        arm(m, r)


@compiled
def tick(m: Machine, t: int, is_start: int) -> None:
    """Fire all timers that are due, by due time and row; at a start staleness counts anew first."""
    g = m.globals[0]
    g["last_tick"] = max(g["last_tick"], t)
    g["tick"] = t
    if is_start:
        g["start"] = t
        count_staleness_anew(m)
    if g["bound"] > t:
        return
    g["ticking"] = 1
    collect(m, t)
    while g["timers"] > 0:
        due = m.timers[0]["due"]
        r = pop(m)
        if m.row[r]["due"] == due:
            fire(m, r)
            settle(m)
    g["ticking"] = 0
