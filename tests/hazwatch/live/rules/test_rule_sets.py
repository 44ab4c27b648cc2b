"""An edit of the rules: what is shown, who is refused, and with what a start goes on."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.stores import Journal, JournalReader
from alarms import Record, RulesAdoption, RulesInForce, RunStart
from hazwatch.cli.main import main
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.resume import AlarmRemoval, RemovedRuleError, resumed
from hazwatch.live.rule_sets import UnapprovedError, history, read_approval
from hazwatch.site.config import load
from plant import SampleBatch
from rules import version_of
from tests import sites
from tests.field_sites import BEGIN, OPC_UA, S, point, site

NAMES = ("--author", "张工", "--approver", "李总", "--reason", "抽采后稳定")
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    def command(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A site file: T1 and T2 with their alarms."""
    return site(tmp_path, OPC_UA.format(port=4840), point("T1", "ns=2;s=T1"), point("T2", "ns=2;s=T2")).path


@pytest.fixture
def new(file: Path) -> Path:
    """An edit of it, by which T1 is looser."""
    return edited(file, "new.toml", "high = 1.0", "high = 1.2")


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def edited(file: Path, name: str, old: str, by: str) -> Path:
    copy = file.with_name(name)
    text = file.read_text(encoding="utf-8")
    assert old in text
    copy.write_text(text.replace(old, by, 1), encoding="utf-8")
    return copy


def without_t1_alarm(file: Path) -> Path:
    text = file.read_text(encoding="utf-8")
    return edited(file, "less.toml", text[text.index("[[limit]]") : text.index('[[point]]\nid = "T2"')], "")


def start(file: Path, data: DataFolder, now: int = BEGIN, removals: tuple[AlarmRemoval, ...] = ()) -> None:
    """Begin a run and end it at once."""
    with Journal(data.journal) as journal:
        pipeline = resumed(load(file), data, journal, removals, now)
        journal.append(pipeline.start(now))


def entries(data: DataFolder) -> list[RulesInForce]:
    return list(history(JournalReader(data.journal)))


def versions(data: DataFolder) -> list[str]:
    return [rules.version for rules in entries(data)]


def end_with_an_alarm(file: Path, data: DataFolder) -> None:
    """Begin a run in which T1 exceeds its limit, and end it."""
    with Journal(data.journal) as journal:
        pipeline = resumed(load(file), data, journal, (), BEGIN)
        journal.append(pipeline.start(BEGIN))
        _, records = pipeline.feed(SampleBatch.of([0], [BEGIN], [1.25]), BEGIN)
        journal.append([*records, *pipeline.tick(BEGIN + S)])


