"""A run that was stopped or killed goes on as if it had not been: the whole log gives the events of the journal."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.stores import Historian, Journal
from alarms import Record
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.recorded_log import Past
from hazwatch.live.restart import Snapshot, catch_up
from hazwatch.live.resume import AlarmRemoval, RemovedRuleError, latest, resumed
from hazwatch.live.rule_sets import approval_of, known_rules, write_approval
from hazwatch.site.config import Config, load
from tests.hazwatch.live.live_runs import BEGIN, SITE, S, Step, batch_of
from tests.hazwatch.live.walked_logs import journaled, rebuilt, steps


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    file = tmp_path_factory.mktemp("site") / "site.toml"
    file.write_text(SITE, encoding="utf-8")
    return load(file)


def run(config: Config, folder: DataFolder, steps: Sequence[Step], now: int, *, snapshot: int | None, lost: int) -> int:
    """Play a run that takes a snapshot before a step, and whose last records never reach the journal."""
    waiting: list[Sequence[Record]] = []
    with (
        Journal(folder.journal) as journal,
        closing(Historian(folder.history, config.points, retention_days=None)) as historian,
    ):
        before = latest(folder)
        pipeline = resumed(config, folder, journal, (), now)
        historian.start(now)
        journal.append(pipeline.start(now))
        for number, (wait, point, samples) in enumerate(steps):
            if number == snapshot:
                for records in waiting:
                    journal.append(records)
                waiting.clear()
                Snapshot.of(pipeline, before).write(folder.snapshot)
            now += round(wait * S)
            if point == "-":
                waiting.append(pipeline.tick(now))
                continue
            stamped, records = pipeline.feed(batch_of(config, point, samples, now), now)
            historian.append(stamped)
            waiting.append(records)
        for records in waiting[: max(0, len(waiting) - lost)]:
            journal.append(records)
    return now


def approve(folder: DataFolder, old: Config, new: Config) -> None:
    """Have two people stand for an edit."""
    ledger, _ = known_rules(old, folder)
    approval = approval_of(new, ledger, {"author": "张工", "approver": "李总", "reason": "试验"})
    assert approval is not None
    write_approval(folder, approval)


runs = st.lists(
    st.tuples(steps, st.integers(0, 40), st.sampled_from([0.1, 3.0, 30.0])),
    min_size=2,
    max_size=4,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=runs)
def test_stopped_and_resumed_anywhere_the_log_gives_the_journal(
    tmp_path_factory: pytest.TempPathFactory, config: Config, runs: list[tuple[list[Step], int, float]]
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    now = BEGIN
    for played, snapshot, pause in runs:
        now = run(config, folder, [*played, *played], now, snapshot=min(snapshot, len(played)), lost=0) + round(
            pause * S
        )
    assert rebuilt(config, Past(config, folder).log()) == journaled(folder)


def test_what_a_killed_run_had_not_journaled_is_journaled_by_the_next(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    first: list[Step] = [(1.0, "T1", [(0.0, 0)]), (1.0, "T2", [(0.0, 4)]), (1.0, "T1", [(0.0, 0)])]
    end = run(config, folder, first, BEGIN, snapshot=0, lost=2)
    assert not any('"condition":"T2.alarm"' in line for line in journaled(folder))
    run(config, folder, [(1.0, "T2", [(0.0, 4)])], end + S, snapshot=None, lost=0)
    lines = [line for line in journaled(folder) if '"condition":"T2.alarm"' in line]
    assert len(lines) == 1
    assert f'"time":{BEGIN + 2 * S}' in lines[0]


def test_a_condition_that_waited_for_its_delay_keeps_its_start(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    waiting: list[Step] = [(1.0, "T1", [(0.0, 0)]), (1.0, "T1", [(0.0, 6)])]
    end = run(config, folder, waiting, BEGIN, snapshot=1, lost=0)
    caught = catch_up(config, folder, end)
    assert caught is not None
    assert caught.intake.position[0] >= end


@pytest.mark.parametrize("harm", ["missing", "torn", "other rules", "newer than the journal"])
def test_a_snapshot_that_does_not_fit_is_not_used(
    tmp_path: Path, config: Config, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = DataFolder(tmp_path / "data")
    end = run(config, folder, [(1.0, "T2", [(0.0, 4)]), (1.0, "T2", [(0.0, 4)])], BEGIN, snapshot=1, lost=0)
    if harm == "missing":
        folder.snapshot.unlink()
    elif harm == "torn":
        folder.snapshot.write_bytes(folder.snapshot.read_bytes()[:-7])
    elif harm == "newer than the journal":
        found = Snapshot.read(folder.snapshot)
        assert found is not None
        replace(found, record=found.record + 1000).write(folder.snapshot)
    else:
        (tmp_path / "site.toml").write_text(SITE.replace("high = 1.0", "high = 1.1"), encoding="utf-8")
        old, config = config, load(tmp_path / "site.toml")
        approve(folder, old, config)
    assert catch_up(config, folder, end) is None
    run(config, folder, [(1.0, "T2", [(0.0, 0)])], end + S, snapshot=None, lost=0)
    transitions = [line.split('"transition":"')[1][:5] for line in journaled(folder) if '"T2.alarm"' in line]
    assert transitions == ["raise", "clear"]


def edited(folder: DataFolder, config: Config, *changes: tuple[str, str]) -> Config:
    """Return the site with an edit that two people stand for."""
    text = SITE
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = folder.path.parent / "edited.toml"
    path.write_text(text, encoding="utf-8")
    new = load(path)
    approve(folder, config, new)
    return new


def test_over_an_edit_windows_delays_and_alarms_go_on(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    folder = DataFolder(tmp_path / "data")
    up: list[Step] = [(1.0, "T2", [(0.0, 4)]), (1.0, "T1", [(0.0, 0)]), (1.0, "T1", [(0.0, 4)])]
    end = run(config, folder, up, BEGIN, snapshot=1, lost=0)
    new = edited(folder, config, ("high = 1.0", "high = 1.1"))
    caught = catch_up(new, folder, end, known_rules(config, folder)[0].rules, config.rules.content)
    assert caught is not None
    assert not caught.missed
    assert caught.engine.readings().value[:2].tolist() == [1.3, 1.3]
    run(new, folder, [(1.0, "T2", [(0.0, 0)])], end + S, snapshot=None, lost=0)
    lines = [line for line in journaled(folder) if '"T2.alarm"' in line]
    assert [line.split('"transition":"')[1][:5] for line in lines] == ["raise", "clear"]
    assert [line.split('"rules":"')[1][:12] for line in lines] == [config.rules.version, new.rules.version]
    assert "snapshot not used" not in caplog.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[site]", '[site]\nallowance = "30s"'),
        ("[site]", '[site]\ntick_period = "30s"'),
        ('time = "arrival"\n', ""),
        ('source = "mb"\naddress = "unit=1;holding=0;type=int16"', 'source = "ua"\naddress = "ns=2;s=KG"'),
    ],
)
def test_the_log_of_a_killed_run_is_walked_by_the_ticks_and_sources_of_that_run(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture, old: str, new: str
) -> None:
    folder = DataFolder(tmp_path / "data")
    played: list[Step] = [
        (1.0, "T1", [(0.0, 0)]), (0.1, "KG", [(1.5, 1)]), (14.0, "-", [(0.0, 0)]), (0.5, "T2", [(0.0, 4)])
    ]  # fmt: skip
    end = run(config, folder, played, BEGIN, snapshot=0, lost=1)
    assert {line.split('"condition":"')[1][:8] for line in journaled(folder)} == {"stale:T1", "stale:T2", "stale:KG"}
    assert old in SITE
    (tmp_path / "new.toml").write_text(SITE.replace(old, new), encoding="utf-8")
    later = load(tmp_path / "new.toml")
    assert later.rules.version == config.rules.version
    if old == "[site]":
        approve(folder, config, later)
    run(later, folder, [(1.0, "T2", [(0.0, 4)])], end + S, snapshot=None, lost=0)
    assert sum('"T2.alarm"' in line for line in journaled(folder)) == 1
    assert "snapshot not used" not in caplog.text


def test_without_a_copy_of_its_site_file_a_run_is_walked_by_its_rules_and_the_sources_of_now(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    folder = DataFolder(tmp_path / "data")
    played: list[Step] = [(0.1, "KG", [(1.5, 1)]), (14.0, "-", [(0.0, 0)]), (0.5, "T2", [(0.0, 4)])]
    end = run(config, folder, played, BEGIN, snapshot=0, lost=1)
    folder.site_copy.unlink()
    new = edited(folder, config, ("high = 1.0", "high = 1.1"))
    run(new, folder, [(1.0, "T2", [(0.0, 4)])], end + S, snapshot=None, lost=0)
    (raised,) = (line for line in journaled(folder) if '"T2.alarm"' in line)
    assert config.rules.version in raised
    assert "snapshot not used" not in caplog.text


CALM: list[Step] = [(0.2, name, [(0.0, 0)]) for _ in range(10) for name in ("T1", "T2", "KG", "T1", "T2")]
"""Ten seconds in which nothing happens."""


@pytest.mark.parametrize("snapshot", [0, len(CALM) - 1])
def test_history_that_is_ahead_of_the_clock_is_not_walked(tmp_path: Path, config: Config, snapshot: int) -> None:
    folder = DataFolder(tmp_path / "data")
    end = run(config, folder, CALM, BEGIN, snapshot=snapshot, lost=0)
    assert catch_up(config, folder, end) is not None
    assert catch_up(config, folder, end - 5 * S) is None


def test_a_snapshot_from_before_what_an_earlier_run_recorded_is_not_used(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    end = run(config, folder, CALM, BEGIN, snapshot=None, lost=0)
    again = run(config, folder, [*CALM[:20], (0.1, "-", [(0.0, 0)])], end - 6 * S, snapshot=20, lost=0)
    assert again < end
    assert not journaled(folder)
    assert catch_up(config, folder, end + S) is None


def test_what_was_not_journaled_before_an_edit_is_journaled_under_the_rules_of_then(
    tmp_path: Path, config: Config
) -> None:
    folder = DataFolder(tmp_path / "data")
    end = run(config, folder, [(1.0, "T2", [(0.0, 0)]), (1.0, "T2", [(0.0, 4)])], BEGIN, snapshot=0, lost=1)
    assert not any('"T2.alarm"' in line for line in journaled(folder))
    new = edited(folder, config, ("high = 1.0", "high = 3.0"))
    run(new, folder, [(1.0, "T2", [(0.0, 0)])], end + S, snapshot=None, lost=0)
    lines = [line for line in journaled(folder) if '"T2.alarm"' in line]
    assert [line.split('"rules":"')[1][:12] for line in lines] == [config.rules.version, new.rules.version]


def without_t2(folder: DataFolder, config: Config) -> Config:
    """Return the site without the limit of T2."""
    rule = SITE[SITE.index('[[limit]]\nid = "T2.alarm"') :]
    return edited(folder, config, (rule[: rule.index("[[", 2)], ""), ('"T1.alarm", "T2.alarm", ', '"T1.alarm", '))


def test_what_a_crash_left_comes_before_the_removal_of_its_rule(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    up: list[Step] = [(1.0, "T2", [(0.0, 4)]), (1.0, "T2", [(0.0, 0)]), (1.0, "T2", [(0.0, 4)])]
    end = run(config, folder, up, BEGIN, snapshot=0, lost=2)
    new = without_t2(folder, config)
    with Journal(folder.journal) as journal, pytest.raises(RemovedRuleError, match=r"T2\.alarm"):
        resumed(new, folder, journal, (), end + S)
    assert len(journaled(folder)) == 1
    with Journal(folder.journal) as journal:
        pipeline = resumed(new, folder, journal, (AlarmRemoval("T2.alarm", "张工", "拆除"),), end + S)
        assert not pipeline.ledger.standing_events()
    transitions = [line.split('"transition":"')[1][:5] for line in journaled(folder)]
    assert transitions == ["raise", "clear", "raise"]


def test_a_rule_that_is_moved_while_its_alarm_stands_must_be_named(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    end = run(config, folder, [(1.0, "T2", [(0.0, 4)])], BEGIN, snapshot=0, lost=0)
    new = edited(folder, config, ('id = "T2.alarm"\npoint = "T2"', 'id = "T2.alarm"\npoint = "T1"'))
    with Journal(folder.journal) as journal, pytest.raises(RemovedRuleError, match=r"another point: T2\.alarm"):
        resumed(new, folder, journal, (), end + S)


@pytest.mark.parametrize("back", [1, 3600, 100_000])
def test_a_clock_that_was_set_back_between_runs_neither_blinds_nor_repeats(
    tmp_path: Path, config: Config, back: int
) -> None:
    folder = DataFolder(tmp_path / "data")
    up: list[Step] = [(1.0, "T2", [(0.0, 0)]), (1.0, "T2", [(0.0, 4)]), (1.0, "T2", [(0.0, 0)])]
    end = run(config, folder, up, BEGIN, snapshot=2, lost=0)
    end = run(config, folder, up, end - back * S, snapshot=2, lost=0)
    run(config, folder, [*up, (30.0, "-", [(0.0, 0)])], end + 2 * S, snapshot=1, lost=0)
    lines = [line for line in journaled(folder) if '"condition":"T2.alarm"' in line]
    assert [line.split('"transition":"')[1][:5] for line in lines] == ["raise", "clear"] * 3
    assert len({line.split('"id":"')[1][:16] for line in lines}) == 6
    assert any('"condition":"stale:T2"' in line for line in journaled(folder))


def test_a_snapshot_whose_log_gives_other_events_than_the_journal_is_not_used(tmp_path: Path, config: Config) -> None:
    folder = DataFolder(tmp_path / "data")
    end = run(config, folder, [(1.0, "T2", [(0.0, 0)]), (1.0, "T2", [(0.0, 4)])], BEGIN, snapshot=0, lost=0)
    for file in folder.history.iterdir():
        if file.is_file():
            file.unlink()
    assert catch_up(config, folder, end) is None
