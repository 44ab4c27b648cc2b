"""The command `suggest` says in two languages what could be written, what it costs and gains, and writes it ready."""

import json
from pathlib import Path
from typing import Any

import pytest

from hazwatch.cli.exit_codes import OK, REFUSED, UNAVAILABLE
from hazwatch.cli.main import main
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import load
from tests.hazwatch.live.live_runs import BEGIN, SITE, S, Step, config_in, run
from tests.longwall import RECORDING
from tests.longwall import site as longwall

PROFILED = SITE.replace(
    'name = "甲烷 T2"\n', 'name = "甲烷 T2"\nquantity = "CH4"\nunit = "%"\nprofile = "ch4.face"\n'
).replace('[[limit]]\nid = "T2.alarm"\npoint = "T2"\nfeature = "value"\nhigh = 1.0\nlevel = "orange"\n', "")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(PROFILED, encoding="utf-8")
    return path


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """T1 and T2 go to and fro over 1.0 for a while, T1 with longer breaks."""
    rows = ["time,T1,T2,KG"]
    for second in range(400):
        busy = 100 <= second < 160
        t1 = (1.02, 1.02, 1.02, 1.02, 1.02, 1.02, 0.89, 0.89, 0.89, 0.89)[second % 10] if busy else 0.84
        t2 = (1.0, 1.0, 0.99)[second % 3] if busy else 0.9 + second % 2 / 100
        rows.append(f"{BEGIN + second * S},{t1},{t2},0")
    path = tmp_path / "trace.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def suggest(*words: object) -> int:
    return main(["suggest", *map(str, words)])


def found(tmp_path: Path, *words: object) -> dict[str, Any]:
    out = tmp_path / "suggestions.json"
    assert suggest(*words, "--json", out) == OK
    read: dict[str, Any] = json.loads(out.read_bytes())
    return read


def proposed(document: dict[str, Any], limit: str) -> dict[str, Any]:
    """Return what is proposed for a limit, with the lines for the site file."""
    (of,) = (one for one in document["limits"] if one["limit"] == limit)
    (trial,) = (one for one in of["trials"] if one["proposed"])
    return {**of, **trial}


def test_the_text_says_noise_costs_gains_and_what_to_write(
    site: Path, trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suggest(site, "--point", "T1", "--trace", trace) == OK
    printed = capsys.readouterr().out
    assert "噪声 / noise" in printed
    assert "现行 / in force" in printed
    assert "cuts the alarms by half or more" in printed
    assert "also used by: both, cut" in printed
    assert '中改为 / change in [[limit]] id = "T1.alarm"\n' in printed


def test_the_lines_for_a_limit_of_a_profile_and_of_a_new_one_are_read_as_they_are(
    tmp_path: Path, site: Path, trace: Path
) -> None:
    document = found(tmp_path, site, "--point", "T2", "--trace", trace)
    alarm = proposed(document, "T2.alarm")
    assert alarm["effect"]["alarms"] == [21, 1]
    rates = document["rates"]
    assert rates
    pasted = tmp_path / "pasted.toml"
    pasted.write_text("\n".join([PROFILED, alarm["toml"], rates[0]["toml"]]), encoding="utf-8")
    limits = {limit.id: limit for limit in load(pasted).rules.limits}
    assert limits["T2.alarm"].clear == float(alarm["change"]["clear"])
    assert limits["T2.rise"].feature == "delta"
    assert not any("on_delay" in trial["change"] for limit in document["limits"] for trial in limit["trials"])


def test_a_deadband_stays_a_deadband(tmp_path: Path, site: Path, trace: Path) -> None:
    site.write_text(PROFILED.replace("clear = 0.9\n", "deadband = 0.1\n"), encoding="utf-8")
    document = found(tmp_path, site, "--point", "T1", "--trace", trace)
    (alarm,) = (limit for limit in document["limits"] if limit["limit"] == "T1.alarm")
    keys = {key for trial in alarm["trials"] for key in trial["change"]}
    assert keys == {"deadband", "off_delay"}


def test_history_is_a_record_too(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    steps: list[Step] = [(1.0, "T2", [(0.0, 3 - second % 2)]) for second in range(60)]
    run(config_in(tmp_path), folder, steps, BEGIN)
    words = (tmp_path / "site.toml", "--point", "T2", "--data", folder.path)
    document = found(tmp_path, *words)
    assert document["noise"]["samples"] == 60
    assert document["limits"][0]["trials"][0]["effect"]["alarms"][0] == 30
    part = found(tmp_path, *words, "--from", BEGIN + 30 * S, "--to", BEGIN + 50 * S)
    assert part["limits"][0]["trials"][0]["effect"]["alarms"][0] == 10


def test_what_is_missing_is_said(tmp_path: Path, site: Path, trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert suggest(site, "--point", "T9", "--trace", trace) == REFUSED
    assert suggest(site, "--point", "T1", "--trace", tmp_path / "none.csv") == REFUSED
    assert suggest(site, "--point", "T1", "--data", tmp_path / "none") == UNAVAILABLE
    assert suggest(site, "--point", "T1", "--trace", trace, "--json", tmp_path / "no" / "out.json") == UNAVAILABLE
    trace.write_text(f"time,T2\n{BEGIN},0.5\n", encoding="utf-8")
    assert suggest(site, "--point", "T1", "--trace", trace) == REFUSED
    said = capsys.readouterr().err
    messages = (
        'no [[point]] has the id "T9"',
        "no such file",
        "no history",
        "cannot be written",
        "in the record shows how",
    )
    for message in messages:
        assert message in said


def test_on_a_real_longwall_a_clear_cuts_the_alarms_by_more_than_half_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not RECORDING.is_file():
        pytest.skip(f"the recording is not beside the project: {RECORDING}")
    path = tmp_path / "site.toml"
    path.write_text(longwall(4840, 1502), encoding="utf-8")
    document = found(tmp_path, path, "--point", "MM116", "--trace", RECORDING)
    assert document["noise"]["quantum"] == 0.1
    assert document["noise"]["unchanged"] == pytest.approx(0.88, abs=0.03)
    assert document["noise"]["deviation"] == pytest.approx(0.045, abs=0.004)
    alarm = proposed(document, "MM116.alarm")
    assert alarm["change"] == {"clear": "0.9"}
    before, after = alarm["effect"]["alarms"]
    assert 2 * after < before
    assert (alarm["effect"]["later"], alarm["effect"]["lost"]) == (0, 0)
    printed = capsys.readouterr().out
    assert f"clear = 0.9: {before} -> {after}，报警减少一半以上；" in printed
    assert f" / {before} -> {after}, cuts the alarms by half or more;" in printed
    assert "\nclear = 0.9\n" in printed
