"""What follows from a raise or a clear: its event, then the votes and interlocks that depend on it, depth first.

Theory of operation. `apply` and `raise_due` write the event of a condition. If the condition has dependents, they also
push a frame: an event whose dependents must still be evaluated. `propagate` works the frames off, the last one first,
so that the dependents of a dependent come before its next sibling: the order of docs/en/semantics.md, "Order".

The dependents of a row lie in `Machine.graph` as pairs (row, on a raise only):

    graph   ... | V1  0 | I3  0 | V7  1 | ...        V1 and I3 follow raises and clears, V7 follows raises alone
                  ^ place                              (V7 is a vote of the point of this row, which is a `stale`)

Each pair takes three steps, and a frame counts them:

    step               0        1        2        3        4        5        6        7        8
    pair, step // 3    V1       V1       V1       I3       I3       I3       V7       V7       V7
    phase, step % 3    due < t  verdict  due = t  due < t  verdict  due = t  due < t  verdict  due = t

A timer that was due before the event fires first, then the event acts, then a timer that is due at the very time of
the event fires. An event in a step pushes its own frame, which is worked off before the next step of this one.
"""

import math

from plant.health_kinds import FIRST_MEASURED, OVER_RANGE, STALE
from plant.quality import BAD, GOOD, UNCERTAIN
from rules.engine.calm import wake
from rules.engine.compiled import compiled, inlined
from rules.engine.memory.codes import (
    CLEAR,
    IN,
    NEVER,
    NOTHING,
    OUT,
    PENDS,
    RAISE,
)
from rules.engine.memory.machine import Machine, links_of, rule_of
from rules.engine.timers import arm
from rules.engine.transition import doubt, end, fire, look, stands
from rules.spec.conditions import INTERLOCK, LIMIT, VOTE
from rules.spec.features import VALUE


@compiled
def known_off(m: Machine, p: int) -> bool:
    """Tell whether a feed is known to carry no voltage."""
    return m.point[p]["evidence"] == 0.0 and not m.point[p]["in_doubt"]


@compiled
def evaluate(m: Machine, r: int, t: int) -> None:
    """Judge a vote or an interlock at a sample of one of its points, and apply what changed."""
    change = look(rule_of(m, r), m.row[r], t, verdict_of(m, r))
    if change != NOTHING or m.row[r]["due"] == t:
        apply(m, r, change, t)


@inlined
def apply(m: Machine, r: int, change: int, t: int) -> None:
    """Write the event of a change, propagate it, then let the timer of the condition fire if it is due at that time."""
    if change != NOTHING:
        _changed(m, r, change, t)
        propagate(m)
    if m.row[r]["due"] == t:
        raise_due(m, r)
        propagate(m)


@compiled
def raise_due(m: Machine, r: int) -> None:
    """Raise a condition whose timer is due, with its due time as event time; `propagate` must follow."""
    due = fire(m.row[r])
    if rule_of(m, r)["kind"] == STALE:
        _becomes_stale(m, m.row_config[r]["point"])
    _changed(m, r, RAISE, due)


@compiled
def _becomes_stale(m: Machine, p: int) -> None:
    wake(m, p)
    m.point[p]["stale"] = 1
    m.point[p]["in_doubt"] = 1
    m.ring[m.point_config[p]["ring"]]["not_stale_from"] = NEVER
    for r in range(m.point_config[p]["limits"], m.point_config[p]["feeds"]):
        doubt(m.row[r])


@compiled
def clear_stale(m: Machine, r: int, t: int) -> None:
    """Clear the condition `stale` at a sample."""
    end(m.row[r])
    _changed(m, r, CLEAR, t)
    propagate(m)


