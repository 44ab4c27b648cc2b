"""The one walk over the log: every sample and tick in its order, none skipped."""

import math
from collections.abc import Callable
from typing import Any, Final

from numpy.typing import NDArray

from rules.cascade import attend, clear_stale, fire, settle, verdict_of
from rules.compiled import compiled, entry_point, fingerprint
from rules.evidence import BAD, DUPLICATE, IN_TIME, LATE, is_evidence, lateness, look_at_value
from rules.features.expression import recompute
from rules.features.feature import limit_verdict
from rules.features.room import make_room
from rules.features.window import append, start_anew
from rules.health import health_verdict
from rules.layout import (
    DONE,
    EVENTS_FULL,
    IN,
    NO_EVIDENCE,
    POOL_FULL,
    STALE,
    Machine,
)
from rules.timer import arm, collect, first_due, pop

LOG_SAMPLE, LOG_START = 0, 2
Walk = Callable[[Machine, NDArray[Any], int], tuple[int, int]]


@compiled
def _room(m: Machine, p: int) -> bool:
    if not make_room(m, p):
        return False
    for place in range(m.point_config[p]["followers"], m.point_config[p]["followers_end"]):
        if not make_room(m, m.graph[place]):
            return False
    return True


@compiled
def _begin(m: Machine, t: int) -> None:
    """Count an entry; from the first one on staleness counts."""
    g = m.globals[0]
    g["entries"] += 1
    if not g["started"]:
        g["started"] = 1
        g["first"] = t
        _count_staleness_anew(m)


@compiled
def _count_staleness_anew(m: Machine) -> None:
    for p in range(len(m.point)):
        r = m.point_config[p]["health"]
        if m.point_config[p]["stale_after"] and not m.point[p]["stale"]:
            _expect_sample(m, p, r)


@compiled
def _expect_sample(m: Machine, p: int, r: int) -> None:
    """Set the timer of `stale`."""
    g = m.globals[0]
    last = max(g["first"], g["start"])
    if m.point[p]["has"]:
        last = max(last, m.point[p]["time"])
    m.row[r]["due"] = last + m.point_config[p]["stale_after"]
    arm(m, r)


@compiled
def tick(m: Machine, t: int, is_start: int) -> None:
    """Fire all timers that are due, by due time and row; at a start staleness counts anew first."""
    g = m.globals[0]
    g["last_tick"] = max(g["last_tick"], t)
    if is_start:
        g["start"] = t
        _count_staleness_anew(m)
    if g["bound"] > t:
        return
    g["ticking"] = 1
    g["tick"] = t
    collect(m, t)
    while g["timers"] > 0:
        due = m.timers[0]["due"]
        r = pop(m)
        if m.row[r]["due"] == due:
            fire(m, r)
            settle(m)
    g["ticking"] = 0


@compiled
def sample(m: Machine, entry: Any) -> bool:
    """Look at a sample; return whether it was accepted as evidence.

    Parameters
    ----------
    m : Machine
        Changed in place.
    entry : record of ENTRY
        NaN and infinities become BAD here.

    """
    if not math.isfinite(entry["value"]):
        entry["quality"] = BAD
    point = m.point[entry["point"]]
    late = lateness(m, entry)
    point["has_come"] = 1
    point["came_source"] = entry["source"]
    point["came_value"] = entry["value"]
    point["came_quality"] = entry["quality"]
    point["came_state"] = entry["state"]
    if late == DUPLICATE:
        point["duplicates"] += 1
    elif late == LATE:
        point["late"] += 1
    else:
        _take_time(m, entry)
        _fire_before(m, entry["point"], entry["time"])
        _accept(m, entry)
        _evaluate(m, entry)
    return bool(late == IN_TIME and entry["evidence"])


@compiled
def _take_time(m: Machine, entry: Any) -> None:
    """Let a sample take the nanosecond after one of the same source time; where a clock was set back, start anew."""
    p = entry["point"]
    point = m.point[p]
    entry["time"] = entry["source"]
    if point["has"]:
        if entry["source"] == point["source"]:
            entry["time"] = point["time"] + 1
        if point["stale"] and entry["time"] <= point["time"]:
            start_anew(m, p)


@compiled
def _fire_before(m: Machine, p: int, t: int) -> None:
    r = first_due(m, p, t)
    while r >= 0:
        fire(m, r)
        settle(m)
        r = first_due(m, p, t)


