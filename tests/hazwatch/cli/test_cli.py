"""Every command that needs no engine: what it prints, what it says where something is wrong, and its exit code."""

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from hazwatch import __version__
from hazwatch.cli.commands.demo import owned
from hazwatch.cli.main import main
from hazwatch.cli.options import EXAMPLES, UnavailableError
from hazwatch.live.data_folder import DataFolder
from tests.command_line import Answer, ask, file, trace
from tests.ports import free_port

__all__ = ["ask", "file", "trace"]

CASES = Path(__file__).parents[2] / "cases" / "config"
COMMANDS = (
    "run", "replay", "backtest", "suggest", "check", "test", "approve", "rules", "simulate", "history", "events",
    "tickets", "ack", "demo",
)  # fmt: skip


def test_help_shows_examples_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert EXAMPLES in said
    for command in COMMANDS:
        assert re.search(rf"^    {command} ", said, re.MULTILINE), command


def test_what_is_wrong_with_an_option_is_said_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["discover", "modbus://kj", "--units", "b"])
    refusal = capsys.readouterr().err.splitlines()[-1]
    problem = "--units: 应为 A-B，如 1-16；实际为 'b' / expected A-B, such as 1-16; found 'b'"
    assert refusal == f"hazwatch discover: {problem}"


def test_an_unknown_option_shows_the_usage_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", "site.toml", "--lwa"])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "hazwatch check [-h] [--law] SITE" in error
    assert "unrecognized arguments: --lwa" in error


def test_an_empty_word_is_an_unknown_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", ""])
    assert ended.value.code == 2
    assert "unrecognized arguments: " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["Asia/Nowhere", "a." * 3000 + "a", "../etc/passwd", "", "\ud800"])
