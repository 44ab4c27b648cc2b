"""A name is the name of one person, the same for approvals and commands; look-alikes are the person they look like."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from alarms import Accept, Approval, same_person
from alarms.person import PersonName

LIST = "expected one name"
SCRIPT = "expected Chinese, Latin"
SARANGUA = "ᠰᠠᠷᠠᠩᠭᠤᠸ\N{MONGOLIAN VOWEL SEPARATOR}ᠠ"
SELECTOR = "\N{MONGOLIAN FREE VARIATION SELECTOR ONE}"
SHADDA = "شاد\N{ARABIC SHADDA}"
LATE = "\U00031350\U0002ebf0"
"""Chinese characters of extensions H and I."""


def approved_by(name: str) -> Approval:
    return Approval(
        version="89abcdef0123", replaces=None, record=None, author="甲", approver=name, reason="试", approved=0
    )


def accepted_by(name: str) -> Accept:
    return Accept(ticket="YH-2026-0001", by=name, key="k")


REFUSED = [
    pytest.param("张三、李四", LIST, id="a list"),
    pytest.param("张三，李四", LIST, id="a full-width comma"),
    pytest.param("张三/李四", LIST, id="a slash"),
    pytest.param("张三＆李四", LIST, id="a full-width ampersand"),
    pytest.param("Z\N{CYRILLIC SMALL LETTER A}hang", SCRIPT, id="a Cyrillic letter"),
    pytest.param("С\N{CYRILLIC SMALL LETTER A}ра", SCRIPT, id="a Cyrillic word"),
    pytest.param("\N{GREEK CAPITAL LETTER ALPHA}lan", SCRIPT, id="a Greek letter"),
    pytest.param("王\N{KATAKANA LETTER E}", SCRIPT, id="a kana that looks Chinese"),
    pytest.param("W\N{LATIN SMALL LETTER ALPHA}ng", SCRIPT, id="a phonetic letter"),
    pytest.param("张\N{ARABIC LETTER ALEF}", "expected one script", id="two scripts"),
    pytest.param("Zhan\N{ARABIC LETTER ALEF}g 张三", "expected one script", id="two scripts in one word"),
    pytest.param("\N{ARABIC SHADDA}张三", SCRIPT, id="an Arabic mark without its letter"),
    pytest.param("Li\N{MONGOLIAN VOWEL SEPARATOR}", SCRIPT, id="a Mongolian separator behind Latin"),
    pytest.param("Li \N{MONGOLIAN FREE VARIATION SELECTOR ONE}", SCRIPT, id="a Mongolian selector alone"),
    pytest.param("张三\N{HANGUL FILLER}", SCRIPT, id="a filler"),
    pytest.param("张三\N{VARIATION SELECTOR-1}", SCRIPT, id="a variation selector"),
    pytest.param("张\N{ZERO WIDTH SPACE}三", "expected visible characters", id="a zero-width space"),
    pytest.param("---", "expected a name, with letters", id="signs alone"),
    pytest.param("12", "expected a name, with letters", id="digits alone"),
    pytest.param("张" * 101, "at most 100 characters", id="too long"),
]


@pytest.mark.parametrize(("name", "problem"), REFUSED)
def test_commands_refuse_the_names_that_approvals_refuse(name: str, problem: str) -> None:
    for read in (approved_by, accepted_by):
        with pytest.raises(ValidationError, match=problem):
            read(name)


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "王工A",
        "Zhāng Wěi",
        "阿卜杜拉·买买提",
        "Müller-O'Neill",
        "通风科 张三",
        "张三（通风科）",
        "wang_3@mine",
        "김철수",
        "ＺＨＡＮＧ",
        SARANGUA,
        f"ᠰ{SELECTOR}ᠠᠷᠠ",
        SHADDA,
        "通风科 ئەركىن",
        "ئەركىن（艾尔肯）",
        "阿卜杜拉‧买买提",
        "阿卜杜拉∙买买提",
        "阿卜杜拉⋅买买提",
        "ཚེ་རིང",
        LATE,
        "Lü",
    ],
)
def test_usual_names_are_accepted(name: str) -> None:
    assert approved_by(name).approver == accepted_by(name).by == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("通风科 张三", "张三"),
        ("张三（通风科）", "张三"),
        ("A1", "AI"),
        ("Al", "AI"),
        ("X0", "XO"),
        ("Lini", "LINI"),
        ("Erniu", "Emiu"),
        ("王〇", "王0"),
        (SARANGUA, SARANGUA.replace("\N{MONGOLIAN VOWEL SEPARATOR}", "")),
        (f"ᠰ{SELECTOR}ᠠᠷᠠ", "ᠰᠠᠷᠠ"),
        (SHADDA, SHADDA[:-1]),
        ("通风科 ئەركىن", "ئەركىن"),
        ("ئەركىن（艾尔肯）", "艾尔肯"),
        ("ئەركىن（艾尔肯）", "ئەركىن"),
        ("阿卜杜拉‧买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉∙买买提", "阿卜杜拉⋅买买提"),
        ("ཚེ་རིང", "ཚེརིང"),
        (f"通风科 {LATE}", LATE),
        ("Zhāng Wěi", "Zhang Wei"),
        ("Lǚ", "Lü"),
    ],
)
def test_look_alikes_and_departments_make_no_other_person(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("通风科 张三", "通风科 李四"),
        ("张 三", "张 五"),
        ("Li Na", "Li Fang"),
        ("张三丰", "张三"),
        ("ཚེ་རིང", "ཚ་རང"),
        ("བརྒྱ", "བར"),
        ("Lü", "Lu"),
        ("通风科 ئەركىن", "通风科 ئالىم"),
        (LATE, LATE[0]),
    ],
)
def test_other_people_are_other_people(one: str, other: str) -> None:
    assert not same_person(one, other)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_an_accepted_name_is_itself_in_every_form_of_unicode(name: str) -> None:
    try:
        accepted = accepted_by(name).by
    except ValidationError:
        assert name not in {"张三", "Li"}
        return
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert same_person(accepted, unicodedata.normalize(form, accepted))


@pytest.mark.parametrize("sign", ["和", "与", "及"])
def test_two_chinese_names_with_and_between_them_are_no_name(sign: str) -> None:
    with pytest.raises(ValueError, match=f"{sign} separates several"):
        TypeAdapter(PersonName).validate_python(f"张三{sign}李四")


@pytest.mark.parametrize("name", ["欧阳和平", "张和平", "安全与环保部", "赵与时", "吐尔逊和加"])
def test_one_name_may_have_such_a_character(name: str) -> None:
    assert TypeAdapter(PersonName).validate_python(name) == name
