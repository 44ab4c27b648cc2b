"""Commands beside an engine that runs or has run: what they print, their exit codes, and that they end when told."""

import asyncio
import contextlib
import gc
import io
import json
import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from adapters.stores import Historian, HistoryReader, Journal
from console import create_app, listen, serve_on
from hazwatch.assemble import HOSTS, Live
from hazwatch.cli.commands.demo import limited
from hazwatch.cli.kernel import compile_kernel
from hazwatch.cli.main import main
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import load
from plant import SampleBatch
from tests.command_line import Answer, ask, file, trace
from tests.field_sites import BEGIN, S
from tests.ports import free_port
from tests.system.live_engine import Given, live

__all__ = ["ask", "file", "trace"]

RATE = 2.0
"""Log seconds in a second: points become stale after 30 s, which no stall of a busy machine lasts."""
SAMPLES = SampleBatch.of([0] * 5, [BEGIN + S // 5 * at for at in range(5)], [0.5, 1.25, 0.1 + 0.2, 1.75, float("nan")])


@pytest.fixture
def data(tmp_path: Path, file: Path) -> Path:
    """The folder of a run that has ended, in which T1 exceeded 1.00 twice, and still does."""
    asyncio.run(_played(tmp_path, file))
    return tmp_path / "data"


async def _played(folder: Path, file: Path) -> None:
    config, source = load(file), Given()
    compile_kernel(config)
    async with live(config, folder, ScaledClock(RATE, origin=BEGIN), [source]) as engine:
        source.give(SAMPLES)
        await engine.until(lambda: engine.said("T1.alarm") == ["raise", "clear", "raise"])
        await engine.until(lambda: engine.stands("fault:T1"))


@pytest.fixture
def url(tmp_path: Path, file: Path) -> Iterator[str]:
    """The address of an engine that runs in another thread, and whose T1.alarm stands."""
    listener = listen("127.0.0.1", 0)
    ready, end = threading.Event(), threading.Event()

    async def serve() -> None:
        config, source = load(file), Given()
        compile_kernel(config)
        async with live(config, tmp_path, ScaledClock(RATE, origin=BEGIN), [source]) as engine:
            source.give(SampleBatch.of([0], [BEGIN], [1.25]))
            await engine.until(lambda: engine.stands("T1.alarm"))
            page = asyncio.create_task(serve_on(create_app(engine.desk, engine.hub, hosts=HOSTS), listener))
            ready.set()
            await asyncio.to_thread(end.wait)
            page.cancel()
            await asyncio.wait([page])

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(240)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        end.set()
        thread.join(60)


@pytest.fixture
def undisturbed() -> Iterator[None]:
    """Undo what `run` does to its process."""
    thresholds = gc.get_threshold()
    names = ("adapters", "console", "hazwatch", "simulators")
    levels = {name: logging.getLogger(name).level for name in names}
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_simulate_says_when_its_trace_has_ended(
    ask: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, file: Path, trace: Path
) -> None:
    reader, writer = os.pipe()

    class Said(io.StringIO):
        def write(self, text: str) -> int:
            if "has ended" in text:
                os.close(writer)
            return super().write(text)

    said = Said()
    with os.fdopen(reader) as ended:
        monkeypatch.setattr("sys.stdin", ended)
        monkeypatch.setattr("sys.stderr", said)
        assert ask("simulate", file, "--trace", trace, "--rate", 100, "--until-eof").code == 0
    assert "测点记录已放完" in said.getvalue()


def test_history_prints_a_trace_that_replays_to_the_events_of_the_run(
    ask: Callable[..., Answer], tmp_path: Path, file: Path, data: Path
) -> None:
    answer = ask("history", file, "--data", data, "--point", "T1")
    assert answer.code == 0
    assert answer.lines[0] == "time,point,value,quality,state,arrival"
    assert [line.split(",")[2] for line in answer.lines[1:]] == ["0.5", "1.25", "0.30000000000000004", "1.75", ""]
    (tmp_path / "past.csv").write_text(answer.out, encoding="utf-8")
    replayed = ask("replay", "--site", file, "--trace", tmp_path / "past.csv", "--events", "-")
    assert len(replayed.lines) == 4
    assert replayed.out == ask("events", "--data", data).out


def test_history_takes_a_period_with_its_start_and_without_its_end(
    ask: Callable[..., Answer], file: Path, data: Path
) -> None:
    start, end = BEGIN + S // 5, BEGIN + S // 5 * 3
    answer = ask("history", file, "--data", data, "--from", start, "--to", end)
    assert [line.split(",")[2] for line in answer.lines[1:]] == ["1.25", "0.30000000000000004"]


def test_events_takes_a_period_with_its_start_and_without_its_end(ask: Callable[..., Answer], data: Path) -> None:
    every = ask("events", "--data", data)
    assert every.code == 0
    times = [json.loads(line)["time"] for line in every.lines]
    assert times == [BEGIN + S // 5 * at for at in (1, 2, 3, 4)]
    answer = ask("events", "--data", data, "--from", times[1], "--to", times[3])
    assert answer.lines == every.lines[1:3]


def test_events_goes_on_until_ctrl_c(data: Path) -> None:
    out = io.StringIO()

    def interrupt() -> None:
        while out.getvalue().count("\n") < 4:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    with contextlib.redirect_stdout(out):
        thread.start()
        assert main(["events", "--data", str(data), "--follow"]) == 130
    thread.join()


def test_verify_names_the_first_record_that_was_altered(ask: Callable[..., Answer], data: Path) -> None:
    answer = ask("verify", "--data", data)
    assert answer.code == 0
    assert re.match(r"完好：.* / unbroken: \d+ records, last hash [0-9a-f]{64}\n", answer.out)
    with contextlib.closing(sqlite3.connect(data / "journal.db")) as journal:
        for (name,) in journal.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            journal.execute(f"DROP TRIGGER {name}")
        (number,) = journal.execute("SELECT min(number) FROM record WHERE body LIKE '%1.25%'").fetchone()
        journal.execute("UPDATE record SET body = replace(body, '1.25', '0.95') WHERE number = ?", (number,))
        journal.commit()
    answer = ask("verify", "--data", data)
    assert answer.code == 1
    assert answer.lines[0] == f"第 {number} 条记录被改动 / broken at record {number}"


def test_tickets_lists_what_is_open(ask: Callable[..., Answer], data: Path) -> None:
    answer = ask("tickets", "--data", data, "--timezone", "UTC")
    assert answer.code == 0
    (line,) = answer.lines
    assert re.match(
        r"YH-2027-0001  2027-01-15 08:00:\d\d\+00:00  orange  登记 / registered  gas-3101  T1\.alarm  ", line
    )
    assert "  x2  " in line


def test_status_tells_how_the_engine_is(ask: Callable[..., Answer], tmp_path: Path, url: str) -> None:
    answer = ask("status", "--url", url, "--data", tmp_path / "data")
    assert "engine: runs; " in answer.out.splitlines()[0]
    assert url in answer.out.splitlines()[0]
    assert "alarms that nobody acknowledged: 1" in answer.out
    assert "standing alarms: " in answer.out
    assert "journal in" in answer.out
    assert answer.code == (1 if "lost since" in answer.out or "notice since" in answer.out else 0)


def test_an_alarm_is_acknowledged_once(ask: Callable[..., Answer], url: str) -> None:
    answer = ask("ack", "T1.alarm", "--by", "王班长", "--url", url)
    assert answer.code == 0
    assert re.fullmatch(r"已确认 / acknowledged: T1\.alarm [0-9a-f]{16} \(\S+ http://\S+\)\n", answer.out)
    answer = ask("ack", "T1.alarm", "--by", "王班长", "--url", url)
    assert (answer.code, answer.out) == (1, "")
    assert "not accepted in state" in answer.err
    answer = ask("ack", "T9.alarm", "--by", "王班长", "--url", url)
    assert answer.code == 1
    assert "no alarm 'T9.alarm'; the alarms that are shown now: " in answer.err
    assert "T1.alarm" in answer.err


def test_a_ticket_goes_its_way_and_no_other(ask: Callable[..., Answer], tmp_path: Path, url: str) -> None:
    number = ask("tickets", "--data", tmp_path / "data").out.split()[0]
    here = (number, "--url", url, "--by")
    answer = ask("tickets", "submit", *here, "通风队")
    assert answer.code == 1
    assert answer.err.startswith("hazwatch: ")
    assert "submit" in answer.err
    rectify = ("tickets", "rectify", *here, "通风科", "--responsible", "通风队", "--measures", "调整风量")
    answer = ask(*rectify, "--due", "2027-02-01T08:00:00+08:00")
    assert answer.code == 0
    assert answer.out.startswith(f"完成 / done: {number}")
    assert "http://" in answer.out, "whose engine did it"
    other = ask(
        "tickets", "--data", "elsewhere", "rectify", number, "--by", "a", "--responsible", "b", "--measures", "c"
    )
    assert other.code == 1
    assert "--url" in other.err
    assert ask("tickets", "submit", *here, "通风队").code == 0
    answer = ask("tickets", "accept", *here, "安监科")
    assert answer.code == 1, "the alarm stands"
    assert ask("tickets", "refuse", *here, "安监科", "--reason", "仍超限").code == 0
    assert "治理 / in rectification" in ask("tickets", "--data", tmp_path / "data").out
    (ticket,) = json.load(urlopen(f"{url}/api/snapshot"))["snapshot"]["tickets"]
    assert ticket["due"] == 1_801_440_000_000
    answer = ask("tickets", "rectify", "YH-1999-0001", *here[1:], "a", "--responsible", "b", "--measures", "c")
    assert answer.code == 1
    assert "YH-1999-0001" in answer.err


def test_run_serves_the_page_until_it_is_told_to_stop(
    ask: Callable[..., Answer], tmp_path: Path, file: Path, undisturbed: None
) -> None:
    port = free_port()

    def stop() -> None:
        while True:
            with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/api/snapshot", timeout=1):
                break
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    answer = ask("run", file, "--data", tmp_path / "new" / "data", "--port", port, "--log", "error")
    thread.join()
    assert answer.code == 0
    assert f"页面 / page: http://127.0.0.1:{port}/\n" in answer.err
    assert ask("verify", "--data", tmp_path / "new" / "data").code == 0


def test_run_says_that_its_port_is_taken_and_which_one_is_free(
    ask: Callable[..., Answer], tmp_path: Path, file: Path, undisturbed: None
) -> None:
    with listen("127.0.0.1", 0) as other:
        port = other.getsockname()[1]
        answer = ask("run", file, "--data", tmp_path / "data", "--port", port)
    assert answer.code == 3
    said = re.search(rf"{port} is taken; (\d+) is free; choose another with --port\n", answer.err)
    assert said is not None
    with listen("127.0.0.1", int(said[1])):
        assert not (tmp_path / "data").exists()


def test_run_refuses_an_address_that_others_reach(
    ask: Callable[..., Answer], tmp_path: Path, file: Path, undisturbed: None
) -> None:
    answer = ask("run", file, "--data", tmp_path / "data", "--host", "0.0.0.0")
    assert answer.code == 2
    assert "host 0.0.0.0: 应为环回地址，如 127.0.0.1 / " in answer.err


@pytest.mark.parametrize("store", ["journal", "historian"])
def test_run_refuses_a_folder_that_another_engine_writes(
    ask: Callable[..., Answer], tmp_path: Path, file: Path, undisturbed: None, store: str
) -> None:
    folder = tmp_path / "data"
    with contextlib.ExitStack() as other:
        if store == "journal":
            other.enter_context(Journal(folder / "journal.db"))
        else:
            points = load(file).points
            Journal(folder / "journal.db").close()
            other.enter_context(contextlib.closing(Historian(folder / "history", points, retention_days=None)))
        answer = ask("run", file, "--data", folder, "--no-page")
    assert answer.code == 3
    assert str(folder) in answer.err


def test_run_keeps_as_many_days_as_the_site_file_says(tmp_path: Path, file: Path, undisturbed: None) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text + '\n[historian]\nretention = "2d"\n', encoding="utf-8")
    config, folder, day = load(file), DataFolder(tmp_path / "data"), 86_400 * S
    with contextlib.closing(Historian(folder.history, config.points, retention_days=None)) as historian:
        for at in range(3):
            time = BEGIN + at * day
            historian.append(SampleBatch.of([0], [time], [0.5], arrival=time))
    asyncio.run(limited(Live(config, folder, ScaledClock(origin=BEGIN + 3 * day), None), 1))
    span = HistoryReader(folder.history, config.points).span()
    assert span is not None
    assert (span[0] - BEGIN) // day == 1


def test_run_does_not_forget_an_alarm_whose_rule_was_removed(
    ask: Callable[..., Answer], tmp_path: Path, file: Path, data: Path, undisturbed: None
) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("[[limit]]")], encoding="utf-8")
    words = ("run", file, "--data", data, "--no-page")
    approved = ask("approve", file, "--data", data, "--author", "张工", "--approver", "李总", "--reason", "改编号")
    assert approved.code == 0
    answer = ask(*words)
    assert answer.code == 1
    assert "T1.alarm" in answer.err
    assert "--remove" in answer.err
    answer = ask(*words, "--remove", "T1.alarm")
    assert (answer.code, answer.err) == (
        1,
        "hazwatch: --remove 须有 --by 姓名 和 --reason 原因 / --remove needs --by NAME and --reason TEXT\n",
    )
    answer = ask(*words, "--remove", "T9.alarm", "--by", "张工", "--reason", "改编号")
    assert answer.code == 1
    assert "T9.alarm" in answer.err