def test_a_text_that_names_no_time_zone_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["tickets", "--timezone", name])
    assert ended.value.code == 2
    assert "expected a time zone" in capsys.readouterr().err


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"hazwatch {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_ends_in_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    usage, _, rest = capsys.readouterr().out.partition("\n\n")
    assert f"hazwatch {command}" in usage
    assert f"hazwatch {command}" in rest


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["watch"],
        ["replay", "--site", "site.toml"],
        ["replay", "--site", "s.toml", "--trace", "t.csv", "--events", "-", "--batch", "0"],
        ["simulate", "site.toml", "--trace", "trace.csv", "--fault", "T1 melt 1s..2s"],
        ["simulate", "site.toml", "--trace", "trace.csv", "--origin", "yesterday"],
        ["events", "--from", "2026-11-22"],
        ["ack", "T1.alarm"],
        ["tickets", "rectify", "YH-2026-0001", "--by", "通风科"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "用法 / usage: hazwatch" in capsys.readouterr().err


def test_check_says_what_a_good_file_holds(ask: Callable[..., Answer]) -> None:
    answer = ask("check", CASES / "face.good.toml")
    assert (answer.code, answer.err) == (0, "")
    counts = "1 hazard source, 2 points, 2 limits, 0 votes, 0 interlocks"
    warning, good = answer.out.splitlines()
    assert 'point "W1"' in warning
    assert warning.endswith("(注意 / warning)")
    assert re.fullmatch(rf".*face\.good\.toml: 正确；.* / correct; {counts}; rules [0-9a-f]{{12}}", good)


def test_check_says_all_mistakes_of_a_file_with_their_lines_and_how_many(ask: Callable[..., Answer]) -> None:
    bad = CASES / "ten-mistakes.bad.toml"
    expected = bad.with_name("ten-mistakes.expected.txt").read_text(encoding="utf-8").splitlines()
    assert len(expected) >= 10
    answer = ask("check", bad)
    assert (answer.code, answer.err) == (1, "")
    assert answer.lines == [
        *(f"{bad}:{line}" for line in expected),
        f"{len(expected)} 处错误 / {len(expected)} mistakes",
    ]


def test_check_warns_and_is_content(ask: Callable[..., Answer], file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace('"60s"', '"never"'), encoding="utf-8")
    answer = ask("check", file)
    assert answer.code == 0
    assert 'point "T1".stale_after: "never"' in answer.lines[0]
    assert answer.lines[0].endswith("(注意 / warning)")


@pytest.mark.parametrize("command", ["run", "check", "history", "simulate", "replay", "backtest"])
def test_a_site_file_that_is_not_there_or_wrong_ends_every_command(
    ask: Callable[..., Answer], tmp_path: Path, command: str, trace: Path
) -> None:
    for path, said in ((tmp_path / "none.toml", "cannot be read"), (CASES / "ten-mistakes.bad.toml", "deadbnad")):
        place = ("--site", path) if command == "replay" else (path,)
        more = {"simulate": ("--trace", trace), "replay": ("--trace", trace, "--events", "-")}.get(command, ())
        answer = ask(command, *place, *more)
        assert answer.code == 1
        assert said in answer.out + answer.err
        assert str(path) in answer.out + answer.err


def test_schema_is_that_of_the_site_file(ask: Callable[..., Answer]) -> None:
    answer = ask("schema")
    assert answer.code == 0
    assert {"site", "point", "limit"} <= json.loads(answer.out)["properties"].keys()


def test_replay_writes_one_line_of_json_for_each_event_whatever_the_batch(
    ask: Callable[..., Answer], tmp_path: Path, file: Path, trace: Path
) -> None:
    words = ("replay", "--site", file, "--trace", trace, "--events")
    answer = ask(*words, "-")
    assert answer.code == 0
    events = [json.loads(line) for line in answer.lines]
    assert [(event["condition"], event["transition"], event["value"]) for event in events] == [
        ("T1.alarm", "raise", 1.25),
        ("T1.alarm", "clear", 0.5),
        ("T1.alarm", "raise", 1.75),
    ]
    # The first replay of a fresh copy announces the compilation of the kernel before.
    assert answer.err.splitlines()[-1] == "4 个样本，3 个事件：标准输出 / 4 samples, 3 events: standard output"
    for batch in (1, 3):
        assert ask(*words, tmp_path / "out.jsonl", "--batch", batch).code == 0
        assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == answer.out
    assert ask(*words, "-", "--as-logged").out == answer.out


@pytest.mark.parametrize(
    ("trace_file", "out", "code", "said"),
    [
        ("none.csv", "-", 1, "none.csv: 没有这个文件 / there is no such file"),
        (
            "trace.xlsx",
            "-",
            1,
            ".parquet / expected a trace .csv, .csv.gz or .parquet",
        ),
        (
            "trace.csv",
            "no/such/folder.jsonl",
            3,
            "没有这个文件或目录 / cannot be written: no such file or directory",
        ),
    ],
)
def test_replay_says_what_it_cannot_read_or_write(
    ask: Callable[..., Answer], tmp_path: Path, file: Path, trace: Path, trace_file: str, out: str, code: int, said: str
) -> None:
    trace.with_name("trace.xlsx").touch()
    where = out if out == "-" else tmp_path / out
    answer = ask("replay", "--site", file, "--trace", tmp_path / trace_file, "--events", where)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--rate", "0"), 2, "--rate: 应为大于 0 且不大于 1000000 的数；实际为 0 / "),
        (("--rate", "-1"), 2, "--rate: 应为大于 0 且不大于 1000000 的数；实际为 -1 / "),
        (("--rate", "fast"), 2, "--rate: 应为大于 0 且不大于 1000000 的数；实际为 fast / "),
        (("--fault", "T9 drop 1s..2s"), 1, "'T9': 应为现场文件中的测点 / expected a point of the site file"),
        (
            ("--fault", "kj lost_link 1s..2s"),
            1,
            "应为现场文件中的数据源：field / expected a source of the site file, one of field",
        ),
    ],
)
def test_simulate_refuses_what_it_cannot_play(
    ask: Callable[..., Answer], file: Path, trace: Path, more: tuple[str, ...], code: int, said: str
) -> None:
    answer = ask("simulate", file, "--trace", trace, *more)
    assert answer.code == code
    assert said in answer.err


def test_simulate_says_that_a_polled_point_cannot_fall_silent(ask: Callable[..., Answer], trace: Path) -> None:
    answer = ask("simulate", CASES / "face.good.toml", "--trace", trace, "--fault", "W1 drop 1s..2s")
    assert answer.code == 1
    assert "其数据源的设备是轮询的" in answer.err


def test_simulate_refuses_a_trace_without_samples(ask: Callable[..., Answer], file: Path, trace: Path) -> None:
    trace.write_text("time,T1\n", encoding="utf-8")
    answer = ask("simulate", file, "--trace", trace)
    assert (answer.code, answer.err) == (1, f"hazwatch: {trace}: 没有样本 / no samples\n")


