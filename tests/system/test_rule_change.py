"""An edit of the rules over real processes: refused, approved while the engine runs, in force after a restart."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.stores import JournalReader
from alarms import events_of
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.restart import EVENTS
from hazwatch.site.config import load
from tests.field_sites import OPC_UA, point, site
from tests.ports import free_port
from tests.system.processes import answers, command, environment, get, hazwatch, running, wait_until

OLDER = Path(__file__).parents[1] / "cases" / "older-version"
NAMES = ("--author", "张工", "--approver", "李总", "--reason", "抽采后稳定")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A site whose source does not answer: T1 is at fault."""
    return site(tmp_path, OPC_UA.format(port=free_port()), point("T1", "ns=2;s=T1")).path


@contextmanager
def engine(file: Path, data: Path, *words: object) -> Iterator[str]:
    """Run an engine while the block lasts; give the address of its page."""
    address, log = f"http://127.0.0.1:{(port := free_port())}", data.with_suffix(".log")
    with running("run", file, "--data", data, "--port", port, *words, log=log) as process:
        wait_until(lambda: answers(f"{address}/api/site") or process.poll() is not None, "the page answers", 100)
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield address


def refused(*words: object) -> str:
    """Run a command that is to end with exit code 1; return what it said."""
    ended: subprocess.CompletedProcess[str] = hazwatch(*words)
    assert ended.returncode == 1, ended.stderr
    return ended.stderr


def edited(file: Path, old: str, new: str) -> Path:
    copy = file.with_name("new.toml")
    copy.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return copy


def rule_set(address: str) -> Any:
    return get(f"{address}/api/site")["site"]["rule_set"]


def stands(data: Path, condition: str) -> bool:
    events = events_of(JournalReader(DataFolder(data).journal).read(kinds=EVENTS))
    transitions = [event.transition for event in events if event.condition == condition]
    return transitions[-1:] == ["raise"]


