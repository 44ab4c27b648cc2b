"""Kills a live engine at any moment, under load and with commands in flight, and judges what its stores have then."""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import ceil
from pathlib import Path
from shutil import copytree, rmtree
from threading import Event, Thread
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.stores import JournalReader
from alarms import Ledger, Record, RunStart, events_of
from hazwatch.cli.client import EngineClient
from hazwatch.cli.options import RefusedError, UnavailableError
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.recorded_log import Past
from hazwatch.site.config import Config, load
from plant import SampleBatch, write_trace
from plant.units import SECOND
from tests import sites
from tests.hazwatch.live.walked_logs import journaled, rebuilt
from tests.ports import free_port
from tests.system.processes import answers, hazwatch, listens, running, wait_until

POINTS: Final = 20
RATE: Final = 20
"""Trace seconds in a second."""
KILLS_OF_A_FOLDER: Final = 20
LIFE: Final = (0.2, 2.5)
"""Shortest and longest time from the first answer of the page to the kill. [s]"""
WHILE_STARTING: Final = 0.2
"""Share of the kills that come while the engine starts."""
BEGIN: Final = 1_700_000_000 * SECOND


def site(port: int) -> str:
    """Return a site whose rules need delays, windows, counts and votes."""
    tables = [sites.HEAD, sites.opcua(port, publishing="100ms")]
    for name in (f"P{number}" for number in range(POINTS)):
        tables.append(sites.point(name, resolution=0.01, stale_after="20s", source="ua", address=f"ns=2;s={name}"))
        tables.append(sites.limit(f"{name}.alarm", name, high=1.0, level="orange", ticket=True))
        tables.append(sites.limit(f"{name}.slow", name, high=1.0, on_delay="3s", off_delay="4s", level="red"))
        mean = {"feature": "mean", "window": "15s", "high": 1.1, "on_delay": "2s", "level": "yellow"}
        tables.append(sites.limit(f"{name}.mean", name, **mean))
        tables.append(sites.limit(f"{name}.count", name, feature="count", window="10s", low=5, level="blue"))
    members = [f"P{number}.alarm" for number in range(5)]
    tables.append(sites.table("vote", id="vote", hazard_source="gas", at_least=3, of=members, level="red"))
    return sites.text(*tables)


def load_of(seconds: int) -> SampleBatch:
    """Return a sawtooth per point, each in its own rhythm, with pauses that counts and staleness notice."""
    rows = [
        (number, BEGIN + second * SECOND, round(0.5 + ((second * (number + 3)) % 40) / 40, 2))
        for second in range(seconds)
        for number in range(POINTS)
        if (second + 7 * number) % (60 + 10 * number) > 12 + 2 * (number % 10)
    ]
    points, times, values = zip(*rows, strict=True)
    return SampleBatch.of(points, times, values)


