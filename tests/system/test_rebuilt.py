"""Two field processes over a slow network, an engine that is killed: its history gives the events of its journal."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from adapters.stores import JournalReader
from alarms import events_of
from hazwatch.live.clock import ScaledClock, wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.recorded_log import Past
from hazwatch.live.restart import EVENTS
from hazwatch.site.config import Config
from plant import SampleBatch, write_trace
from rules import Engine
from tests.hazwatch.live.live_runs import BEGIN, SITE, Disorder, S, config_in
from tests.ports import free_port
from tests.system.processes import hazwatch, listens, running, wait_until
from tests.system.slow_network import slow

RATE: Final = 10.0
CYCLE: Final = 40
"""Seconds of the log: methane in the first of them, then air, and from the middle on no power."""
DELAYS: Final = (0.1, 0.6, 1.2, 1.9, 2.6, 3.2, 6.1, 0.1)
"""How long after its time a sample leaves its server: within the allowance, beyond it, after its successor. [s]"""
SECONDS: Final = 1200
"""As long as the processes may take, and more."""
NETWORK: Final = {"ua": (0.0, 0.01, 0.05, 0.0, 0.3), "mb": (0.0, 0.02, 0.15, 0.0, 0.03, 0.3)}
"""How long each piece is on its way; 0.3 s are three of the log: more than the allowance. [s]"""
CONDITIONS: Final = ("T1.alarm", "T1.mean", "T2.alarm", "both", "cut", "discrepancy:T1")
WANTED: Final = {(condition, transition) for condition in CONDITIONS for transition in ("raise", "clear")}


def field_trace() -> SampleBatch:
    """T1 and T2 with methane one after the other in every cycle, while the power is on."""
    rows: list[tuple[int, int, float, int]] = []
    for second in range(SECONDS):
        at, time = second % CYCLE, BEGIN + second * S
        delay = round(DELAYS[second % len(DELAYS)] * S)
        rows += [
            (0, time, 1.3 if 3 <= at < 12 else 0.5, time + delay),
            (1, time, 1.2 if 7 <= at < 14 else 0.5, time + delay),
            (2, time, float(at < 20), time),
        ]
    points, times, values, arrivals = zip(*sorted(rows, key=lambda row: row[3]), strict=True)
    return SampleBatch.of(points, times, values, arrival=arrivals)


def without(source: str, site: str) -> str:
    """Leave the points of a source to another simulator."""
    lines = site.splitlines(keepends=True)
    kept = [
        line
        for line, before in zip(lines, ["", *lines], strict=False)
        if f'source = "{source}"' not in line and f'source = "{source}"' not in before
    ]
    return "".join(kept)


def said(folder: DataFolder, after: int) -> set[tuple[str, str]]:
    """Return what the journal says after a record."""
    events = events_of(JournalReader(folder.journal).read(after, kinds=EVENTS))
    return {(event.condition, event.transition) for event in events}


def is_quiet(folder: DataFolder, now: int) -> bool:
    """Whether there is air, and nothing happened for a while: what the last event came from is on the disk."""
    last = max(record.time for record in JournalReader(folder.journal).read(kinds=EVENTS))
    return 22 < (now - BEGIN) / S % CYCLE < 32 and last < now - 2 * S


@contextmanager
def plant(folder: Path, clock: Sequence[object]) -> Iterator[Config]:
    """Serve the two sources, each by a process of its own; yield the site file that reaches them over the network."""
    with ExitStack() as stack:
        site = SITE
        for source, other, port in (("ua", "mb", "4840"), ("mb", "ua", "1502")):
            free = free_port()
            (folder / source).mkdir()
            config = config_in(folder / source, without(other, SITE.replace(f":{port}", f":{free}")))
            trace = folder / source / "trace.csv"
            trace.write_text("".join(write_trace(field_trace(), config.points)), encoding="utf-8")
            words = ("simulate", config.path, "--trace", trace, *clock)
            stack.enter_context(running(*words, log=folder / f"{source}.log"))
            wait_until(partial(listens, free), f"{source} listens")
            site = site.replace(f":{port}", f":{stack.enter_context(slow(free, NETWORK[source]))}")
        yield config_in(folder, site)


def test_the_history_of_two_slow_sources_and_of_a_kill_gives_the_journal_byte_for_byte(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    log = tmp_path / "run.log"
    clock = ScaledClock(RATE, origin=BEGIN, epoch=wall())
    words = ("--rate", RATE, "--origin", BEGIN, "--epoch", clock.epoch)
    with plant(tmp_path, words) as config:
        engine = ("run", config.path, "--data", folder.path, "--no-page", *words)
        with running(*engine, log=log) as process:
            wait_until(lambda: "Ctrl-C" in log.read_text(encoding="utf-8"), "the engine runs")
            wait_until(lambda: said(folder, 0) >= WANTED, "all rules raise and clear")
            wait_until(lambda: is_quiet(folder, clock.now()), "nothing happens")
            process.kill()
            process.wait()
        before = JournalReader(folder.journal).head()[0]
        with running(*engine, log=log):
            wait_until(lambda: said(folder, before) >= WANTED, "all rules raise and clear again")
    assert "resumed from a snapshot" in log.read_text(encoding="utf-8")
    disorder = Disorder.of(config, folder)
    assert disorder.late["T1"] > 0, disorder
    assert disorder.behind["T1"] > 5, disorder
    told = hazwatch("events", "--data", folder.path).stdout
    again = Engine(config.rules)
    found = [event for piece in Past(config, folder).log() for event in again.evaluate(piece)]
    assert "".join(f"{event.to_json()}\n" for event in found) == told
    done = hazwatch("backtest", config.path, "--data", folder.path, "--json", tmp_path / "report.json")
    assert done.returncode == 0, done.stderr
    episodes = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["current"]["episodes"]
    raised = [(event.condition, event.time) for event in found if event.transition == "raise"]
    assert sorted((episode["condition"], episode["start"]) for episode in episodes) == sorted(raised)
