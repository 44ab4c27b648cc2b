"""A rule-set comes into force under the names of two people, and the journal's fold knows them."""

import json
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from alarms import Approval, Ledger, Record, RulesInForce, RunStart, same_person

ZONE = ZoneInfo("Asia/Shanghai")
NOW = 1_780_000_000_000_000_000
FIRST, SECOND = "0123456789ab", "89abcdef0123"


def approval(author: str = "张工", approver: str = "李总", *, replaces: str | None = FIRST) -> Approval:
    return Approval(
        version=SECOND,
        replaces=replaces,
        record=replaces and 1,
        author=author,
        approver=approver,
        reason=" 抽采后稳定 ",
        approved=NOW,
    )


def ledger(*records: Record) -> Ledger:
    found = Ledger({}, ZONE)
    for record in records:
        found.fold(record)
    return found


@pytest.mark.parametrize(
    "other",
    ["张工", " 张工 ", "张 工", "张\N{IDEOGRAPHIC SPACE}工", "张·工", "张工."],
)
def test_nobody_approves_what_they_wrote(other: str) -> None:
    with pytest.raises(ValidationError, match="cannot approve it"):
        approval(approver=other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wang", "wang"),
        ("Wang", "\N{FULLWIDTH LATIN CAPITAL LETTER W}ang"),
        ("A1", "\N{FULLWIDTH LATIN SMALL LETTER A}\N{FULLWIDTH DIGIT ONE}"),
        ("Straße", "STRASSE"),
        ("Li Na", "LI-NA"),
        ("Lǚ", "Lü"),
        ("Zhāng", "zhang"),
        ("Müller", "Mu\N{COMBINING DIAERESIS}ller"),
        ("\N{LATIN SMALL LIGATURE FI}n", "Fin"),
        ("王\N{VARIATION SELECTOR-1}工", "王工"),
        ("张三\N{HANGUL FILLER}", "张三"),
        ("张三\N{HANGUL CHOSEONG FILLER}", "张三"),
        ("张三\N{ARABIC TATWEEL}", "张三"),
    ],
)
def test_width_case_and_blanks_make_no_other_person(one: str, other: str) -> None:
    assert same_person(one, other)


def test_other_names_are_other_people() -> None:
    assert not same_person("王工", "王总")
    assert not same_person("A1", "A2")
    assert not same_person("Lü", "Lu")


@pytest.mark.parametrize("name", ["", "  ", "-", "\N{ZERO WIDTH SPACE}", "。"])
def test_a_name_is_needed(name: str) -> None:
    for names in ((name, "李总"), ("张工", name)):
        with pytest.raises(ValidationError):
            approval(*names)


def test_the_record_holds_who_why_when_and_what_and_the_fold_knows_it() -> None:
    live = ledger()
    (first,) = live.adopt(FIRST, "[1]", None, NOW)
    assert live.rules == RulesInForce(FIRST, NOW, 1)
    (second,) = live.adopt(SECOND, "[2]", approval(), NOW + 5)
    assert second.kind == "rules"
    assert json.loads(second.text()) == {
        "version": SECOND, "replaces": FIRST, "author": "张工", "approver": "李总", "reason": "抽采后稳定",
        "approved": NOW, "content": "[2]",
    }  # fmt: skip
    assert live.rules == RulesInForce(SECOND, NOW + 5, 2, "张工", "李总", "抽采后稳定", NOW)
    assert ledger(first, second).rules == live.rules


def test_what_is_in_force_already_is_recorded_once() -> None:
    live = ledger()
    live.adopt(FIRST, "[1]", None, NOW)
    assert live.adopt(FIRST, "[1]", None, NOW + 1) == []
    assert live.last_number == 1


def test_the_same_rules_under_another_version_keep_their_people() -> None:
    live = ledger()
    live.adopt(FIRST, "[1]", approval().model_copy(update={"version": FIRST}), NOW)
    live.adopt("aaaaaaaaaaaa", "[1.0]", None, NOW + 1)
    assert live.rules is not None
    assert (live.rules.version, live.rules.author, live.rules.approver) == ("aaaaaaaaaaaa", "张工", "李总")


@pytest.mark.parametrize("sign", ["\N{ZERO WIDTH SPACE}", "\x07", "\n", "\N{RIGHT-TO-LEFT OVERRIDE}"])
def test_a_name_holds_what_can_be_seen(sign: str) -> None:
    with pytest.raises(ValidationError, match=r"author\n.*expected visible characters on one line; found"):
        approval(f"张{sign}工")
    with pytest.raises(ValidationError, match=r"replaces\n.*expected visible characters on one line"):
        approval(replaces=f"1{sign}2")


def test_an_approval_does_not_hold_again_when_the_rules_that_it_was_to_follow_come_back() -> None:
    assert not approval().fits(SECOND, RulesInForce(FIRST, NOW, 9))


def test_an_approval_is_for_one_rule_set_to_follow_one_other() -> None:
    given = approval()
    assert given.fits(SECOND, RulesInForce(FIRST, NOW, 1))
    assert given.fits(SECOND, None)
    assert not given.fits(SECOND, RulesInForce("aaaaaaaaaaaa", NOW, 1))
    assert not given.fits("aaaaaaaaaaaa", RulesInForce(FIRST, NOW, 1))


def test_a_journal_from_before_approvals_folds_without_a_rule_set() -> None:
    assert ledger(Record(1, NOW, RunStart(rules=FIRST))).rules is None