def test_an_edit_goes_its_whole_way(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    new = edited(file, "high = 1.0", "high = 1.2")
    old_version, new_version = load(file).rules.version, load(new).rules.version
    with engine(file, data) as address:
        first = rule_set(address)
        assert (first["version"], first["author"], first["approver"]) == (old_version, None, None)
        wait_until(lambda: stands(data, "fault:T1"), "T1 is at fault")
        assert "放宽 / looser" in hazwatch("approve", new, "--data", data).stdout
    said = refused("run", new, "--data", data, "--no-page")
    assert f"规则 {new_version} 未经批准，没有启动；现行的是 {old_version}" in said
    with engine(data / "in-force" / "site.toml", data) as address:  # the mine is watched while two people decide
        assert rule_set(address)["version"] == old_version
        approved = hazwatch("approve", new, "--data", data, *NAMES)
        assert approved.returncode == 0, approved.stderr
    with engine(new, data) as address:
        told = rule_set(address)
        assert (told["version"], told["author"], told["approver"], told["reason"]) == (new_version, *NAMES[1::2])
        assert stands(data, "fault:T1"), "an edit alone clears nothing"
    listed = hazwatch("rules", "--data", data).stdout.splitlines()
    assert [line.split()[2] for line in listed[1:3]] == [old_version, new_version]
    assert listed[3] == "告知内容 / presentation:"
    assert hazwatch("verify", "--data", data).returncode == 0
    events = [json.loads(line) for line in hazwatch("events", "--data", data).stdout.splitlines()]
    assert {event["rules"] for event in events} <= {old_version, new_version}


def test_an_edit_is_approved_and_started_in_one_step(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with engine(file, data):
        pass
    new = edited(file, "high = 1.0", "high = 0.8")
    same = ("--author", "张工", "--approver", "张　工", "--reason", "x")
    assert "cannot approve it" in refused("run", new, "--data", data, "--no-page", *same)
    for _ in range(2):  # started again by the same command, it has nothing to approve, and starts
        with engine(new, data, *NAMES) as address:
            assert rule_set(address)["approver"] == "李总"
    assert sum(record.kind == "rules" for record in JournalReader(data / "journal.db").read()) == 2


@pytest.mark.parametrize("edit", [("high = 1.0", "high = 1.2"), ("high = 1.0", "hihg = 1.0"), ("[[limit]]", "[[limit")])
def test_an_unattended_start_watches_on_with_what_was_in_force(
    file: Path, tmp_path: Path, edit: tuple[str, str]
) -> None:
    data = tmp_path / "data"
    version = load(file).rules.version
    with engine(file, data, "--or-in-force") as address:
        assert get(f"{address}/api/snapshot")["snapshot"]["notices"] == []
    file.write_text(edited(file, *edit).read_text(encoding="utf-8"), encoding="utf-8")
    refused("run", file, "--data", data, "--no-page")
    with engine(file, data, "--or-in-force") as address:
        assert rule_set(address)["version"] == version
        (notice,) = get(f"{address}/api/snapshot")["snapshot"]["notices"]
        assert str(file) in notice["message"]["zh"]
    file.unlink()
    with engine(file, data, "--or-in-force") as address:
        assert rule_set(address)["version"] == version


@pytest.mark.parametrize("words", [(), ("--or-in-force",)])
@pytest.mark.parametrize("edit", [False, True])
def test_rules_of_an_older_version_are_watched_on_after_an_update(
    tmp_path: Path, words: tuple[str, ...], *, edit: bool
) -> None:
    file = Path(shutil.copy(OLDER / "site.toml", tmp_path))
    data = Path(shutil.copytree(OLDER / "data", tmp_path / "data"))
    if edit:
        file.write_text(file.read_text(encoding="utf-8").replace("1.2", "1.3"), encoding="utf-8")
    if edit and not words:
        assert "no `basis` permits another" in refused("run", file, "--data", data, "--no-page")
        file = data / "in-force" / "site.toml"
    with engine(file, data, *words) as address:
        told = rule_set(address)
        assert (told["author"], told["approver"]) == ("张工", "李总")
        notices = {notice["id"]: notice for notice in get(f"{address}/api/snapshot")["snapshot"]["notices"]}
        assert "with 2 mistakes for which an edit would be refused" in notices["judgements"]["message"]["en"]
        assert ("site" in notices) == (edit and bool(words))
        wait_until(lambda: stands(data, "fault:T1"), "T1 is at fault")
    log = data.with_suffix(".log").read_text(encoding="utf-8")
    assert log.count("in force and watched, though refused in an edit") == 2
    assert hazwatch("verify", "--data", data).returncode == 0


def test_an_unattended_start_whose_journal_is_gone_watches_on_and_says_so(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with engine(file, data):
        pass
    for made in data.glob("journal.db*"):
        made.unlink()
    refused("run", file, "--data", data, "--no-page")
    with engine(file, data, "--or-in-force") as address:
        assert rule_set(address)["version"] == load(file).rules.version
        (notice,) = get(f"{address}/api/snapshot")["snapshot"]["notices"]
        assert "was lost and a new journal begun" in notice["message"]["en"]
    with engine(file, data) as address:
        assert get(f"{address}/api/snapshot")["snapshot"]["notices"] == []


def test_an_unattended_start_sets_a_broken_journal_aside_and_says_so(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with engine(file, data):
        pass
    with closing(sqlite3.connect(data / "journal.db")) as journal:
        journal.execute("DROP TRIGGER record_stays")
        journal.execute("UPDATE record SET time = time + 1 WHERE number = 2")
        journal.commit()
    assert "broken at record 2, among the last" in refused("run", file, "--data", data, "--no-page")
    with engine(file, data, "--or-in-force") as address:
        (notice,) = get(f"{address}/api/snapshot")["snapshot"]["notices"]
        assert "set aside as journal.db.broken-1 and a new journal begun" in notice["message"]["en"]
    with engine(file, data) as address:
        assert get(f"{address}/api/snapshot")["snapshot"]["notices"] == []
    assert (data / "anchors.jsonl").is_file()


def test_nothing_to_fall_back_on_is_a_refusal(file: Path, tmp_path: Path) -> None:
    broken = edited(file, "[[limit]]", "[[limit")
    refused("run", broken, "--data", tmp_path / "data", "--no-page", "--or-in-force")


def test_the_commands_of_a_refusal_are_those_of_the_product(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data with blanks"
    with engine(file, data):
        pass
    said = refused("run", edited(file, "high = 1.0", "high = 1.2"), "--data", data, "--no-page")
    see = next(line for line in said.splitlines() if "see what it changes" in line).split("hazwatch ", 1)[1]
    words = " ".join(command())
    ended = subprocess.run(
        f"{words} {see}", shell=True, env=environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
