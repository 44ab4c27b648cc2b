"""The one walk over the log: every sample and tick in its order, none skipped.

What every sample needs is compiled into the walk and works on records; what happens rarely (events, timers, votes,
interlocks, calculated points) is called, with the whole machine.
"""

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.cascade import attend, clear_stale, conclude, fire, links_of, rule_of, settle
from rules.compiled import compiled, entry_point, fingerprint, inlined
from rules.condition import look
from rules.evidence import BAD, IN_TIME, accept, count_late, lateness, take_time
from rules.features.expression import recompute
from rules.features.feature import feature_verdict, value_verdict
from rules.features.room import make_room
from rules.features.window import Pools, append, slide, start_anew
from rules.health import discrepancy_verdict, flatline_verdict, health_verdict, step_verdict
from rules.layout import (
    DISCREPANCY,
    DONE,
    EVENTS_FULL,
    FLATLINE,
    IN,
    NO_EVIDENCE,
    NO_SUCH_POINT,
    NORMAL,
    NOTHING,
    POOL_FULL,
    STALE,
    STEP,
    TIMERS_FULL,
    VALUE,
    Machine,
)
from rules.rest import lay_to_rest, rests, wake, write_back
from rules.timer import arm, collect, count_due, first_due, pop

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
    links = m.point_links[m.point_config[p]["links"]]
    enough = True
    for place in range(links["followers"], links["followers_end"]):
        enough = enough and make_room(m, m.graph[place])
    return enough


@compiled
def _count_staleness_anew(m: Machine) -> None:
    for p in range(len(m.point)):
        write_back(m, p)
        if m.point_config[p]["stale_after"] > 0 and not m.point[p]["stale"]:
            _expect_sample(m, p)


@inlined
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
        ring = m.ring[m.point_config[p]["ring"]]
        ring["not_stale_from"] = ring["tail"]
        clear_stale(m, m.point_config[p]["health"], t)


@inlined
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


@inlined
def _evaluate(m: Machine, entry: Any) -> None:
    """Look at all conditions that an accepted sample moves, in the order of the event stream."""
    p = entry["point"]
    point, config = m.point[p], m.point_config[p]
    if config["ring"] and not math.isnan(entry["x"]):
        pools, ring = Pools(m.samples, m.sums), m.ring[config["ring"]]
        append(pools, ring, entry)
        for w in range(config["windows"], config["windows_end"]):
            slide(pools, m.window_config[w], m.window[w], ring)
    if not point["quiet"] or not entry["evidence"] or entry["over"]:
        _health(m, config, point, entry)
    if config["more_health"]:
        _movement(m, config, point, entry)
    _limits(m, config, entry)
    if config["links"] or config["feeds"] < config["end"]:
        _votes_and_interlocks(m, p, entry["time"])


@inlined
def _hear(m: Machine, p: int, t: int) -> None:
    """Clear `stale` at a sample that is not too old for it, and set its timer anew."""
    if m.point_config[p]["stale_after"] > 0:
        if m.point[p]["stale"]:
            _end_staleness(m, p, t)
        if not m.point[p]["stale"]:
            _expect_sample(m, p)


@compiled
def _health(m: Machine, config: Any, point: Any, entry: Any) -> None:
    quiet = 1
    for r in range(config["health"], config["feeds"]):
        rule = rule_of(m, r)
        if rule["kind"] > STALE and rule["kind"] < FLATLINE:
            _look_at_health(m, r, rule, entry, health_verdict(rule["kind"], entry))
            if m.row[r]["state"] != NORMAL:
                quiet = 0
    point["quiet"] = quiet


@compiled
def _movement(m: Machine, config: Any, point: Any, entry: Any) -> None:
    for r in range(config["health"], config["feeds"]):
        rule, links = rule_of(m, r), links_of(m, r)
        memory = m.memory[m.row_config[r]["memory"]]
        if rule["kind"] == FLATLINE:
            pools, ring = Pools(m.samples, m.sums), m.ring[config["ring"]]
            verdict = flatline_verdict(pools, rule, memory, m.window[links["window"]], ring, entry)
        elif rule["kind"] == STEP:
            verdict = step_verdict(rule, memory, point, entry)
        elif rule["kind"] == DISCREPANCY:
            verdict = discrepancy_verdict(rule, memory, m.point[links["other"]], entry)
        else:
            continue
        _look_at_health(m, r, rule, entry, verdict)


@compiled
def _look_at_health(m: Machine, r: int, rule: Any, entry: Any, verdict: int) -> None:
    if entry["one_sided"] and verdict != IN:
        verdict = NO_EVIDENCE
    change = look(rule, m.row[r], entry["time"], verdict)
    if change != NOTHING or m.row[r]["due"] == entry["time"]:
        conclude(m, r, change, entry["time"])


@inlined
def _limits(m: Machine, config: Any, entry: Any) -> None:
    t = entry["time"]
    for r in range(config["limits"], config["health"]):
        row, rule = m.row[r], rule_of(m, r)
        verdict = NO_EVIDENCE
        if entry["evidence"]:
            if rule["feature"] == VALUE:
                verdict = value_verdict(rule, entry)
            else:
                pools, memory = Pools(m.samples, m.sums), m.memory[m.row_config[r]["memory"]]
                window = m.window[links_of(m, r)["window"]]
                verdict = feature_verdict(pools, rule, memory, window, m.ring[config["ring"]], entry)
        change = look(rule, row, t, verdict)
        if change != NOTHING or row["due"] == t:
            conclude(m, r, change, t)


