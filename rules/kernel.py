"""The one walk over the log: every sample and tick in its order, none skipped.

What every sample needs is compiled into the walk and works on records; what happens rarely (events, timers, votes,
interlocks, calculated points) is called, with the whole machine.
"""

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.cascade import attend, clear_stale, conclude, fire, settle
from rules.compiled import compiled, entry_point, fingerprint
from rules.condition import look
from rules.evidence import BAD, IN_TIME, accept, count_late, lateness, take_time
from rules.features.expression import recompute
from rules.features.feature import limit_verdict
from rules.features.room import make_room
from rules.features.window import Pools, append, start_anew
from rules.health import health_verdict, movement_verdict
from rules.layout import (
    DONE,
    EVENTS_FULL,
    FLATLINE,
    IN,
    NO_EVIDENCE,
    NORMAL,
    NOTHING,
    POOL_FULL,
    STALE,
    Machine,
)
from rules.rest import lay_to_rest, rests, write_back
from rules.timer import arm, collect, first_due, pop

LOG_SAMPLE, LOG_START = 0, 2


class Columns(NamedTuple):
    """The columns of `ingest.Log`, contiguous and writeable, so that one machine code does for all."""

    kind: NDArray[np.uint8]
    point: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    state: NDArray[np.uint16]
    backfilled: NDArray[np.bool_]


Walk = Callable[[Machine, Columns, int], tuple[int, int]]


@compiled
def _room(m: Machine, p: int) -> bool:
    if not make_room(m, p):
        return False
    for place in range(m.point_config[p]["followers"], m.point_config[p]["followers_end"]):
        if not make_room(m, m.graph[place]):
            return False
    return True


@compiled
def _count_staleness_anew(m: Machine) -> None:
    for p in range(len(m.point)):
        write_back(m, p)
        if m.point_config[p]["stale_after"] > 0 and not m.point[p]["stale"]:
            _expect_sample(m, p)


@compiled
def _expect_sample(m: Machine, p: int) -> None:
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
        _count_staleness_anew(m)
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


@compiled
def _fire_before(m: Machine, p: int, t: int) -> None:
    r = first_due(m, p, t)
    while r >= 0:
        fire(m, r)
        settle(m)
        r = first_due(m, p, t)


@compiled
def _end_staleness(m: Machine, p: int, t: int) -> None:
    """Clear `stale` at a sample that is not too old for it."""
    point = m.point[p]
    if t + m.point_config[p]["stale_after"] > m.globals[0]["last_tick"]:
        point["stale"] = 0
        point["not_stale_from"] = point["tail"]
        clear_stale(m, m.point_config[p]["health"], t)


@compiled
def sample(m: Machine, entry: Any) -> bool:
    """Look at a sample; return whether it was accepted as evidence. NaN and infinities become BAD here."""
    if not math.isfinite(entry["value"]):
        entry["quality"] = BAD
    point = m.point[entry["point"]]
    late = lateness(point, entry)
    if late != IN_TIME:
        count_late(point, entry, late)
        return False
    if take_time(point, entry):
        start_anew(m, entry["point"])
    if m.bounds[entry["point"]] < entry["time"]:
        _fire_before(m, entry["point"], entry["time"])
    accept(m.point_config[entry["point"]], point, entry, m.globals[0]["last_tick"])
    _hear(m, entry["point"], entry["time"])
    _evaluate(m, entry)
    return bool(entry["evidence"])


@compiled
def _evaluate(m: Machine, entry: Any) -> None:
    """Look at all conditions that an accepted sample moves, in the order of the event stream."""
    p = entry["point"]
    point, config = m.point[p], m.point_config[p]
    pools = Pools(m.ring, m.sums)
    if config["has_ring"] and not math.isnan(entry["x"]):
        append(pools, point, entry)
    if not point["quiet"] or not entry["evidence"] or entry["over"]:
        _health(m, config, point, entry)
    if config["more_health"]:
        _movement(m, pools, config, point, entry)
    _limits(m, pools, config, point, entry)
    if config["votes"] < config["votes_end"] or config["feeds"] < config["end"]:
        _votes_and_interlocks(m, p, entry["time"])


@compiled
def _hear(m: Machine, p: int, t: int) -> None:
    """Clear `stale` at a sample that is not too old for it, and set its timer anew."""
    if m.point_config[p]["stale_after"] > 0:
        if m.point[p]["stale"]:
            _end_staleness(m, p, t)
        if not m.point[p]["stale"]:
            _expect_sample(m, p)


@compiled
def _health(m: Machine, config: Any, point: Any, entry: Any) -> None:
    t = entry["time"]
    quiet = 1
    for r in range(config["health"], config["feeds"]):
        kind = m.row_config[r]["kind"]
        if kind > STALE and kind < FLATLINE:
            verdict = health_verdict(kind, entry)
            if entry["one_sided"] and verdict != IN:
                verdict = NO_EVIDENCE
            change = look(m.row_config[r], m.row[r], t, verdict)
            if change != NOTHING or m.row[r]["due"] == t:
                conclude(m, r, change, t)
            if m.row[r]["state"] != NORMAL:
                quiet = 0
    point["quiet"] = quiet


