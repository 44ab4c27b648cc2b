"""Full-width signs where a file needs those of ASCII: a Chinese input method types them unseen."""

from collections.abc import Mapping
from typing import Final

from plant.message import Message

# Unicode has the signs of ASCII from "!" to "~" a second time, wide, in the same order.
FULL_WIDTH: Final[Mapping[str, str]] = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)} | {
    "\u3000": " ", "\u3002": ".", "\u3001": ",", "\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'",
    "\u3010": "[", "\u3011": "]", "\u2014": "-", "\u2212": "-", "\u00d7": "x", "\u2026": "..",
}  # fmt: skip
"""The sign to write instead, by the full-width sign."""


def full_width(text: str) -> tuple[Message, ...]:
    """Return the advice about each full-width sign of a text, each sign once; nothing if it has none."""
    return tuple(_advice(sign) for sign in dict.fromkeys(text) if sign in FULL_WIDTH)


def _advice(sign: str) -> Message:
    # A quotation mark between quotation marks cannot be read.
    if FULL_WIDTH[sign] == '"':
        return Message(
            "found the full-width quotation mark {sign}; write the straight one: {ascii}", sign=sign, ascii='"'
        )
    return Message('found the full-width "{sign}"; write "{ascii}"', sign=sign, ascii=FULL_WIDTH[sign])


def mended(text: str) -> str:
    """Return a text with the signs of ASCII in place of full-width ones."""
    return "".join(FULL_WIDTH.get(sign, sign) for sign in text)


def with_advice(problem: Message, text: str) -> Message:
    """Return the problem of a text, with the advice about the full-width signs that may be its cause."""
    advice = full_width(text)
    return Message("{problems}", problems=(problem, *advice)) if advice else problem