@compiled
def _votes_and_interlocks(m: Machine, p: int, t: int) -> None:
    config = m.point_config[p]
    links = m.point_links[config["links"]]
    for place in range(links["votes"], links["votes_end"]):
        attend(m, m.graph[place], t)
    for r in range(config["feeds"], config["end"]):
        attend(m, r, t)


@compiled
def _recompute_next(m: Machine, p: int, place: int) -> int:
    """Make the entry that of the next calculated point with a fresh input; return the place after it, -1 for none."""
    entry, links = m.entry[0], m.point_links[m.point_config[p]["links"]]
    for at in range(links["followers"] + place, links["followers_end"]):
        q = m.graph[at]
        if _has_fresh_input(m, q):
            entry["point"] = q
            entry["source"] = m.point[p]["time"]
            entry["state"] = 0
            entry["backfilled"] = 0
            entry["value"], entry["quality"] = recompute(m, q)
            return int(at + 1 - links["followers"])
    return -1


@compiled
def _has_fresh_input(m: Machine, q: int) -> bool:
    links = m.point_links[m.point_config[q]["links"]]
    for place in range(links["inputs"], links["inputs_end"]):
        if m.point[m.graph[place]]["fresh"] == m.globals[0]["entries"]:
            return True
    return False


@inlined
def _stops_sample(m: Machine, p: int) -> int:
    """Tell what must grow before a sample of a point can be looked at."""
    config = m.point_config[p]
    if m.globals[0]["events"] + config["need"] > len(m.events):
        return EVENTS_FULL
    if (config["ring"] or config["links"]) and not _room(m, p):
        return POOL_FULL
    return DONE


@compiled
def _stops_tick(m: Machine, t: int) -> int:
    """Tell what must grow before a tick can be looked at: each timer, vote and interlock makes one event at most."""
    most = count_due(m, t) + len(m.frames)
    if m.globals[0]["events"] + most > len(m.events):
        return EVENTS_FULL
    return TIMERS_FULL if most > len(m.timers) else DONE


@compiled
def _count_strangers(m: Machine, log: Columns) -> int:
    """Count the samples of points that the rule-set does not have."""
    count = 0
    for i in range(len(log.kind)):
        if log.kind[i] == LOG_SAMPLE and not 0 <= log.point[i] < len(m.point):
            count += 1
    return count


@inlined
def _read(log: Columns, i: int, entry: Any) -> None:
    entry["point"] = log.point[i]
    entry["source"] = log.time[i]
    entry["value"] = log.value[i]
    entry["quality"] = log.quality[i]
    entry["state"] = log.state[i]
    entry["backfilled"] = log.backfilled[i]


@inlined
def _count_entry(m: Machine, t: int) -> None:
    """Count an entry; from the first one on staleness counts."""
    g = m.globals[0]
    g["entries"] += 1
    if not g["started"]:
        g["started"] = 1
        g["first"] = t
        _count_staleness_anew(m)


@inlined
def _take_sample(m: Machine, log: Columns, i: int, p: int) -> int:
    """Look at a sample of a point that is not at rest; tell what must grow first, if anything must."""
    wake(m, p)
    reason = _stops_sample(m, p)
    if reason == DONE:
        entry = m.entry[0]
        _count_entry(m, log.time[i])
        _read(log, i, entry)
        follower = 0
        while follower >= 0:  # the sample, then the calculated points that follow from it, each once, inputs first
            if sample(m, entry):
                m.point[entry["point"]]["fresh"] = m.globals[0]["entries"]
            follower = _recompute_next(m, p, follower) if m.point_config[p]["links"] else -1
        lay_to_rest(m, p)
    return reason


@compiled
def _take_tick(m: Machine, log: Columns, i: int) -> int:
    """Look at a tick or a start; tell what must grow first, if anything must."""
    reason = _stops_tick(m, log.time[i])
    if reason == DONE:
        _count_entry(m, log.time[i])
        tick(m, log.time[i], 1 if log.kind[i] == LOG_START else 0)
    return reason


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
            DONE, or what must grow before that entry can be: EVENTS_FULL, POOL_FULL or TIMERS_FULL; NO_SUCH_POINT where
            nothing was walked because the log has a sample of a point that the rule-set does not have.

        """
        kernels  # noqa: B018 - it makes the fingerprint part of the closure
        if begin == 0 and _count_strangers(m, log):
            return 0, NO_SUCH_POINT
        for i in range(begin, len(log.kind)):
            if log.kind[i] == LOG_SAMPLE:
                p = int(log.point[i])
                if rests(m.rest[p], m.samples, log, i):
                    m.globals[0]["entries"] += 1
                    continue
                reason = _take_sample(m, log, i, p)
            else:
                reason = _take_tick(m, log, i)
            if reason != DONE:
                return i, reason
        return len(log.kind), DONE

    return walk


walk: Final = _walk_with(fingerprint())