def test_the_first_start_of_a_folder_is_never_refused_and_says_that_nobody_approved(
    file: Path, data: DataFolder, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    start(file, data)
    assert "no author and no approver" in caplog.text
    (first,) = entries(data)
    assert (first.version, first.author, first.approver) == (load(file).rules.version, None, None)
    code, out, _ = ask("rules", "--data", data.path)
    assert code == 0
    assert re.search(rf"{first.version}    未记录 / not recorded  未记录 / not recorded$", out, re.MULTILINE)


def test_a_first_start_can_be_approved_before_it(file: Path, data: DataFolder, ask: Ask) -> None:
    code, out, _ = ask("approve", file, "--data", data.path, *NAMES)
    assert code == 0
    assert "这是第一套" in out
    start(file, data)
    assert [(rules.author, rules.approver) for rules in entries(data)] == [("张工", "李总")]


def test_a_changed_rule_set_that_nobody_approved_does_not_start_and_nothing_is_written(
    file: Path, new: Path, data: DataFolder
) -> None:
    start(file, data)
    before = JournalReader(data.journal).head()
    with pytest.raises(UnapprovedError):
        start(new, data)
    assert JournalReader(data.journal).head() == before
    start(file, data)
    assert versions(data) == [load(file).rules.version]


def test_approve_shows_what_changes_and_what_becomes_looser(file: Path, new: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    code, out, _ = ask("approve", new, "--data", data.path)
    assert code == 0
    assert "修改 / changed  限值 / limit T1.alarm\n                high  1.0 -> 1.2  放宽 / looser\n" in out
    assert "1 change, 1 looser" in out
    assert read_approval(data) is None


def test_approve_says_what_was_not_given_before_and_what_an_order_means(file: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    text = file.read_text(encoding="utf-8").replace("high = 1.0", "high = 1.0\nclear = 0.94", 1)
    first, second = text.index('[[point]]\nid = "T1"'), text.index('[[point]]\nid = "T2"')
    swapped = file.with_name("swapped.toml")
    swapped.write_text(text[:first] + text[second:] + text[first:second], encoding="utf-8")
    code, out, _ = ask("approve", swapped, "--data", data.path)
    assert code == 0
    assert "clear  无 / none -> 0.94" in out
    order = "同一时刻的事件按此先后 / events of one moment come in this order"
    assert f"顺序 / order    限值 / limit\n                {order}\n" in out


def test_a_printed_command_begins_as_the_program_was_started(
    file: Path, new: Path, data: DataFolder, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(file, data)
    monkeypatch.setenv("HAZWATCH_RUN", "./a mine/run")
    _, out, _ = ask("approve", new, "--data", data.path, *NAMES)
    assert f"  './a mine/run' hazwatch run {new} --data {data.path}\n" in out
    data.approval.unlink()
    _, _, err = ask("run", new, "--data", data.path, "--no-page")
    assert err.count("'./a mine/run' hazwatch ") == 4


def test_an_approved_rule_set_comes_into_force_with_the_next_start(
    file: Path, new: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    head = JournalReader(data.journal).head()
    with Journal(data.journal):  # a run holds it
        code, out, _ = ask("approve", new, "--data", data.path, *NAMES)
    assert code == 0
    assert f"hazwatch run {new} --data {data.path}\n" in out
    assert JournalReader(data.journal).head() == head
    assert "下次启动时生效" in ask("rules", "--data", data.path)[1]
    start(new, data, BEGIN + S)
    assert read_approval(data) is None
    last = entries(data)[-1]
    assert (last.version, last.author, last.approver, last.reason, last.since) == (
        load(new).rules.version, "张工", "李总", "抽采后稳定", BEGIN + S,
    )  # fmt: skip
    assert last.approved is not None
    kinds = [record.kind for record in JournalReader(data.journal).read()]
    assert kinds == ["rules", "presentation", "start", "rules", "start"]
    assert ask("verify", "--data", data.path)[0] == 0
    start(new, data, BEGIN + 2 * S)
    assert len(entries(data)) == 2


def test_anybody_can_check_what_a_version_was(file: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    (record, _, _) = JournalReader(data.journal).read()
    assert isinstance(record.entry, RulesAdoption)
    assert version_of(record.entry.content) == record.entry.version
    _, out, _ = ask("rules", record.entry.version, "--json", "--data", data.path)
    assert out == f"{record.entry.content}\n"
    assert [limit["id"] for limit in json.loads(out)[1]] == ["T1.alarm", "T2.alarm"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("张工", "张工", "x"), "cannot approve it"),
        (("张工", " 张 工", "x"), "cannot approve it"),
        (("Wang", "\N{FULLWIDTH LATIN SMALL LETTER W}ang", "x"), "cannot approve it"),
        (("张工", "", "x"), "missing: --approver"),
        (("张工", "李总", " "), "missing: --reason"),
        (("-", "李总", "x"), "expected a name, with letters"),
    ],
)
@pytest.mark.parametrize("command", ["approve", "run"])
def test_an_approval_by_one_person_or_without_a_reason_is_refused(
    file: Path, new: Path, data: DataFolder, ask: Ask, command: str, names: tuple[str, str, str], message: str
) -> None:
    start(file, data)
    author, approver, reason = names
    words = (f"--author={author}", f"--approver={approver}", f"--reason={reason}", "--data", data.path)
    code, _, err = ask(command, new, *words)
    assert code == 1
    assert message in err
    assert read_approval(data) is None
    assert len(entries(data)) == 1


def test_sources_and_addresses_are_no_change_and_there_is_nothing_to_approve(
    file: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    moved = edited(file, "moved.toml", "ns=2;s=T1", "ns=3;s=T1")
    code, _, err = ask("approve", moved, "--data", data.path, *NAMES)
    assert (code, err) == (1, "hazwatch: 没有改动，无须批准 / nothing changed: there is nothing to approve\n")
    start(moved, data)
    assert len(entries(data)) == 1


def test_a_site_file_with_mistakes_is_not_approved(file: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    code, _, err = ask("approve", edited(file, "bad.toml", "high = 1.0", "hihg = 1.0"), "--data", data.path, *NAMES)
    assert code == 1
    assert "hihg" in err


def test_an_approval_is_void_when_the_file_is_edited_once_more(
    file: Path, new: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    ask("approve", new, "--data", data.path, *NAMES)
    later = edited(new, "later.toml", "high = 1.2", "high = 1.4")
    code, _, err = ask("run", later, "--data", data.path, "--no-page")
    assert code == 1
    assert f"approved is {load(new).rules.version}" in err


def test_an_approval_is_void_when_another_rule_set_came_into_force_in_between(
    file: Path, new: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    other = edited(file, "other.toml", "high = 1.0", "high = 0.8")
    ask("approve", other, "--data", data.path, *NAMES)
    stolen = data.approval.read_text(encoding="utf-8")
    ask("approve", new, "--data", data.path, *NAMES)
    start(new, data)
    data.approval.write_text(stolen, encoding="utf-8")
    code, _, err = ask("run", other, "--data", data.path, "--no-page")
    assert code == 1
    assert f"its approval was for replacing {load(file).rules.version}, which is no longer in force" in err


def test_an_approval_that_became_void_does_not_come_back(file: Path, new: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    other = edited(file, "other.toml", "high = 1.0", "high = 0.8")
    ask("approve", new, "--data", data.path, *NAMES)
    stolen = data.approval.read_text(encoding="utf-8")
    ask("approve", other, "--data", data.path, *NAMES)
    waiting = data.approval.read_text(encoding="utf-8")
    data.approval.write_text(stolen, encoding="utf-8")
    given = read_approval(data)
    data.approval.write_text(waiting, encoding="utf-8")
    with Journal(data.journal) as journal:
        resumed(load(new), data, journal, (), BEGIN, approval=given)
    assert not data.approval.exists()


def test_a_later_approval_takes_the_place_of_one_that_waits_and_says_so(
    file: Path, new: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    ask("approve", new, "--data", data.path, *NAMES)
    other = edited(file, "other.toml", "high = 1.0", "high = 0.8")
    _, out, _ = ask("approve", other, "--data", data.path, *NAMES)
    assert f"in place of {load(new).rules.version}" in out
    waiting = read_approval(data)
    assert waiting is not None
    assert waiting.version == load(other).rules.version


def test_an_approval_that_cannot_be_read_is_none(
    file: Path, new: Path, data: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    start(file, data)
    data.approval.write_text('{"version": 1', encoding="utf-8")
    with pytest.raises(UnapprovedError):
        start(new, data)
    assert "approval not read" in caplog.text
    assert "pydantic" not in caplog.text
    assert "\n" not in caplog.records[-1].getMessage()
    forged = {"version": load(new).rules.version, "replaces": load(file).rules.version, "record": 1, "author": "张工"}
    data.approval.write_text(json.dumps(forged | {"approver": "张工", "reason": "x", "approved": 1}), encoding="utf-8")
    with pytest.raises(UnapprovedError):
        start(new, data)


def test_the_refusal_of_a_start_holds_every_way_on_and_they_work(
    file: Path, new: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    code, _, err = ask("run", new, "--data", data.path, "--no-page")
    assert code == 1
    kept = data.in_force / "site.toml"
    for command in (
        f"hazwatch approve {new} --data {data.path}\n",
        f"hazwatch approve {new} --data {data.path} --author NAME --approver NAME --reason TEXT\n",
        f"hazwatch run {new} --data {data.path} --author NAME --approver NAME --reason TEXT\n",
        f"hazwatch run {kept} --data {data.path}\n",
    ):
        assert command in err
    start(kept, data)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (("high = 1.0", "hihg = 1.0"), "is damaged:\n{copy}:"),
        (("high = 1.0", "high = 1.4"), "the copy of the site file in force is damaged, or somebody changed it"),
        (None, "{copy}: 没有现行现场文件的副本 / there is no copy of the site file in force"),
    ],
)
def test_a_copy_that_is_not_what_was_in_force_takes_no_place_and_what_to_do_is_said(
    file: Path, new: Path, data: DataFolder, ask: Ask, damage: tuple[str, str] | None, said: str
) -> None:
    start(file, data)
    text = data.site_copy.read_text(encoding="utf-8")
    data.site_copy.unlink()
    if damage is not None:
        data.site_copy.write_text(text.replace(*damage), encoding="utf-8")
    broken = edited(file, "broken.toml", "[[limit]]", "[[limit")
    for given, reason in ((broken, "mistake"), (new, "is not approved"), (data.site_copy, "site.toml")):
        code, _, err = ask("run", given, "--data", data.path, "--no-page", "--or-in-force")
        assert code == 1
        assert reason in err
        assert said.format(copy=data.site_copy) in err
        assert f"hazwatch rules {load(file).rules.version} --data {data.path}\n" in err
        assert "go on as before" not in err


@pytest.mark.parametrize("emptied", [False, True])
def test_a_data_folder_whose_journal_is_gone_is_no_new_one(
    file: Path, data: DataFolder, ask: Ask, emptied: bool
) -> None:
    start(file, data)
    data.journal.unlink()
    if emptied:
        data.journal.touch()
    for command in (("run", file, "--no-page"), ("approve", file)):
        code, _, err = ask(*command, "--data", data.path)
        assert code == 1
        assert f"{data.journal}: 运行记录不在" in err
        assert f"begin anew in another folder: --data {data.path}-new\n" in err
    assert data.journal.exists() == emptied


def test_the_copy_of_the_site_file_holds_its_table_of_points(file: Path, tmp_path: Path, data: DataFolder) -> None:
    (tmp_path / "tables").mkdir()
    head = "id,hazard_source,name,source,address\n"
    (tmp_path / "tables" / "p.csv").write_text(f"{head}T7,gas-3101,甲烷 T7,field,ns=2;s=T7\n", encoding="utf-8")
    text = file.read_text(encoding="utf-8")
    file.write_text(f'points = "tables/p.csv"  # of the whole mine\n{text}', encoding="utf-8")
    start(file, data)
    (tmp_path / "tables" / "p.csv").unlink()
    kept = load(data.in_force / "site.toml")
    assert [point.id for point in kept.points.points] == ["T1", "T2", "T7"]
    start(data.in_force / "site.toml", data)
    assert len(entries(data)) == 1


def test_a_removed_rule_whose_alarm_stands_is_named_with_the_command(file: Path, data: DataFolder, ask: Ask) -> None:
    end_with_an_alarm(file, data)
    less = without_t1_alarm(file)
    code, out, _ = ask("approve", less, "--data", data.path, *NAMES)
    assert code == 0
    assert "取消 / removed  限值 / limit T1.alarm  放宽 / looser" in out
    assert f"hazwatch run {less} --data {data.path} --remove T1.alarm --by NAME --reason TEXT\n" in out
    head = JournalReader(data.journal).head()
    with pytest.raises(RemovedRuleError):
        start(less, data, BEGIN + 60 * S)
    assert JournalReader(data.journal).head() == head, "the approval is not used up by a start that was refused"
    start(less, data, BEGIN + 60 * S, (AlarmRemoval("T1.alarm", "张工", "传感器拆除"),))
    records = list(JournalReader(data.journal).read(head[0]))
    assert [record.kind for record in records[:2]] == ["alarm", "rules"]
    removal, adoption = (json.loads(record.text()) for record in records[:2])
    assert removal["command"]["reason"] == "传感器拆除"
    assert adoption["approver"] == "李总"


def test_the_refusal_names_the_alarms_to_be_removed_as_well(file: Path, data: DataFolder, ask: Ask) -> None:
    end_with_an_alarm(file, data)
    _, _, err = ask("run", without_t1_alarm(file), "--data", data.path, "--no-page")
    assert "--remove T1.alarm --by NAME --author NAME --approver NAME --reason TEXT\n" in err


def test_an_alarm_that_stands_stays_under_new_numbers(file: Path, new: Path, data: DataFolder, ask: Ask) -> None:
    end_with_an_alarm(file, data)
    code, out, _ = ask("approve", new, "--data", data.path, *NAMES)
    assert code == 0
    assert "the edit neither clears nor raises them, the next sample is judged anew: T1.alarm\n" in out
    head = JournalReader(data.journal).head()[0]
    start(new, data, BEGIN + 60 * S)
    assert [record.kind for record in JournalReader(data.journal).read(head)] == ["rules", "start"]


def test_a_journal_from_before_approvals_goes_on_and_is_listed(
    file: Path, new: Path, data: DataFolder, ask: Ask
) -> None:
    data.path.mkdir()
    with Journal(data.journal) as journal:
        journal.append([Record(1, BEGIN, RunStart(rules="aaaaaaaaaaaa"))])
    assert ask("approve", file, "--data", data.path)[0] == 0
    start(file, data, BEGIN + S)
    assert versions(data) == ["aaaaaaaaaaaa", load(file).rules.version]
    code, _, err = ask("rules", "aaaa", "--data", data.path)
    assert code == 1
    assert "without its content" in err
    with pytest.raises(UnapprovedError):
        start(new, data, BEGIN + S)


def test_the_same_rules_of_another_hazwatch_need_no_approval(file: Path, new: Path, data: DataFolder) -> None:
    content = load(file).rules.content.replace(": ", ":")  # as if it wrote its JSON otherwise
    people = {"author": "张工", "approver": "李总", "reason": "x"}
    old = RulesAdoption(version=version_of(content), replaces=None, approved=1, content=content, **people)
    data.path.mkdir()
    with Journal(data.journal) as journal:
        journal.append([Record(1, BEGIN, old)])
    with pytest.raises(UnapprovedError):
        start(new, data)
    start(file, data)
    last = entries(data)[-1]
    assert (last.version, last.approver) == (load(file).rules.version, "李总")


def test_rules_shows_one_version_and_compares_two_by_how_they_begin(
    file: Path, new: Path, data: DataFolder, ask: Ask
) -> None:
    start(file, data)
    ask("approve", new, "--data", data.path, *NAMES)
    start(new, data)
    old, fresh = versions(data)
    code, out, _ = ask("rules", old[:6], "--data", data.path)
    assert code == 0
    assert "T1.alarm" in out
    assert "high = 1.0" in out
    code, out, _ = ask("rules", old[:6], fresh[:6], "--data", data.path)
    assert "high  1.0 -> 1.2  放宽 / looser" in out
    code, _, err = ask("rules", "zzz", "--data", data.path)
    assert code == 1
    assert old in err
    assert ask("rules", old, fresh, old, "--data", data.path)[0] == 1
    assert ask("rules", "--data", data.path / "none")[0] == 3


def test_limits_looser_than_their_profile_are_listed_apart(file: Path, data: DataFolder, ask: Ask) -> None:
    wide = edited(file, "wide.toml", "range = [0.0, 4.0]", "range = [0.0, 500.0]")
    profile = edited(wide, "profile.toml", 'unit = "%"', 'unit = "ppm"\nquantity = "CO"\nprofile = "co.return"')
    looser = edited(profile, "looser.toml", "high = 1.0", 'high = 24.01\nclear = 20.0\nbasis = "矿总工批准"')
    code, out, err = ask("approve", looser, "--data", data.path)
    assert (code, err) == (0, "")
    assert "looser than the regulation of the profile:\n  T1.alarm high = 24.01: co.return 24.0 (" in out
    assert "矿总工批准\n" in out


def test_a_methane_alarm_of_a_face_at_three_percent_is_not_approved_whatever_the_basis(
    file: Path, data: DataFolder, ask: Ask
) -> None:
    profile = edited(file, "profile.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"\nprofile = "ch4.face"')
    start(profile, data)
    looser = edited(profile, "looser.toml", "high = 1.0", 'high = 3.0\nbasis = "矿总工批准"')
    code, _, err = ask("approve", looser, "--data", data.path, *NAMES)
    assert code == 1
    assert "3.0 is looser than 1.0" in err
    assert read_approval(data) is None


def test_a_looser_limit_of_methane_without_profile_is_approved_only_with_a_reason_of_its_own(
    file: Path, data: DataFolder, ask: Ask
) -> None:
    known = edited(file, "known.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"')
    start(known, data)
    looser = edited(known, "looser.toml", "high = 1.0", "high = 3.0")
    assert ask("approve", looser, "--data", data.path)[0] == 0, "to look is always permitted"
    code, _, err = ask("approve", looser, "--data", data.path, *NAMES)
    assert code == 1
    assert "T1.alarm has no profile: refused, until its `basis`, or that of the limit in its place, names" in err
    assert read_approval(data) is None
    code, _, err = ask("run", looser, "--data", data.path, *NAMES)
    assert (code, "T1.alarm has no profile" in err) == (1, True)
    explained = edited(looser, "explained.toml", "high = 3.0", 'high = 3.0\nbasis = "矿总工：测点移到密闭内"')
    assert ask("approve", explained, "--data", data.path, *NAMES)[0] == 0
    approval = read_approval(data)
    assert approval is not None
    assert approval.version == load(explained).rules.version


@pytest.mark.parametrize("alarm", ['high = 1.2\nbasis = "矿总工批准"', "high = 1.0"], ids=["looser", "as strict"])
def test_a_profile_that_must_be_kept_is_not_dropped(file: Path, data: DataFolder, ask: Ask, alarm: str) -> None:
    quantity = edited(file, "quantity.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"')
    profile = edited(quantity, "profile.toml", 'quantity = "CH4"', 'quantity = "CH4"\nprofile = "ch4.face"')
    start(profile, data)
    # The same limits by hand: the edit after this one could loosen them.
    cut = sites.limit("T1.cut", "T1", high=1.5, clear=1.0, level="red", ticket=True)
    freed = edited(quantity, "freed.toml", "high = 1.0", alarm)
    freed.write_text(f"{freed.read_text(encoding='utf-8')}\n{cut}", encoding="utf-8")
    for command in ("approve", "run"):
        code, _, err = ask(command, freed, "--data", data.path, *NAMES)
        assert code == 1
        assert 'T1 no longer names the profile "ch4.face", whose article says must; expected this profile' in err
    assert read_approval(data) is None


@pytest.mark.parametrize(
    ("place", "alarm", "freed"),
    [
        ("ch4.return", "high = 1.0", False),
        ("ch4.face-outburst", "high = 1.0", False),
        ("ch4.charging-room", 'high = 3.0\nbasis = "me"', True),
        ("ch4.stopped-area", 'high = 3.0\nbasis = "me"', True),
        ("ch4.bunker", 'high = 1.5\nbasis = "me"', True),
        ("ch4.bunker", "high = 1.0", True),
    ],
)
def test_another_profile_is_accepted_if_it_asks_for_as_much(
    file: Path, data: DataFolder, ask: Ask, *, place: str, alarm: str, freed: bool
) -> None:
    profile = edited(file, "profile.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"\nprofile = "ch4.face"')
    start(profile, data)
    moved = edited(edited(profile, "place.toml", "ch4.face", place), "moved.toml", "high = 1.0", alarm)
    for command in ("approve", "run") if freed else ("approve",):
        code, _, err = ask(command, moved, "--data", data.path, *NAMES)
        assert (code, "T1 no longer names the profile" in err) == ((1, True) if freed else (0, False))


def test_a_new_id_without_profile_does_not_replace_a_listed_point(file: Path, data: DataFolder, ask: Ask) -> None:
    profile = edited(file, "profile.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"\nprofile = "ch4.face"')
    start(profile, data)
    text = profile.read_text(encoding="utf-8").replace("T1", "T9").replace('profile = "ch4.face"\n', "")
    renamed = profile.with_name("renamed.toml")
    renamed.write_text(text, encoding="utf-8")
    code, _, err = ask("approve", renamed, "--data", data.path, *NAMES)
    assert (code, 'T9 takes the place of T1, whose profile "ch4.face" must be kept' in err) == (1, True)


def test_a_new_id_at_another_hazard_source_does_not_replace_a_listed_point_of_the_same_address(
    file: Path, data: DataFolder, ask: Ask
) -> None:
    profile = edited(file, "profile.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"\nprofile = "ch4.face"')
    start(profile, data)
    text = profile.read_text(encoding="utf-8").replace('"T1', '"T9').replace('profile = "ch4.face"\n', "")
    head, table, rest = text.partition('[[point]]\nid = "T9"')
    other = sites.gas(id="other", name="密闭区")
    moved = profile.with_name("moved.toml")
    moved.write_text(f"{head}{other}\n{table}{rest.replace('gas-3101', 'other', 1)}", encoding="utf-8")
    for command in ("approve", "run"):
        code, _, err = ask(command, moved, "--data", data.path, *NAMES)
        assert (code, 'T9 takes the place of T1, whose profile "ch4.face" must be kept' in err) == (1, True)
    elsewhere = edited(moved, "elsewhere.toml", "ns=2;s=T1", "ns=2;s=T9")
    assert ask("approve", elsewhere, "--data", data.path, *NAMES)[0] == 0, "it is another sensor at another place"


def test_a_listed_point_is_not_calculated_from_a_new_one_at_its_address(file: Path, data: DataFolder, ask: Ask) -> None:
    profile = edited(file, "profile.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"\nprofile = "ch4.face"')
    start(profile, data)
    scaled = edited(profile, "scaled.toml", 'source = "field"\naddress = "ns=2;s=T1"', 'expression = "RAW * 0.1"')
    raw = sites.point("RAW", hazard_source="gas-3101", unit="%", source="field", address="ns=2;s=T1")
    scaled.write_text(f"{scaled.read_text(encoding='utf-8')}\n{raw}", encoding="utf-8")
    code, _, err = ask("approve", scaled, "--data", data.path, *NAMES)
    assert (code, 'RAW takes the place of T1, whose profile "ch4.face" must be kept' in err) == (1, True)
    other = edited(scaled, "other.toml", 'address = "ns=2;s=T1"', 'address = "ns=2;s=RAW"')
    assert ask("approve", other, "--data", data.path, *NAMES)[0] == 0, "another sensor is not the one that is listed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('quantity = "CH4"', 'quantity = "foo"'),
        ('id = "T1.alarm"', 'id = "T1.other"'),
        ('feature = "value"', 'feature = "mean"\nwindow = "1m"'),
    ],
)
def test_neither_another_quantity_nor_another_id_nor_feature_hides_a_looser_limit(
    file: Path, data: DataFolder, ask: Ask, old: str, new: str
) -> None:
    known = edited(file, "known.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"')
    start(known, data)
    looser = edited(edited(known, "one.toml", old, new), "two.toml", "high = 1.0", "high = 3.0")
    code, _, err = ask("approve", looser, "--data", data.path, *NAMES)
    assert (code, "T1.alarm has no profile: refused" in err) == (1, True)
    explained = edited(looser, "explained.toml", "high = 3.0", 'high = 3.0\nbasis = "矿总工：测点移到密闭内"')
    # A mean is no limit of the value itself, so its basis does not answer for the limit that is gone.
    assert ask("approve", explained, "--data", data.path, *NAMES)[0] == ("mean" in new)


def test_a_limit_of_methane_without_profile_is_not_removed_while_its_point_stays(
    file: Path, data: DataFolder, ask: Ask
) -> None:
    known = edited(file, "known.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"')
    start(known, data)
    code, _, err = ask("approve", without_t1_alarm(known), "--data", data.path, *NAMES)
    assert (code, "T1.alarm has no profile: refused" in err) == (1, True)
    renamed = edited(known, "renamed.toml", 'id = "T1.alarm"', 'id = "T1.other"')
    assert ask("approve", renamed, "--data", data.path, *NAMES)[0] == 0


def test_the_quantity_of_methane_is_not_given_up_without_a_reason(file: Path, data: DataFolder, ask: Ask) -> None:
    known = edited(file, "known.toml", 'unit = "%"', 'unit = "%"\nquantity = "CH4"')
    start(known, data)
    other = edited(known, "other.toml", 'quantity = "CH4"', 'quantity = "foo"')
    assert ask("approve", other, "--data", data.path, *NAMES)[0] == 1
    explained = edited(other, "explained.toml", "high = 1.0", 'high = 1.0\nbasis = "矿总工：改测粉尘"')
    assert ask("approve", explained, "--data", data.path, *NAMES)[0] == 0


def test_two_versions_are_compared_by_name(file: Path, new: Path, data: DataFolder, ask: Ask) -> None:
    start(file, data)
    ask("approve", new, "--data", data.path, *NAMES)
    start(new, data)
    old, fresh = versions(data)
    assert ask("rules", old[:6], fresh[:6], "--data", data.path)[1].startswith(f"{old} -> {fresh}\n")
