"""Plays random cases through `hazwatch replay` and the second ledger, and says what differs in their records."""

import csv
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hazwatch.cli.main import main
from plant import Quality
from tests.logs.reference_log import Sample, Tick
from tests.reference.ledger.play import as_given, played
from tests.reference.ledger.random_commands import Command, Persons, random_trace
from tests.reference.ledger.random_sites import random_site, toml_of


@dataclass(frozen=True)
class LedgerCase:
    """A site, a trace and what persons did."""

    site: dict[str, Any]
    rows: list[Sample | Tick]
    commands: list[Command]


def random_ledger_case(seed: int) -> LedgerCase:
    """Return the case of a seed."""
    chance = random.Random(seed)
    site = random_site(chance)
    rows = random_trace(chance, site)
    persons = Persons(chance, max(row.time for row in rows))
    played(site, rows, persons)
    return LedgerCase(site, rows, persons.made)


def write_case(case: LedgerCase, folder: Path) -> list[str]:
    """Write the files of a case; return the arguments of `hazwatch`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.toml").write_text(toml_of(case.site), encoding="utf-8")
    with (folder / "trace.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("time", "point", "value", "quality", "state"))
        rows.writerows(
            (row.time, row.point, row.value, Quality(row.quality).name, row.state)
            if isinstance(row, Sample)
            else (row.time, "", "", "", "")
            for row in case.rows
        )
    lines = [json.dumps(command, ensure_ascii=False) + "\n" for command in case.commands]
    (folder / "commands.jsonl").write_text("".join(lines), encoding="utf-8")
    names = ("site.toml", "trace.csv", "events.jsonl", "records.jsonl", "commands.jsonl")
    flags = ("--site", "--trace", "--events", "--records", "--commands")
    return ["replay", *(word for flag, name in zip(flags, names, strict=True) for word in (flag, str(folder / name)))]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def differences_of(case: LedgerCase, folder: Path) -> list[str]:
    """Play a case through both; return the first differences, empty where nothing differs."""
    if (code := main(write_case(case, folder))) != 0:
        return [f"hazwatch replay ended with {code}"]
    ledger = played(case.site, case.rows, as_given(case.commands), read_lines(folder / "events.jsonl"))
    return differing(ledger.records, read_lines(folder / "records.jsonl"))


def differing(expected: Sequence[Mapping[str, Any]], written: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what differs between two lists of records, up to the first record that does."""
    keys = _Keys()
    for left, right in zip(expected, written, strict=False):
        if list(left) != list(right) or any(left[name] != right[name] for name in ("number", "time", "kind")):
            return [f"expected {left}", f"found {right}"]
        own, other = left["body"], right["body"]
        if list(own) != list(other) or any(not keys.alike(name, own[name], other[name]) for name in own):
            return [f"expected {left}", f"found {right}"]
    if len(expected) != len(written):
        longer = max(expected, written, key=len)
        return [
            f"expected {len(expected)} records, found {len(written)}",
            f"first: {longer[len(min(expected, written, key=len))]}",
        ]
    return []


class _Keys:
    """Compares fields of records; keys of notices may be other texts, but one stands for one."""

    def __init__(self) -> None:
        self.there: dict[str, str] = {}
        self.back: dict[str, str] = {}

    def alike(self, name: str, own: Any, other: Any) -> bool:
        if name == "key" and own is not None and other is not None and len(own) == len(other) == 16:
            return bool(self.there.setdefault(own, other) == other) and self.back.setdefault(other, own) == own
        if name == "command":
            own_fields = {field: value for field, value in own.items() if value not in (None, "", False)}
            other_fields = {field: value for field, value in other.items() if value not in (None, "", False)}
            return own_fields == other_fields
        return bool(own == other)
