"""An edit of what people are told is approved, journaled and shown like rules, and resets nothing."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.stores import Journal, JournalReader
from alarms import Ledger, Record, RulesAdoption, RunStart
from hazwatch.cli.main import main
from hazwatch.desk.rules import site_view
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.pipeline import Pipeline
from hazwatch.live.restart import EVENTS, Snapshot
from hazwatch.live.resume import resumed
from hazwatch.live.rule_sets import UnapprovedError, known_rules, presentations, read_approval
from hazwatch.site.config import Config, load
from hazwatch.site.presentation import Presentation
from plant import NO_ARRIVAL, SampleBatch
from tests import sites

S = 10**9
BEGIN = 1_780_000_000 * S
NAMES = ("--author", "张工", "--approver", "李总", "--reason", "改写告知内容")
Ask = Callable[..., tuple[int, str, str]]
SITE = sites.text(
    sites.mine(),
    sites.gas(),
    sites.point("T1", unit="%", quantity="CH4", resolution=0.01, range=[0.0, 4.0], profile="ch4.face"),
    sites.point("T2", unit="%"),
    sites.table("limit", id="T1.alarm", message="甲烷报警"),
    sites.limit(
        "T2.alarm", "T2", high=1.0, level="orange", on_delay="10s", ticket=True, message="甲烷超限", response="撤人",
        consequence="爆炸", time_to_respond="5m",
    ),
    sites.limit("T2.mean", "T2", high=1.0, level="yellow") .replace('"value"', '"mean"') + 'window = "1m"\n',
)  # fmt: skip


def tolerant(*checks: str) -> str:
    """Return the table of a source that tolerates mistakes of the server's certificate."""
    return sites.opcua(4840, security={"policy": "Basic256Sha256", "mode": "Sign", "tolerate": checks})


