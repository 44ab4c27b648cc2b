"""Mutates texts, files and tables as a fuzzer does: a number gives the same mutation each time."""

import io
import random
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as arrow
from pyarrow import parquet

NASTY: Final[Sequence[str]] = (
    "\0", "\u200b", "\u202e", "\ufeff", "\ud800", "１", "，", "“", "𝟙", "٣",
    "9" * 400, "9" * 5000, "-" + "9" * 400, "1e400", "-1e308", "1e-320", "nan", "inf", "-inf", "0x" + "f" * 9000, "1_0",
    "[" * 3000, "(" * 3000, "{" * 3000, "a." * 3000 + "a", '"a".' * 300, "-" * 3000, "not " * 500, ",".join("x" * 2000),
    "\n" * 3000, "\r", "\t", '"', "'", '"""', "\\", "\\ud800", "#", ";", "=", "..", "//", "%s", "{0}", "{name}",
    "x" * 200_000, "36500d", "36501d", "0s", "1e9s", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "24:00:00",
    "2026-02-30T00:00:00Z", "x1000000", "x999999999", "0..1x999999", "T1", "never", "true", "[]", "{}",
    "[[point]]\n", "[limit]\n", "\n[case]\n",
    "/dev/zero", "../../etc/passwd", "unit=256", "ns=99999999999999999999;i=1", "g=" + "-" * 36, "b====",
    "opc.tcp://[::1]:0", "127.0.0.1:99999", "http://[", "ftp://x",
)  # fmt: skip
"""Texts that have broken programs before."""


def mutated(seed: str, chance: random.Random) -> bytes:
    """Return a seed after a few mutations."""
    text = seed
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        text = _mutation(text, chance)
    content = text.encode("utf-8", "surrogatepass" if chance.random() < 0.5 else "replace")
    if content and chance.random() < 0.15:
        place = chance.randrange(len(content))
        content = content[:place] + chance.randbytes(chance.choice((1, 4))) + content[place + 1 :]
    return content


def _mutation(text: str, chance: random.Random) -> str:
    begin, end = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
    match chance.randrange(7):
        case 0:
            return text[:begin] + chance.choice(NASTY) + text[begin:]
        case 1:
            return text[:begin] + chance.choice(NASTY) + text[min(end, begin + 20) :]
        case 2:
            return text[:begin] + text[min(end, begin + 200) :]
        case 3:
            return text[:end] + text[begin:end] * chance.choice((1, 2, 50)) + text[end:]
        case 4:
            lines = text.split("\n")
            chance.shuffle(lines)
            return "\n".join(lines)
        case 5:
            # A value gives way to another one.
            words = text.split('"')
            words[chance.randrange(len(words))] = chance.choice(NASTY)
            return '"'.join(words)
        case _:
            return text[:begin] + chr(chance.randrange(0x110000)) + text[begin + 1 :]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return a file after a few changes of its bytes."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(4):
            case 0 if place < len(changed):
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                changed[place : place + chance.choice((1, 4, 100))] = chance.randbytes(chance.choice((1, 4, 100)))
            case 2:
                del changed[place : place + chance.choice((1, 16, 500))]
            case _:
                changed[place:place] = changed[: chance.randrange(len(changed) + 1)]
    return bytes(changed)


COLUMNS: Final = ("time", "point", "value", "quality", "state", "arrival", "backfilled")
TIMES: Final = (0, 1, -1, 2**62, 1_772_402_400_000_000_000)


def table_of(chance: random.Random) -> bytes:
    """Return a table in Parquet: columns of a trace and others, each of a type that it has, or of another."""
    rows = chance.choice((0, 1, 3, 100))
    names = [
        name
        for name in ("time", "point", "value", "quality", "state", "arrival", "backfilled")
        if chance.random() < 0.9
    ]
    names += [chance.choice((*NASTY, "T1", "T2", "time")) for _ in range(chance.choice((0, 0, 0, 1, 2)))]
    columns = [_column(name, rows, chance) for name in names]
    content = io.BytesIO()
    names = [name.encode("utf-8", "replace").decode() for name in names]
    packing = chance.choice(("none", "snappy", "gzip", "zstd"))
    parquet.write_table(arrow.Table.from_arrays(columns, names=names), content, compression=packing)
    return content.getvalue()


def _column(name: str, rows: int, chance: random.Random) -> Any:
    right = {"point": "text", "quality": "text", "value": "float"}.get(name, "instant")
    kind = right if chance.random() < 0.85 else chance.choice(tuple(VALUES))
    values: Sequence[Any] = VALUES[kind][1]
    picked = [None if chance.random() < 0.02 else chance.choice(values) for _ in range(rows)]
    return arrow.array(picked, type=VALUES[kind][0])


VALUES: Final[dict[str, tuple[Any, Sequence[Any]]]] = {
    "instant": (arrow.timestamp("us", "Asia/Shanghai"), (0, 1_772_402_400_000_000, 2**55, -(2**62))),
    "no zone": (arrow.timestamp("ms"), (0, 1_772_402_400_000)),
    "whole": (arrow.int64(), TIMES),
    "float": (arrow.float64(), (0.5, -0.0, 1e308, float("nan"), float("inf"))),
    "text": (arrow.string(), ("T1", "T2", "GOOD", "", "1.0", "a\nb", '"', "x" * 3000, "9" * 400)),
    "bytes": (arrow.binary(), (b"T1", b"\xff\x00", b"")),
    "truth": (arrow.bool_(), (True, False)),
    "list": (arrow.list_(arrow.float64()), ([], [1.0] * 9)),
    "record": (arrow.struct([("a", arrow.int32())]), ({"a": 1},)),
    "decimal": (arrow.decimal128(38, 0), (1, 10**37)),
    "day": (arrow.date32(), (0, 20_000)),
    "duration": (arrow.duration("ns"), (0, 5)),
    "nothing": (arrow.null(), (None,)),
}
"""Types of columns, and values of them."""