@compiled
def propagate(m: Machine) -> None:
    """Evaluate the dependents of all events that have a frame, depth first."""
    g = m.globals[0]
    while g["depth"] > 0:
        frame = m.frames[g["depth"] - 1]
        step = frame["step"]
        if step >= frame["steps"]:
            g["depth"] -= 1
            continue
        frame["step"] = step + 1
        place = frame["place"] + 2 * (step // 3)  # a pair is two numbers long
        on_raise_only = m.graph[place + 1]
        if not on_raise_only or frame["transition"] == RAISE:
            _take_step(m, m.graph[place], frame["time"], step % 3)


@compiled
def _take_step(m: Machine, r: int, t: int, phase: int) -> None:
    """Take one of the three steps of a dependent: a timer due before t, the verdict at t, a timer due at t."""
    due = m.row[r]["due"]
    if phase == 1:
        change = look(rule_of(m, r), m.row[r], t, verdict_of(m, r))
        if change != NOTHING:
            _changed(m, r, change, t)
    elif (phase == 0 and due < t) or (phase == 2 and due == t):
        raise_due(m, r)


@compiled
def verdict_of(m: Machine, r: int) -> int:
    """Judge a vote or an interlock by what stands and what is in doubt now."""
    rule, links = rule_of(m, r), links_of(m, r)
    if rule["kind"] == INTERLOCK:
        return IN if stands(m.row[links["other"]]) and not known_off(m, m.row_config[r]["point"]) else OUT
    standing, together = 0, 0
    # A member in doubt counts as if it stood, once another one stands: two of three with one sensor dead is one of two.
    for place in range(links["members"], links["members_end"]):
        member = m.graph[place]
        if stands(m.row[member]):
            standing += 1
            together += 1
        elif _member_in_doubt(m, member):
            together += 1
    m.memory[m.row_config[r]["memory"]]["value"] = standing
    return IN if standing > 0 and together >= rule["at_least"] else OUT


@compiled
def _member_in_doubt(m: Machine, r: int) -> bool:
    if rule_of(m, r)["kind"] != VOTE:
        return m.point[m.row_config[r]["point"]]["in_doubt"] != 0
    links = links_of(m, r)
    certain = 0
    for place in range(links["points"], links["points_end"]):
        certain += 0 if m.point[m.graph[place]]["in_doubt"] else 1
    return certain == 0


@compiled
def _changed(m: Machine, r: int, change: int, t: int) -> None:
    if change == PENDS:
        arm(m, r)
    else:
        _emit(m, r, change, t)


@compiled
def _emit(m: Machine, r: int, transition: int, t: int) -> None:
    """Write an event, and push a frame if anything depends on it."""
    g, row, links = m.globals[0], m.row[r], links_of(m, r)
    time = max(t, row["last_event"])
    row["last_event"] = time
    if transition == RAISE:
        row["repeats"] = row["repeats"] + 1 if row["raised"] == time else 0
        row["raised"] = time
    event = m.events[g["events"]]
    g["events"] += 1
    event["row"] = r
    event["transition"] = transition
    event["time"] = time
    event["raised"] = row["raised"]
    event["repeats"] = row["repeats"]
    event["value"] = _event_value(m, r)
    event["quality"] = _event_quality(m, r)
    if links["dependents"] < links["dependents_end"]:
        frame = m.frames[g["depth"]]
        g["depth"] += 1
        frame["time"] = time
        frame["transition"] = transition
        frame["place"] = links["dependents"]
        frame["step"] = 0
        frame["steps"] = (links["dependents_end"] - links["dependents"]) // 2 * 3


@compiled
def _event_value(m: Machine, r: int) -> float:
    config, rule = m.row_config[r], rule_of(m, r)
    kind = rule["kind"]
    if kind == INTERLOCK or (kind == LIMIT and rule["feature"] == VALUE):
        return m.point[config["point"]]["evidence"]
    if kind == LIMIT or kind >= FIRST_MEASURED:
        return m.memory[config["memory"]]["value"]
    return m.point[config["point"]]["raw"] if kind == OVER_RANGE else math.nan


@compiled
def _event_quality(m: Machine, r: int) -> int:
    if rule_of(m, r)["kind"] != VOTE:
        point = m.point[m.row_config[r]["point"]]
        return point["quality"] if point["has"] and not point["stale"] else BAD
    links = links_of(m, r)
    for place in range(links["points"], links["points_end"]):
        if m.point[m.graph[place]]["in_doubt"]:
            return UNCERTAIN
    return GOOD
