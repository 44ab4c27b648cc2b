"""Raises and clears, and what follows from them directly: votes and interlocks, depth first."""

import math

from plant.health_kinds import FIRST_MEASURED, OVER_RANGE, STALE
from plant.quality import BAD, GOOD, UNCERTAIN
from rules.engine.calm import wake
from rules.engine.compiled import compiled, inlined
from rules.engine.records import (
    ACTIVE,
    CLEAR,
    IN,
    NEVER,
    NORMAL,
    NOTHING,
    OUT,
    PENDS,
    RAISE,
    RETURNING,
    Machine,
    RowLinks,
    RuleNumbers,
)
from rules.engine.timers import arm
from rules.engine.transition import look, stands
from rules.spec.conditions import INTERLOCK, LIMIT, VOTE
from rules.spec.features import VALUE


@compiled
def in_doubt(m: Machine, p: int) -> bool:
    """Tell whether the value of a point says nothing about safety now."""
    return bool(m.point[p]["stale"] or m.point[p]["weak"])


@compiled
def known_off(m: Machine, p: int) -> bool:
    """Tell whether a feed is known to carry no voltage."""
    return bool(m.point[p]["evidence"] == 0.0) and not in_doubt(m, p)


@inlined
def rule_of(m: Machine, r: int) -> RuleNumbers:
    """Return the numbers of a row, a record of RULE."""
    return m.rule[m.row_config[r]["rule"]]


@inlined
def links_of(m: Machine, r: int) -> RowLinks:
    """Return the links of a row, a record of ROW_LINKS."""
    return m.row_links[m.row_config[r]["links"]]


@compiled
def attend(m: Machine, r: int, t: int) -> None:
    """Look at a vote or an interlock at a sample, let follow what follows, then let its timer fire if due at t."""
    change = look(rule_of(m, r), m.row[r], t, verdict_of(m, r))
    if change != NOTHING or m.row[r]["due"] == t:
        conclude(m, r, change, t)


@inlined
def conclude(m: Machine, r: int, change: int, t: int) -> None:
    """Let follow what a look at a condition changed, then let its timer fire if it is due at that very time."""
    if change != NOTHING:
        _changed(m, r, change, t)
        settle(m)
    if m.row[r]["due"] == t:
        fire(m, r)
        settle(m)


@compiled
def fire(m: Machine, r: int) -> None:
    """Raise a condition whose timer is due, at its due time; `settle` must follow."""
    row = m.row[r]
    due = row["due"]
    row["due"] = NEVER
    row["state"] = ACTIVE
    if rule_of(m, r)["kind"] == STALE:
        _becomes_stale(m, m.row_config[r]["point"])
    _changed(m, r, RAISE, due)


@compiled
def _becomes_stale(m: Machine, p: int) -> None:
    wake(m, p)
    m.point[p]["stale"] = 1
    m.ring[m.point_config[p]["ring"]]["not_stale_from"] = NEVER
    for r in range(m.point_config[p]["limits"], m.point_config[p]["feeds"]):
        if m.row[r]["state"] == RETURNING:
            m.row[r]["state"] = ACTIVE


@compiled
def clear_stale(m: Machine, r: int, t: int) -> None:
    """Clear the condition `stale` at a sample."""
    m.row[r]["state"] = NORMAL
    _changed(m, r, CLEAR, t)
    settle(m)


@compiled
def settle(m: Machine) -> None:
    """Let votes and interlocks follow the raises and clears that were noted, depth first."""
    g = m.globals[0]
    while g["depth"] > 0:
        frame = m.frames[g["depth"] - 1]
        step = frame["step"]
        if step >= frame["steps"]:
            g["depth"] -= 1
            continue
        frame["step"] = step + 1
        place = frame["place"] + step // 3 * 2
        if not m.graph[place + 1] or frame["transition"] == RAISE:
            _follow(m, m.graph[place], frame["time"], step % 3)


@compiled
def _follow(m: Machine, r: int, t: int, phase: int) -> None:
    """Take one of three steps: a timer due before t, the look at t, a timer due at t."""
    due = m.row[r]["due"]
    if phase == 1:
        change = look(rule_of(m, r), m.row[r], t, verdict_of(m, r))
        if change != NOTHING:
            _changed(m, r, change, t)
    elif (phase == 0 and due < t) or (phase == 2 and due == t):
        fire(m, r)


@compiled
def verdict_of(m: Machine, r: int) -> int:
    """Judge a vote or an interlock by what stands and what is in doubt now."""
    rule, links = rule_of(m, r), links_of(m, r)
    if rule["kind"] == INTERLOCK:
        return IN if stands(m.row[links["other"]]) and not known_off(m, m.row_config[r]["point"]) else OUT
    standing, together = 0, 0
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
        return in_doubt(m, m.row_config[r]["point"])
    links = links_of(m, r)
    certain = 0
    for place in range(links["points"], links["points_end"]):
        certain += 0 if in_doubt(m, m.graph[place]) else 1
    return bool(certain == 0)


@compiled
def _changed(m: Machine, r: int, change: int, t: int) -> None:
    if change == PENDS:
        arm(m, r)
    else:
        _emit(m, r, change, t)


@compiled
def _emit(m: Machine, r: int, transition: int, t: int) -> None:
    """Write an event, and note that its followers must be looked at."""
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
        return float(m.point[config["point"]]["evidence"])
    if kind == LIMIT or kind >= FIRST_MEASURED:
        return float(m.memory[config["memory"]]["value"])
    return float(m.point[config["point"]]["raw"]) if kind == OVER_RANGE else math.nan


@compiled
def _event_quality(m: Machine, r: int) -> int:
    if rule_of(m, r)["kind"] != VOTE:
        point = m.point[m.row_config[r]["point"]]
        return int(point["quality"]) if point["has"] and not point["stale"] else BAD
    links = links_of(m, r)
    for place in range(links["points"], links["points_end"]):
        if in_doubt(m, m.graph[place]):
            return UNCERTAIN
    return GOOD
