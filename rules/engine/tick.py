"""What a tick or a start does: timers fire in the order of due time and row; at a start staleness counts anew."""

from rules.engine.calm import write_back
from rules.engine.compiled import compiled
from rules.engine.dependents import propagate, raise_due
from rules.engine.memory.machine import Machine
from rules.engine.sample import expect_sample
from rules.engine.timers import collect, pop


@compiled
def count_staleness_anew(m: Machine) -> None:
    """Set the timer of `stale` of every point that is not stale."""
    for p in range(len(m.point)):
        write_back(m, p)
        if m.point_config[p]["stale_after"] > 0 and not m.point[p]["stale"]:
            expect_sample(m, p)


@compiled
def tick(m: Machine, t: int, is_start: int) -> None:
    """Fire all timers that are due, in the order of due time and row; at a start staleness counts anew first."""
    g = m.globals[0]
    g["last_tick"] = max(g["last_tick"], t)
    g["tick"] = t
    if is_start:
        g["start"] = t
        count_staleness_anew(m)
    if g["bound"] > t:
        return
    # While timers fire, votes and interlocks may become PENDING with a due time up to t: `arm` queues them.
    g["ticking"] = 1
    collect(m, t)
    while g["timers"] > 0:
        due = m.timers[0]["due"]
        r = pop(m)
        # A condition whose state changed since it was put into the queue has another due time, or none.
        if m.row[r]["due"] == due:
            raise_due(m, r)
            propagate(m)
    g["ticking"] = 0