EDITS = {
    "ticket": ("ticket = true", "ticket = false"),
    "ticket of a profile": ('message = "甲烷报警"', 'message = "甲烷报警"\nticket = false'),
    "message": ('message = "甲烷超限"', 'message = "正常"'),
    "response": ('response = "撤人"', 'response = "继续"'),
    "consequence": ('consequence = "爆炸"', 'consequence = ""'),
    "time to respond": ('time_to_respond = "5m"', 'time_to_respond = "5h"'),
    "name of a point": ('name = "甲烷 T2"', 'name = "温度"'),
    "unit": ('name = "甲烷 T2"\nunit = "%"', 'name = "甲烷 T2"\nunit = "ppm"'),
    "grade": ('grade = "II"', 'grade = "IV"'),
    "name of the hazard source": ('name = "瓦斯"', 'name = "其他"'),
    "allowance": ("[site]", '[site]\nallowance = "1h"'),
    "tolerance": ("[[hazard_source]]", tolerant("host", "expired") + "\n[[hazard_source]]"),
}


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def command(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(word) for word in words])
        answer = capsys.readouterr()
        return code, answer.out, answer.err

    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(SITE, encoding="utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def edited(file: Path, *edits: tuple[str, str], name: str = "new.toml") -> Path:
    text = file.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    copy = file.with_name(name)
    copy.write_text(text, encoding="utf-8")
    assert load(copy).rules.version == load(file).rules.version
    return copy


def start(config: Config | Path, data: DataFolder, now: int = BEGIN) -> Pipeline:
    """Begin a run and end it at once."""
    read = load(config) if isinstance(config, Path) else config
    with Journal(data.journal) as journal:
        pipeline = resumed(read, data, journal, (), now)
        journal.append(pipeline.start(now))
    return pipeline


def versions(data: DataFolder) -> list[tuple[str, str | None]]:
    return [(each.version, each.approver) for each in presentations(JournalReader(data.journal))]


def version_of(file: Path) -> str:
    return Presentation.of(load(file)).version


def old_journal(file: Path, data: DataFolder) -> None:
    """Write the journal that a version before presentations leaves after the approved start of a site file."""
    rules = load(file).rules
    people = {"author": "张工", "approver": "李总", "reason": "x"}
    entry = RulesAdoption(version=rules.version, replaces=None, approved=1, content=rules.content, **people)
    data.path.mkdir(exist_ok=True)
    with Journal(data.journal) as journal:
        journal.append([Record(1, BEGIN, entry), Record(2, BEGIN, RunStart(rules=rules.version))])


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_without_approval_is_refused_at_the_start_with_the_commands(
    file: Path, data: DataFolder, ask: Ask, edit: tuple[str, str]
) -> None:
    start(file, data)
    head = JournalReader(data.journal).head()
    new = edited(file, edit)
    code, _, err = ask("run", new, "--data", data.path, "--no-page")
    assert code == 1
    assert f"告知内容 {version_of(new)}（文字、治理单、名称、单位、等级、放行）未经批准，没有启动" in err
    assert f"in force is {version_of(file)}\n" in err
    for command in (
        f"hazwatch approve {new} --data {data.path}\n",
        f"hazwatch approve {new} --data {data.path} --author NAME --approver NAME --reason TEXT\n",
        f"hazwatch run {data.site_copy} --data {data.path}\n",
    ):
        assert command in err
    assert JournalReader(data.journal).head() == head
    start(data.site_copy, data)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_approved_edit_is_journaled_under_its_people_and_the_rules_stay(
    file: Path, data: DataFolder, ask: Ask, edit: tuple[str, str]
) -> None:
    start(file, data)
    new = edited(file, edit)
    assert ask("approve", new, "--data", data.path, *NAMES)[0] == 0
    start(new, data, BEGIN + S)
    assert versions(data) == [(version_of(file), None), (version_of(new), "李总")]
    kinds = [record.kind for record in JournalReader(data.journal).read()]
    assert kinds == ["rules", "presentation", "start", "presentation", "start"]
    assert read_approval(data) is None
    start(new, data, BEGIN + 2 * S)
    assert len(versions(data)) == 2


def test_an_edit_of_a_level_is_an_edit_of_the_rules(file: Path, data: DataFolder) -> None:
    start(file, data)
    new = file.with_name("new.toml")
    new.write_text(SITE.replace('"orange"', '"blue"'), encoding="utf-8")
    with pytest.raises(UnapprovedError) as refused:
        start(new, data)
    assert refused.value.what == "rules"


def test_approve_shows_what_people_are_told_otherwise_and_what_becomes_looser(
    file: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    _, out, _ = ask(
        "approve",
        edited(file, *(edit for name, edit in EDITS.items() if name not in ("unit", "tolerance"))),
        "--data",
        data.path,
    )
    assert re.search("ticket +true -> false +放宽 / looser", out)
    assert re.search("message +甲烷超限 -> 正常 +改写 / rewritten", out)
    assert "consequence      爆炸 -> 无 / none" in out
    assert "time_to_respond  5m -> 5h" in out
    assert re.search("grade +II -> IV +放宽 / looser", out)
    assert re.search("allowance +无 / none -> 1h", out)
    assert "5 changes, 3 looser" in out


def test_approve_shows_which_checks_of_a_server_are_switched_off_and_on(file: Path, data: DataFolder, ask: Ask) -> None:
    lax = edited(file, EDITS["tolerance"])
    start(file, data)
    _, out, _ = ask("approve", lax, "--data", data.path)
    assert "source ua" in out
    assert re.search(r'tolerate +\[\] -> \["host", "expired"\] +放宽 / looser', out)
    assert ask("approve", lax, "--data", data.path, *NAMES)[0] == 0
    start(lax, data, BEGIN + S)
    _, out, _ = ask("approve", file, "--data", data.path)
    assert 'tolerate  ["host", "expired"] -> []\n' in out
    assert "1 change, 0 looser" in out


def test_an_edit_resets_no_alarm_no_delay_and_no_window(
    file: Path, data: DataFolder, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    """The same samples give the same events, whether the texts were edited between two runs or not."""
    ends = []
    for name, edits in (("as it was.toml", ()), ("new.toml", tuple(EDITS.values())[:6])):
        folder = DataFolder(data.path / name)
        with Journal(folder.journal) as journal:
            pipeline = resumed(load(file), folder, journal, (), BEGIN)
            journal.append(pipeline.start(BEGIN))
            # T1 stands; T2 is within its delay of 10 s, and its window has two samples.
            for second, point, value in ((1, 0, 1.2), (2, 1, 0.7), (3, 1, 1.2)):
                batch = SampleBatch.of([point], [BEGIN + second * S], [value])
                journal.append(pipeline.feed(batch, BEGIN + second * S)[1])
            journal.append([]).result()
            Snapshot.of(pipeline, NO_ARRIVAL).write(folder.snapshot)
        new = edited(file, *edits, name=name)
        if edits:
            ask("approve", new, "--data", folder.path, *NAMES)
        with Journal(folder.journal) as journal:
            pipeline = resumed(load(new), folder, journal, (), BEGIN + 4 * S)
            assert [event.condition for event in pipeline.ledger.standing_events()] == ["T1.alarm"]
            for second, value in ((5, 1.3), (14, 1.3)):
                batch = SampleBatch.of([1], [BEGIN + second * S], [value])
                journal.append(pipeline.feed(batch, BEGIN + second * S)[1])
        events = [record.text() for record in JournalReader(folder.journal).read(kinds=EVENTS)]
        ends.append(events)
    assert ends[0] == ends[1]
    assert any(f'"time":{BEGIN + 13 * S}' in line and "T2.alarm" in line for line in ends[1]), "the delay went on"
    assert "snapshot not used" not in caplog.text


def test_page_rules_and_events_show_it(file: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    new = edited(file, EDITS["message"], EDITS["ticket"])
    ask("approve", new, "--data", data.path, *NAMES)
    ledger = start(new, data, BEGIN + 60 * S).ledger
    shown = site_view(load(new), ledger.rules, ledger.presentation)["presentation"]
    assert (shown["version"], shown["author"], shown["approver"]) == (version_of(new), "张工", "李总")
    _, out, _ = ask("rules", "--data", data.path)
    assert re.search(rf"{version_of(new)} +张工 +李总", out)
    _, out, _ = ask("rules", version_of(file), version_of(new), "--data", data.path)
    assert re.search("ticket +true -> false +放宽 / looser", out)
    code, _, err = ask("rules", load(file).rules.version, version_of(new), "--data", data.path)
    assert code == 1
    assert "found one of each" in err
    code, out, _ = ask("events", "--adopted", "--data", data.path)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["kind"] for line in lines] == ["rules", "presentation", "presentation"]
    assert lines[-1] | {"approved": 0} == {
        "number": 4, "time": BEGIN + 60 * S, "kind": "presentation", "version": version_of(new),
        "replaces": version_of(file), "author": "张工", "approver": "李总", "reason": "改写告知内容", "approved": 0,
    }  # fmt: skip


def test_a_site_from_before_presentations_goes_on_and_its_first_one_has_no_people(
    file: Path, data: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    old_journal(file, data)
    start(file, data, BEGIN + S)
    assert "the first presentation of this data folder has no author and no approver" in caplog.text
    assert versions(data) == [(version_of(file), None)]
    with pytest.raises(UnapprovedError):
        start(edited(file, EDITS["ticket"]), data, BEGIN + 2 * S)


def test_the_copy_of_a_site_from_before_presentations_tells_what_was_in_force(
    file: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    copy = data.site_copy.read_bytes()
    data.journal.unlink()
    old_journal(file, data)
    data.site_copy.write_bytes(copy)
    new = edited(file, EDITS["ticket"])
    with pytest.raises(UnapprovedError) as refused:
        start(new, data, BEGIN + S)
    assert (refused.value.what, refused.value.in_force) == ("presentation", version_of(file))
    assert "from the copy of the last start's site file" in ask("approve", new, "--data", data.path)[1]
    ask("approve", new, "--data", data.path, *NAMES)
    start(new, data, BEGIN + S)
    assert versions(data) == [(version_of(new), "李总")]


def test_an_approval_of_an_older_version_approves_the_rules_alone(file: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    new = file.with_name("new.toml")
    new.write_text(SITE.replace("high = 1.0", "high = 1.1"), encoding="utf-8")
    ask("approve", new, "--data", data.path, *NAMES)
    approval = json.loads(data.approval.read_text(encoding="utf-8"))
    old = {key: value for key, value in approval.items() if not key.startswith("presentation")}
    data.approval.write_text(json.dumps(old), encoding="utf-8")
    both = file.with_name("both.toml")
    both.write_text(new.read_text(encoding="utf-8").replace(*EDITS["ticket"]), encoding="utf-8")
    with pytest.raises(UnapprovedError) as refused:
        start(both, data, BEGIN + S)
    assert refused.value.what == "presentation"
    start(new, data, BEGIN + S)
    assert [record.kind for record in JournalReader(data.journal).read(3)] == ["rules", "start"]


def test_an_approval_is_void_when_rules_or_texts_are_edited_once_more(file: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    new = edited(file, EDITS["message"])
    ask("approve", new, "--data", data.path, *NAMES)
    code, _, err = ask("run", edited(new, EDITS["ticket"], name="later.toml"), "--data", data.path, "--no-page")
    assert code == 1
    assert f"the approval that waits is for presentation {version_of(new)}, and this site file has another one" in err
    start(file, data, BEGIN + S)
    assert read_approval(data) is not None, "a start of the file in force does not use up the approval"
    start(new, data, BEGIN + 2 * S)
    assert versions(data)[-1] == (version_of(new), "李总")


def test_what_hazwatch_itself_says_otherwise_needs_no_approval(file: Path, data: DataFolder) -> None:
    start(file, data)
    config = load(file)
    # As if an update had other texts in the profile of T1.
    limits = tuple(
        limit.model_copy(update={"response": "停电撤人"}) if limit.id in config.statutory else limit
        for limit in config.rules.limits
    )
    legal = {name: limit.model_copy(update={"response": "停电撤人"}) for name, limit in config.statutory.items()}
    rules = type(config.rules)(config.rules.points, limits, config.rules.votes, config.rules.interlocks)
    updated = replace(config, rules=rules, statutory=legal)
    assert Presentation.of(updated).version != Presentation.of(config).version
    ledger = start(updated, data, BEGIN + S).ledger
    assert len(versions(data)) == 2
    assert ledger.presentation is not None
    assert ledger.presentation.version == Presentation.of(updated).version


def test_the_version_is_the_hash_of_the_content_and_the_order_of_tables_does_not_matter(file: Path) -> None:
    head, first, second = SITE.partition('[[point]]\nid = "T1"')[0], "", ""
    points = SITE.removeprefix(head)
    first, second = points[: points.index('[[point]]\nid = "T2"')], points[points.index('[[point]]\nid = "T2"') :]
    cut = second.index("[[limit]]")
    swapped = file.with_name("swapped.toml")
    swapped.write_text(head + second[:cut] + first + second[cut:], encoding="utf-8")
    assert load(swapped).rules.version != load(file).rules.version
    assert version_of(swapped) == version_of(file)


def test_a_later_ledger_folds_what_was_adopted(file: Path, data: DataFolder) -> None:
    ledger = start(file, data).ledger
    again, _ = known_rules(load(file), data)
    resumed_from_state = Ledger({}, ZoneInfo("Asia/Shanghai"))
    resumed_from_state.resume(again.state())
    assert resumed_from_state.presentation == again.presentation
    assert again.presentation == ledger.presentation is not None


@pytest.mark.parametrize("others", ["", '[[limit]]\nid = "T1.cut"\nmessage = "断电"\n'], ids=["first", "second"])
def test_a_text_for_a_limit_of_a_profile_changes_no_rule(others: str, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    bare = SITE.replace('[[limit]]\nid = "T1.alarm"\nmessage = "甲烷报警"\n', others)
    configs = []
    for written in (bare, SITE if not others else bare + '\n[[limit]]\nid = "T1.alarm"\nmessage = "甲烷报警"\n'):
        file.write_text(written, encoding="utf-8")
        configs.append(load(file))
    before, after = configs
    assert [limit.id for limit in after.rules.limits] == [limit.id for limit in before.rules.limits]
    assert after.rules.version == before.rules.version
    assert Presentation.of(after).version != Presentation.of(before).version