@compiled
def _movement(m: Machine, pools: Pools, config: Any, point: Any, entry: Any) -> None:
    t = entry["time"]
    for r in range(config["health"], config["feeds"]):
        if m.row_config[r]["kind"] >= FLATLINE:
            condition = m.row_config[r]
            verdict = movement_verdict(pools, condition, m.row[r], point, m.point[condition["other"]], entry)
            if entry["one_sided"] and verdict != IN:
                verdict = NO_EVIDENCE
            change = look(condition, m.row[r], t, verdict)
            if change != NOTHING or m.row[r]["due"] == t:
                conclude(m, r, change, t)


@compiled
def _limits(m: Machine, pools: Pools, config: Any, point: Any, entry: Any) -> None:
    t = entry["time"]
    for r in range(config["limits"], config["health"]):
        row, limit = m.row[r], m.row_config[r]
        verdict = limit_verdict(pools, limit, row, point, entry) if entry["evidence"] else NO_EVIDENCE
        change = look(limit, row, t, verdict)
        if change != NOTHING or row["due"] == t:
            conclude(m, r, change, t)


@compiled
def _votes_and_interlocks(m: Machine, p: int, t: int) -> None:
    config = m.point_config[p]
    for place in range(config["votes"], config["votes_end"]):
        attend(m, m.graph[place], t)
    for r in range(config["feeds"], config["end"]):
        attend(m, r, t)


@compiled
def _followers(m: Machine, p: int, t: int) -> None:
    """Recompute the calculated points that follow from new evidence, each once, inputs first."""
    entry, now = m.entry[1], m.globals[0]["entries"]
    m.point[p]["fresh"] = now
    for place in range(m.point_config[p]["followers"], m.point_config[p]["followers_end"]):
        q = m.graph[place]
        if _has_fresh_input(m, q):
            entry["point"] = q
            entry["source"] = t
            entry["value"], entry["quality"] = recompute(m, q)
            if sample(m, entry):
                m.point[q]["fresh"] = now


@compiled
def _has_fresh_input(m: Machine, q: int) -> bool:
    for place in range(m.point_config[q]["inputs"], m.point_config[q]["inputs_end"]):
        if m.point[m.graph[place]]["fresh"] == m.globals[0]["entries"]:
            return True
    return False


@compiled
def _stops(m: Machine, p: int) -> int:
    """Tell what must grow before a sample of a point can be looked at."""
    config = m.point_config[p]
    if m.globals[0]["events"] + config["need"] > len(m.events):
        return EVENTS_FULL
    if (config["has_ring"] or config["followers"] < config["followers_end"]) and not _room(m, p):
        return POOL_FULL
    return DONE


@compiled
def _read(log: Columns, i: int, entry: Any) -> None:
    entry["point"] = log.point[i]
    entry["source"] = log.time[i]
    entry["value"] = log.value[i]
    entry["quality"] = log.quality[i]
    entry["state"] = log.state[i]
    entry["backfilled"] = log.backfilled[i]


@compiled
def _count_entry(m: Machine, t: int) -> None:
    """Count an entry; from the first one on staleness counts."""
    g = m.globals[0]
    g["entries"] += 1
    if not g["started"]:
        g["started"] = 1
        g["first"] = t
        _count_staleness_anew(m)


def _walk_with(kernels: str) -> Walk:
    @entry_point
    def walk(m: Machine, log: Columns, begin: int) -> tuple[int, int]:
        """Evaluate the entries of a log from `begin` on.

        Parameters
        ----------
        m : Machine
            Changed in place; its events are those of the entries walked.
        log : Columns
            In log order.
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
        entry = m.entry[0]
        for i in range(begin, len(log.kind)):
            if log.kind[i] == LOG_SAMPLE:
                p = int(log.point[i])
                if rests(m.rest[p], log, i):
                    m.globals[0]["entries"] += 1
                    continue
                reason = _stops(m, p)
                if reason != DONE:
                    return i, reason
                _count_entry(m, log.time[i])
                _read(log, i, entry)
                write_back(m, p)
                heard = sample(m, entry)
                lay_to_rest(m, p)
                if heard and m.point_config[p]["followers"] < m.point_config[p]["followers_end"]:
                    _followers(m, p, entry["time"])
            else:
                if m.globals[0]["events"] + len(m.row) > len(m.events):
                    return i, EVENTS_FULL
                _count_entry(m, log.time[i])
                tick(m, log.time[i], 1 if log.kind[i] == LOG_START else 0)
        return len(log.kind), DONE

    return walk


walk: Final = _walk_with(fingerprint())