def test_simulate_says_that_its_port_is_taken(ask: Callable[..., Answer], file: Path, trace: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{other.getsockname()[1]}", text), encoding="utf-8")
        answer = ask("simulate", file, "--trace", trace)
    assert answer.code == 3
    assert "数据源 field：无法在现场文件给出的地址监听" in answer.err


def test_history_says_what_is_not_there(ask: Callable[..., Answer], tmp_path: Path, file: Path) -> None:
    answer = ask("history", file, "--data", tmp_path / "nowhere")
    assert answer.code == 3
    assert "no history; is" in answer.err
    answer = ask("history", file, "--point", "T1", "--point", "T9", "--point", "T8")
    assert (answer.code, answer.err) == (1, f"hazwatch: {file} 中没有测点：T9、T8 / no such point in {file}: T9, T8\n")


@pytest.mark.parametrize("command", ["events", "verify", "tickets"])
def test_a_folder_without_a_journal_is_said(ask: Callable[..., Answer], tmp_path: Path, command: str) -> None:
    answer = ask(command, "--data", tmp_path)
    assert answer.code == 3
    assert f"is {tmp_path} the folder of a run (--data)?" in answer.err


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("http://127.0.0.1:{port}", 3, "no engine answers at http://127.0.0.1:{port}"),
        ("ftp://127.0.0.1:{port}", 2, "expected an address such as http://127.0.0.1:8420"),
        ("127.0.0.1:{port}", 2, "expected an address such as http://127.0.0.1:8420"),
        ("http://[127.0.0.1:{port}", 2, "expected an address such as http://127.0.0.1:8420"),
        ("http://127.0.0.1:{port}/a b", 2, "expected an address such as http://127.0.0.1:8420"),
        ("http://127.0.0.1:99999", 2, "expected an address such as http://127.0.0.1:8420"),
        ("http://" + "9" * 5000, 2, "expected an address such as http://127.0.0.1:8420"),
    ],
)
def test_an_engine_that_does_not_answer_is_said(ask: Callable[..., Answer], address: str, code: int, said: str) -> None:
    port = free_port()
    answer = ask("ack", "T1.alarm", "--by", "王班长", "--url", address.format(port=port))
    assert answer.code == code
    assert said.format(port=port) in answer.err


def test_a_demo_folder_is_held_by_one_and_keeps_what_others_put_into_it(tmp_path: Path) -> None:
    with owned(tmp_path):
        (tmp_path / "site.toml").write_text("the demo's", encoding="utf-8")
        (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
        with pytest.raises(UnavailableError, match="another demonstration"), owned(tmp_path):
            pass
        assert (tmp_path / "site.toml").is_file()
    with owned(tmp_path):
        assert not (tmp_path / "site.toml").exists()
        assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_nothing_that_a_run_keeps_in_a_demo_folder_comes_into_the_next_demonstration(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    kept = [getattr(folder, name) for name, kind in vars(DataFolder).items() if isinstance(kind, property)]
    paths = [path for path in kept if isinstance(path, Path)]
    assert folder.state in paths
    with owned(tmp_path):
        folder.history.mkdir()
        folder.in_force.mkdir()
        folder.certificates.mkdir()
        folder.sources.mkdir()
        folder.stores.mkdir()
        for path in (path for path in paths if not path.exists()):
            path.write_text("of an earlier demonstration", encoding="utf-8")
    with owned(tmp_path):
        assert not [path for path in paths if path.exists()]


def test_simulate_prints_what_an_engine_must_be_given_and_when_the_trace_ends(
    ask: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, file: Path, trace: Path
) -> None:
    reader, writer = os.pipe()
    os.close(writer)
    with os.fdopen(reader) as ended:
        monkeypatch.setattr("sys.stdin", ended)
        answer = ask("simulate", file, "--trace", trace, "--rate", 10, "--epoch", "2027-01-01T00:00:00Z", "--until-eof")
    assert answer.code == 0
    assert "the trace ends at 2026-11-22T08:00:30Z; the clock reaches it at 2027-01-01T00:00:03Z" in answer.err
    given = "--rate 10 --origin 2026-11-22T08:00:00Z --epoch 2027-01-01T00:00:00Z"
    assert answer.err.endswith(f"give the engine the same clock: {given}\n")


@pytest.mark.parametrize(
    "words",
    [
        ("replay", "--site", "{file}", "--trace", "{trace}", "--events", "{trace}"),
        ("backtest", "{file}", "--trace", "{trace}", "--html", "{file}"),
        ("backtest", "{file}", "--trace", "{trace}", "--json", "{trace}"),
        ("suggest", "{file}", "--point", "T1", "--trace", "{trace}", "--json", "{trace}"),
    ],
)
def test_no_command_writes_over_what_it_reads(
    ask: Callable[..., Answer], file: Path, trace: Path, words: tuple[str, ...]
) -> None:
    before = file.read_bytes(), trace.read_bytes()
    answer = ask(*(word.format(file=file, trace=trace) for word in words))
    assert answer.code == 1
    assert "is read by this command" in answer.err
    assert (file.read_bytes(), trace.read_bytes()) == before


@pytest.mark.parametrize("command", ["rules", "tickets"])
def test_a_time_zone_that_is_none_is_said(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([command, "--timezone", "Mars"])
    assert "expected a time zone" in capsys.readouterr().err