def test_demo_leaves_a_folder_alone_that_holds_something_else(
    ask: Callable[..., Answer], tmp_path: Path, undisturbed: None
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    answer = ask("demo", "--data", tmp_path)
    assert answer.code == 3
    assert f"{tmp_path}: 不是演示目录；请用 --data 另选目录 / holds something else than a demonstration" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_demo_deletes_no_site_of_yours(ask: Callable[..., Answer], tmp_path: Path, undisturbed: None) -> None:
    (tmp_path / "site.toml").write_text("mine", encoding="utf-8")
    answer = ask("demo", "--data", tmp_path)
    assert answer.code == 3
    assert (tmp_path / "site.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("command", ["history", "events", "review"])
def test_a_period_that_ends_before_it_begins_is_refused(
    ask: Callable[..., Answer], file: Path, data: Path, command: str
) -> None:
    site_file = [] if command == "events" else [file]
    later, sooner = "2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z"
    answer = ask(command, *site_file, "--data", data, "--from", later, "--to", sooner)
    assert answer.code == 2
    assert "give --from before --to" in answer.err


@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        ("/dev/full", 3, "hazwatch: 无法写出：磁盘已满 / the output cannot be written: no space left on device\n"),
        (None, 1, ""),
    ],
    ids=["full", "closed"],
)
def test_an_output_that_takes_no_more_ends_a_command_without_a_traceback(
    output: str | None, code: int, said: str
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") if output is None else Path(output).open("w") as taken:
        words = [sys.executable, "-W", "error", "-m", "hazwatch", "schema"]
        done = subprocess.run(words, stdout=taken, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, said)
