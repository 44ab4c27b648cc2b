"""The one walk over the log: every sample and every tick, in the order of the log.

Why one walk. A sample can raise a condition, which can raise a vote, which decides what the next sample of another
point does. So samples cannot be evaluated column by column, and two samples of one point in one batch are two
evaluations. The walk goes on from entry to entry, and the cut of the log into batches cannot matter.

Why one function. `walk` is the only function that Python calls for a batch: a call from Python into compiled code
converts all arrays of the machine, which costs more than a hundred samples. Inside, a function that nearly every
sample needs is `inlined` and works on single records. A function that is needed rarely (events, timers, votes,
interlocks, calculated points) is `compiled` by itself and called with the whole machine.

Why it stops. Kernels allocate nothing. Before an entry is evaluated, the walk checks that there is room for all that
the entry can bring about. If there is not, it returns the entry and the reason, and the engine grows the arrays and
calls again. So an entry is evaluated completely or not at all.
"""

from collections.abc import Callable
from typing import Final

from rules.engine.calm import skip_calm, wake
from rules.engine.calm_band import find_calm_band
from rules.engine.compiled import compiled, entry_point, fingerprint, inlined
from rules.engine.features.expression import recompute
from rules.engine.features.room import make_room
from rules.engine.memory.codes import DONE, EVENTS_FULL, NO_SUCH_POINT, POOL_FULL, TIMERS_FULL
from rules.engine.memory.machine import Columns, Machine
from rules.engine.memory.records import Entry
from rules.engine.sample import sample
from rules.engine.tick import count_staleness_anew, tick
from rules.engine.timers import count_due

LOG_SAMPLE, LOG_START = 0, 2


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
def _recompute_next(m: Machine, p: int, place: int) -> int:
    """Turn the entry into the sample of the next calculated point that has a new input.

    Return the place after that point among the followers; -1 if no further point has a new input.
    """
    entry, links = m.entry[0], m.point_links[m.point_config[p]["links"]]
    for at in range(links["followers"] + place, links["followers_end"]):
        q = m.graph[at]
        if _has_new_input(m, q):
            entry["point"] = q
            entry["source"] = m.point[p]["time"]
            entry["state"] = 0
            entry["backfilled"] = 0
            entry["value"], entry["quality"] = recompute(m, q)
            return at + 1 - links["followers"]
    return -1


@compiled
def _has_new_input(m: Machine, q: int) -> bool:
    links = m.point_links[m.point_config[q]["links"]]
    for place in range(links["inputs"], links["inputs_end"]):
        if m.point[m.graph[place]]["last_evidence_entry"] == m.globals[0]["entries"]:
            return True
    return False


@inlined
def _stops_sample(m: Machine, p: int) -> int:
    """Return what must grow before a sample of a point can be evaluated; DONE if nothing must."""
    config = m.point_config[p]
    if m.globals[0]["events"] + config["max_events"] > len(m.events):
        return EVENTS_FULL
    if (config["ring"] or config["links"]) and not _room(m, p):
        return POOL_FULL
    return DONE


@compiled
def _stops_tick(m: Machine, t: int) -> int:
    """Return what must grow before a tick can be evaluated; DONE if nothing must.

    Each timer, each vote and each interlock makes one event at most.
    """
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
def _read(log: Columns, i: int, entry: Entry) -> None:
    entry["point"] = log.point[i]
    entry["source"] = log.time[i]
    entry["value"] = log.value[i]
    entry["quality"] = log.quality[i]
    entry["state"] = log.state[i]
    entry["backfilled"] = log.backfilled[i]


@inlined
def _count_entry(m: Machine, t: int) -> None:
    """Count an entry of the log. Staleness counts from the first entry on."""
    g = m.globals[0]
    g["entries"] += 1
    if not g["started"]:
        g["started"] = 1
        g["first"] = t
        count_staleness_anew(m)


@inlined
def _take_sample(m: Machine, log: Columns, i: int, p: int) -> int:
    """Evaluate a sample that may change something; return DONE, or what must grow before."""
    wake(m, p)
    reason = _stops_sample(m, p)
    if reason == DONE:
        entry = m.entry[0]
        _count_entry(m, log.time[i])
        _read(log, i, entry)
        follower = 0
        # First the sample, then the calculated points that follow from it: each once, inputs first.
        while follower >= 0:
            if sample(m, entry):
                m.point[entry["point"]]["last_evidence_entry"] = m.globals[0]["entries"]
            follower = _recompute_next(m, p, follower) if m.point_config[p]["links"] else -1
        find_calm_band(m, p)
    return reason


@compiled
def _take_tick(m: Machine, log: Columns, i: int) -> int:
    """Evaluate a tick or a start; return DONE, or what must grow before."""
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
            The first entry to evaluate.

        Returns
        -------
        int
            The first entry that was not evaluated.
        int
            DONE, or what must grow before that entry: EVENTS_FULL, POOL_FULL or TIMERS_FULL. NO_SUCH_POINT if the log
            has a sample of a point that the rule-set does not have; then nothing was evaluated.

        """
        kernels  # noqa: B018 - part of the closure, so that numba compiles anew when any kernel changes
        if begin == 0 and _count_strangers(m, log):
            return 0, NO_SUCH_POINT
        for i in range(begin, len(log.kind)):
            if log.kind[i] == LOG_SAMPLE:
                p = int(log.point[i])
                if skip_calm(m.calm[p], m.samples, log, i):
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
