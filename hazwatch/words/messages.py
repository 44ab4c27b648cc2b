"""Writes messages in Chinese or in both languages.

The catalogue beside this file is a folder of TOML files. Each line has the English template of a message as its key,
and the Chinese template as its value.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from plant.message import Message, Text, fill

CHINESE_JOINTS: Final = ("；", "、")


def _catalogue() -> Mapping[str, str]:
    """Return the Chinese of every template; raise ValueError for a template that occurs twice."""
    chinese_of: dict[str, str] = {}
    for file in sorted(files("hazwatch.words").joinpath("catalogue").iterdir(), key=lambda file: file.name):
        for section, templates in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if twice := chinese_of.keys() & templates.keys():
                raise ValueError(f"{file.name} [{section}]: {min(twice)!r} is in the catalogue twice")
            chinese_of |= templates
    return MappingProxyType(chinese_of)


CATALOGUE: Final = _catalogue()
"""The Chinese of every message, by its English template."""


def chinese(message: Message | Text) -> str:
    """Return a message in Chinese."""
    if isinstance(message, Text):
        return message.zh
    # A test finds messages without Chinese. If it misses one, people are better served by English than by an error.
    template = CATALOGUE.get(message.template, message.template)
    return fill(template, message.arguments, chinese, CHINESE_JOINTS)


def text(message: Message | Text) -> Text:
    """Return a message in both languages."""
    return Text(chinese(message), str(message))


def both(message: Message | Text) -> str:
    """Return a message in Chinese and English on one line.

    A common beginning, such as the path of a file, appears once: "a.csv: 无法读取 / cannot be read".
    """
    return _side_by_side(chinese(message), str(message))


def _side_by_side(in_chinese: str, in_english: str) -> str:
    head, colon, rest = in_english.partition(": ")
    if colon and in_chinese.startswith((f"{head}：", f"{head}: ")):
        return f"{head}: {_side_by_side(in_chinese[len(head) + 1 :].lstrip(), rest)}"
    return in_english if in_chinese == in_english else f"{in_chinese} / {in_english}"