class Operator:
    """Acknowledges alarms and works on tickets without a pause, and remembers what was accepted."""

    def __init__(self, url: str) -> None:
        self.accepted: Final[list[str]] = []
        self._client: Final = EngineClient(url)
        self._over: Final = Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Work while the block lasts, from before the page answers until after the kill."""
        thread = Thread(target=self._work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _work(self) -> None:
        while not self._over.is_set():
            # Refusals are part of the work: an episode is over before the command comes.
            with suppress(RefusedError, UnavailableError):
                snapshot = self._client.get("/api/snapshot")["snapshot"]
                for alarm in snapshot["alarms"]:
                    if alarm["state"] != "acked":
                        self._order(command="acknowledge", alarm=alarm["id"], episode=alarm["episode"], by="张三")
                for ticket in snapshot["tickets"]:
                    self._step(ticket)
            self._over.wait(0.05)

    def _step(self, ticket: dict[str, Any]) -> None:
        number, action = ticket["number"], random.choice(ticket["actions"])
        more = {"rectify": {"responsible": "李四", "measures": "检查"}, "refuse": {"reason": "未完成"}}.get(action, {})
        self._order(command=action, ticket=number, by="王五" if action == "accept" else "李四", **more)

    def _order(self, **command: str) -> None:
        key = f"key-{time.monotonic_ns()}"
        with suppress(RefusedError):
            self._client.command(command, key=key)
            self.accepted.append(key)


def judge(config: Config, folder: DataFolder, log: str, accepted: list[str], starts: int) -> str | None:
    """Return what is wrong with the stores after a kill; None if nothing is."""
    reader = JournalReader(folder.journal)
    records: list[Record] = list(reader.read())
    ledger = Ledger({}, ZoneInfo("Asia/Shanghai"))
    for record in records:
        ledger.fold(record)
    sequence = [event.seq for event in events_of(records)]
    checks = {
        "the journal is broken": reader.verify() is None,
        "the snapshot was not used": "snapshot not used" not in log,
        "there was an error": "Traceback" not in log,
        "an accepted command is lost": all(ledger.outcome(key) is not None for key in accepted),
        "events are missing or doubled": sequence == list(range(1, len(sequence) + 1)),
        "a start is missing": sum(isinstance(record.entry, RunStart) for record in records) <= starts,
        "journal and replay of the history differ": rebuilt(config, Past(config, folder).log()) == journaled(folder),
    }
    return next((problem for problem, is_well in checks.items() if not is_well), None)


def attack(path: Path, kills: int, seed: int) -> Iterator[str | None]:
    """Kill an engine again and again over one data folder; yield what is wrong after each kill, None for nothing."""
    rng = random.Random(seed)
    field, page = free_port(), free_port()
    file, trace, folder = path / "site.toml", path / "trace.csv", DataFolder(path / "data")
    file.write_text(site(field), encoding="utf-8")
    config, accepted = load(file), list[str]()
    with trace.open("w", encoding="utf-8") as out:
        out.writelines(write_trace(load_of(600 * RATE), config.points))
    clock = ("--rate", RATE, "--origin", BEGIN, "--epoch", wall())
    with running("simulate", file, "--trace", trace, *clock, log=path / "field.log"):
        wait_until(lambda: listens(field), "the simulator listens")
        for kill in range(kills):
            log = path / f"engine-{kill}.log"
            operator = Operator(f"http://127.0.0.1:{page}")
            with (
                running("run", file, "--data", folder.path, "--port", page, *clock, log=log) as engine,
                operator.at_work(),
            ):
                if kill and rng.random() < WHILE_STARTING:
                    time.sleep(rng.uniform(1.0, 8.0))
                else:
                    wait_until(lambda: answers(f"http://127.0.0.1:{page}/api/site"), "the page answers")
                    time.sleep(rng.uniform(*LIFE))
                engine.kill()
                engine.wait()
            accepted += operator.accepted
            problem = judge(config, folder, log.read_text(encoding="utf-8"), accepted, kill + 1)
            if problem is not None:
                # The next run would heal or spread what is wrong.
                copytree(folder.path, path / f"after-{kill}")
            yield problem
    if hazwatch("verify", "--data", folder.path).returncode:
        yield "verify finds damage"
    print(f"  {len(accepted)} commands accepted, {len(journaled(folder))} events", flush=True)


def main(times: int) -> int:
    """Kill an engine so many times, print a row for each folder, and return how often something was wrong."""
    total = 0
    for number in range(ceil(times / KILLS_OF_A_FOLDER)):
        kills = min(KILLS_OF_A_FOLDER, times - number * KILLS_OF_A_FOLDER)
        path = Path(tempfile.mkdtemp(prefix="hazwatch-kill-"))
        problems = [problem for problem in attack(path, kills, number) if problem is not None]
        if problems:
            print(f"  see {path}", flush=True)
        else:
            rmtree(path)
        print(f"| kill, folder {number + 1} | {kills} | {len(problems)} | {'; '.join(problems)} |", flush=True)
        total += len(problems)
    return total
