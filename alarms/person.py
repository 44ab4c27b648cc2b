"""Names of people: what a name is, and when two names mean one person; commands and approvals share both."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

from plant import Message, check_name
from plant.bounds import LONGEST_NAME

SCRIPTS: Final[Mapping[str, Message]] = {
    "CJK UNIFIED IDEOGRAPH": Message("Chinese"),
    "IDEOGRAPHIC NUMBER ZERO": Message("Chinese"),
    "LATIN": Message("Latin"),
    "HANGUL SYLLABLE": Message("Korean"),
    "ARABIC LETTER": Message("Arabic"),
    "MONGOLIAN LETTER": Message("Mongolian"),
    "TIBETAN": Message("Tibetan"),
    "YI SYLLABLE": Message("Yi"),
}
"""The scripts of names, by how the Unicode names of their letters begin."""
CHINESE: Final = SCRIPTS["CJK UNIFIED IDEOGRAPH"]
# Extensions H, I and J came after the Unicode of Python 3.11, which has no names for their characters.
LATE_CHINESE: Final = (range(0x2EBF0, 0x2EE5E), range(0x31350, 0x3347A))
SCRIPT_MARKS: Final[Mapping[Message, frozenset[str]]] = {
    SCRIPTS["ARABIC LETTER"]: frozenset(map(chr, (*range(0x064B, 0x0656), 0x0670))),
    SCRIPTS["MONGOLIAN LETTER"]: frozenset("\u180b\u180c\u180d\u180e"),
}
"""Marks that stand behind a letter of a script and make no other name: vowels, doubling, the shape of the letter."""
# Unicode TR39 calls this "highly restrictive", here for each word: Chinese may stand beside Latin, any other script
# stands alone. A department or a second form of the name is a word of its own, in any script. Scripts whose letters
# pass for Latin or Chinese ones (Cyrillic, Greek, kana) are left out: people have a name in Chinese or Latin on their
# papers as well, and no table of look-alikes has to be complete.
MIXED: Final = frozenset((CHINESE, SCRIPTS["LATIN"]))
LATIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzßæœøłđðþ")
"""Latin letters of names, without accents; phonetic letters are left out, because they look like these."""
SIGNS: Final = " ·•・‧∙⋅.-‐'’()_@"
"""Signs that may stand in a name."""
PARTS: Final = re.compile(r"[\s()]+")
"""What separates the words of a name."""
LISTS: Final = "、,;/\\|&+"
"""Signs that separate several names."""
TWO_NAMES: Final = re.compile(
    r"[\u4e00-\u9fff]{2,3}([\u548c\u4e0e\u53ca])[\u4e00-\u9fff]{1,2}[^\W\d\u90e8\u79d1\u961f\u5904\u5ba4\u7ec4\u533a\u73ed\u77ff\u7ad9\u6240\u5c40]"
)
"""Two Chinese names with "and" between them; a department, which may have it in its name, ends otherwise."""
LOOK_ALIKES: Final = str.maketrans({"1": "l", "i": "l", "0": "o", "\u3007": "o", "m": "rn"})
"""Characters that pass for others of the same scripts (TR39, confusables); case is folded before."""


def _check_person(text: str) -> str:
    """Return the name of one person; raise ValueError for anything that a reader could take for another name."""
    # NFKC turns full width, ligatures and radicals into plain letters, and puts letter and accent together.
    words = [_scripts(word) for word in PARTS.split(unicodedata.normalize("NFKC", check_name(text)))]
    if not any(words):
        raise ValueError(Message("expected a name, with letters"))
    for scripts in words:
        if len(scripts) > 1 and not scripts <= MIXED:
            raise ValueError(
                Message(
                    "letters of two scripts in one word look alike ({scripts}); expected one script in each word",
                    scripts=tuple(sorted(scripts)),
                )
            )
    return text


def _scripts(word: str) -> set[Message]:
    """Return the scripts of the letters of a word; raise ValueError for a sign that no name has."""
    if two := TWO_NAMES.fullmatch(word):
        raise ValueError(
            Message("expected one name; {sign} separates several: name the others in the note", sign=two[1])
        )
    scripts: set[Message] = set()
    before: Message | None = None
    for sign in word:
        if sign in LISTS:
            raise ValueError(
                Message("expected one name; {sign} separates several: name the others in the note", sign=sign)
            )
        if sign in SIGNS or sign in "0123456789":
            before = None
        elif before is None or sign not in SCRIPT_MARKS.get(before, ()):
            before = _script(sign)
            scripts.add(before)
    return scripts


def _script(sign: str) -> Message:
    name = unicodedata.name(sign, "")
    for beginning, script in SCRIPTS.items():
        if name.startswith(beginning) and (
            beginning != "LATIN" or unicodedata.normalize("NFKD", sign.lower())[0] in LATIN
        ):
            return script
    if _is_late_chinese(sign):
        return CHINESE
    raise ValueError(
        Message(
            "expected Chinese, Latin, Korean, Arabic, Mongolian, Tibetan or Yi letters, digits and {signs}; "
            "found {sign} ({name})",
            signs=" ".join(SIGNS.split()),
            sign=sign if sign.isprintable() else ascii(sign)[1:-1],
            name=name or f"U+{ord(sign):04X}",
        )
    )


def _is_late_chinese(sign: str) -> bool:
    return any(ord(sign) in extension for extension in LATE_CHINESE)


PersonName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME),
    AfterValidator(_check_person),
]
"""The name of one person, or of a department."""


def same_person(name: str, other: str) -> bool:
    """Tell whether a reader takes two names for the same.

    Width, case, blanks, signs, tones of pinyin, Arabic and Mongolian marks and look-alikes do not make another person,
    and neither does a department before or behind the name: "通风科 张三" and "张三（通风科）" are "张三". Tibetan
    vowels and the dots of ü do: "Lü" is not "Lu".
    """
    first, second = _bare(name), _bare(other)
    return first == second or first in _parts(other) or second in _parts(name)


def _parts(name: str) -> Iterator[str]:
    """Yield the words of a name that are not Latin, if it has several."""
    parts = [part for part in PARTS.split(unicodedata.normalize("NFKC", name)) if part]
    if len(parts) > 1:
        # "张 三" is one name with a blank in it, and its parts are no names.
        yield from (_bare(part) for part in parts if len(part) > 1 and not part.isascii())


# NFKD splits composed letters and turns compatibility forms (full width, ligatures) into plain ones.
FILLERS: Final = frozenset("\u115f\u1160")
"""Invisible letters. NFKD turns the half-width forms into these."""
# Tones of pinyin are left out as often as they are written, and a breve passes for one.
LETTER_MARKS: Final = frozenset(
    map(unicodedata.lookup, ("COMBINING DIAERESIS", "COMBINING TILDE", "COMBINING RING ABOVE", "COMBINING CEDILLA"))
)
"""Marks that make another letter of a Latin one, as in Lü and Lu."""


def _bare(name: str) -> str:
    # Case folding can bring back composed letters, so the result is decomposed again.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(sign for sign in folded if _is_seen(sign)).translate(LOOK_ALIKES)


def _is_seen(sign: str) -> bool:
    """Tell whether a sign distinguishes names for a reader: letters and digits, except fillers and modifiers."""
    kind = unicodedata.category(sign)
    if kind[0] == "M":
        # Tibetan writes vowels and the lower letters of a stack as marks.
        return sign in LETTER_MARKS or unicodedata.name(sign).startswith("TIBETAN")
    return (kind[0] in "LN" and kind != "Lm" and sign not in FILLERS) or _is_late_chinese(sign)