@compiled
def _accept(m: Machine, entry: Any) -> None:
    """Make a sample the last accepted one of its point, and see what it is worth."""
    p, t = entry["point"], entry["time"]
    point = m.point[p]
    point["has"] = 1
    point["source"] = entry["source"]
    point["time"] = t
    point["value"] = entry["value"]
    point["quality"] = entry["quality"]
    point["state"] = entry["state"]
    point["accepted"] += 1
    entry["x"] = math.nan
    entry["over"] = 0
    entry["evidence"] = is_evidence(entry)
    if entry["evidence"]:
        entry["x"], entry["over"] = look_at_value(m, entry)
        point["evidence"] = entry["x"]
        point["raw"] = entry["value"]
        point["fresh"] = m.globals[0]["entries"]
    in_time = t + m.point_config[p]["stale_after"] > m.globals[0]["last_tick"]
    entry["one_sided"] = entry["over"] or (point["stale"] and not in_time)
    point["weak"] = entry["one_sided"] or not entry["evidence"]
    if m.point_config[p]["stale_after"]:
        _end_staleness(m, p, t, 1 if in_time else 0)
    if m.point_config[p]["has_ring"] and not math.isnan(entry["x"]):
        append(m, entry)


@compiled
def _evaluate(m: Machine, entry: Any) -> None:
    """Look at all conditions that an accepted sample moves, in the order of the event stream."""
    t = entry["time"]
    config = m.point_config[entry["point"]]
    for r in range(config["health"], config["feeds"]):
        if m.row_config[r]["kind"] != STALE:
            verdict = health_verdict(m, r, entry)
            attend(m, r, t, NO_EVIDENCE if entry["one_sided"] and verdict != IN else verdict)
    for r in range(config["limits"], config["health"]):
        attend(m, r, t, limit_verdict(m, r, entry) if entry["evidence"] else NO_EVIDENCE)
    for place in range(config["votes"], config["votes_end"]):
        attend(m, m.graph[place], t, verdict_of(m, m.graph[place]))
    for r in range(config["feeds"], config["end"]):
        attend(m, r, t, verdict_of(m, r))


@compiled
def _end_staleness(m: Machine, p: int, t: int, in_time: int) -> None:
    """Clear `stale` where the sample ends it, and set its timer anew."""
    point, r = m.point[p], m.point_config[p]["health"]
    if point["stale"] and in_time:
        point["stale"] = 0
        point["not_stale_from"] = point["tail"]
        clear_stale(m, r, t)
    if not point["stale"]:
        _expect_sample(m, p, r)


@compiled
def _followers(m: Machine, p: int, t: int) -> None:
    """Recompute the calculated points that follow from new evidence, each once, inputs first."""
    entry = m.calculated[0]
    for place in range(m.point_config[p]["followers"], m.point_config[p]["followers_end"]):
        q = m.graph[place]
        if _has_fresh_input(m, q):
            entry["point"] = q
            entry["source"] = t
            entry["value"], entry["quality"] = recompute(m, q)
            sample(m, entry)


@compiled
def _has_fresh_input(m: Machine, q: int) -> bool:
    for place in range(m.point_config[q]["inputs"], m.point_config[q]["inputs_end"]):
        if m.point[m.graph[place]]["fresh"] == m.globals[0]["entries"]:
            return True
    return False


def _walk_with(kernels: str) -> Walk:
    @entry_point
    def walk(m: Machine, log: NDArray[Any], begin: int) -> tuple[int, int]:
        """Evaluate the entries of a log from `begin` on.

        Parameters
        ----------
        m : Machine
            Changed in place; its events are those of the entries walked.
        log : (n,) record of ENTRY
            In log order; what is looked at is written into it.
        begin : int
            The first entry to look at.

        Returns
        -------
        int
            The first entry that was not looked at.
        int
            DONE, or what must grow before that entry can be: EVENTS_FULL or POOL_FULL.

        """
        kernels  # noqa: B018 - it makes the fingerprint part of the closure
        for i in range(begin, len(log)):
            is_sample = log[i]["kind"] == LOG_SAMPLE
            p = log[i]["point"]
            need = m.point_config[p]["need"] if is_sample else len(m.row)
            if m.globals[0]["events"] + need > len(m.events):
                return i, EVENTS_FULL
            if is_sample and not _room(m, p):
                return i, POOL_FULL
            _begin(m, log[i]["source"])
            if not is_sample:
                tick(m, log[i]["source"], 1 if log[i]["kind"] == LOG_START else 0)
            elif sample(m, log[i]):
                _followers(m, p, log[i]["time"])
        return len(log), DONE

    return walk


walk: Final = _walk_with(fingerprint())
