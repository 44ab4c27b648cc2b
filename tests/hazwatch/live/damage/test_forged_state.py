"""A state that somebody wrote beside a journal brings no rules into force, and the page reports it."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from adapters.stores import Journal, JournalReader, JournalState
from adapters.stores.journal_reader import LAST_ADOPTION
from alarms import LedgerState, Record, RunStart
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.journal_watch import JournalWatch
from hazwatch.live.kept_ledger import MOST_BEHIND, UTC, KeptLedger
from hazwatch.live.resume import resumed
from hazwatch.live.rule_sets import UnapprovedError
from hazwatch.site.config import Config
from hazwatch.site.presentation import Presentation
from tests.hazwatch.live.live_runs import BEGIN, SITE, S, config_in

WITHOUT: Final[dict[str, Callable[[LedgerState], LedgerState]]] = {
    "started": lambda state: replace(state, started=None),
    "rules": lambda state: replace(state, rules=None),
    "presentation": lambda state: replace(state, presentation=None),
}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path)


@pytest.fixture
def loosened(tmp_path: Path) -> Config:
    """Return a site whose limits are higher."""
    (tmp_path / "loosened").mkdir()
    return config_in(tmp_path / "loosened", SITE.replace("high = 1.0", "high = 3.9"))


def watched(config: Config, folder: DataFolder, count: int) -> None:
    """Let a run of a site write a journal of some records."""
    folder.path.mkdir()
    with Journal(folder.journal) as journal:
        first = resumed(config, folder, journal, (), BEGIN).ledger.last_number + 1
        journal.append([Record(n, BEGIN + S, RunStart(rules=config.rules.version)) for n in range(first, count + 1)])


def forge(folder: DataFolder, change: Callable[[LedgerState], LedgerState]) -> None:
    """Write a state beside the journal that fits its last record."""
    reader = JournalReader(folder.journal)
    state = KeptLedger.of(folder, reader, {}, UTC).ledger.state()
    digest = reader.hash_of(state.number)
    assert digest is not None
    JournalState(change(state), digest).write(folder.state)


@pytest.mark.parametrize("count", [10, MOST_BEHIND])
def test_a_state_that_names_loosened_rules_does_not_replace_their_approval(
    tmp_path: Path, config: Config, loosened: Config, count: int
) -> None:
    folder = DataFolder(tmp_path / "data")
    watched(config, folder, count)

    def named(state: LedgerState) -> LedgerState:
        assert state.rules is not None
        assert state.presentation is not None
        rules = replace(state.rules, version=loosened.rules.version)
        return replace(
            state, rules=rules, presentation=replace(state.presentation, version=Presentation.of(loosened).version)
        )

    forge(folder, named)
    with Journal(folder.journal) as journal, pytest.raises(UnapprovedError):
        resumed(loosened, folder, journal, (), BEGIN + 60 * S)


@pytest.mark.parametrize("name", ["rules", "presentation"])
def test_what_is_in_force_is_that_of_the_records(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    folder = DataFolder(tmp_path / "data")
    watched(config, folder, 10)
    forge(folder, lambda state: state)
    assert KeptLedger.of(folder, JournalReader(folder.journal), {}, UTC, fewest=1).state == 10
    forge(folder, WITHOUT[name])
    with caplog.at_level(logging.WARNING):
        kept = KeptLedger.of(folder, JournalReader(folder.journal), {}, UTC, fewest=1)
    assert kept.state == 0
    assert getattr(kept.ledger, name) is not None
    assert "it names other rules or another presentation" in caplog.text


def test_what_is_in_force_is_found_by_an_index_and_one_that_hides_it_costs_the_state(
    tmp_path: Path, config: Config
) -> None:
    folder = DataFolder(tmp_path / "data")
    watched(config, folder, 10)
    forge(folder, lambda state: state)
    with closing(sqlite3.connect(folder.journal)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {LAST_ADOPTION}", ("rules", 10)).fetchall()
        assert any("adoption_by_kind" in step[3] for step in plan)
        (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'adoption_by_kind'").fetchone()
        connection.execute("DROP INDEX adoption_by_kind")
        connection.execute(sql.replace("('rules', 'presentation')", "('none')"))
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'adoption_by_kind'", (sql,))
        connection.commit()
    reader = JournalReader(folder.journal)
    assert reader.last_adoption("rules", 10) is None
    kept = KeptLedger.of(folder, reader, {}, UTC, fewest=1)
    assert (kept.state, kept.ledger.rules and kept.ledger.rules.version) == (0, config.rules.version)


def test_a_state_of_a_short_journal_is_not_used(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    watched(config, folder, 10)
    forge(folder, WITHOUT["started"])
    assert KeptLedger.of(folder, JournalReader(folder.journal), {}, UTC).ledger.started == BEGIN + S


@pytest.mark.parametrize("name", ["started", "rules"])
def test_the_first_look_reports_a_forged_state_of_a_long_journal(tmp_path: Path, config: Config, name: str) -> None:
    folder = DataFolder(tmp_path / "data")
    watched(config, folder, MOST_BEHIND)
    forge(folder, WITHOUT[name])
    with Journal(folder.journal) as journal:
        ledger = resumed(config, folder, journal, (), BEGIN + 60 * S).ledger
        watch = JournalWatch(folder, lambda: ledger.last_number)
        asyncio.run(watch.look_first())
    assert "somebody changed it" in str(watch.trouble)
