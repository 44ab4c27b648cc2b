"""Hashes of results that must not change; `python -m tests.unchanged.hashes` writes them to hashes.json."""

import json
import logging
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.unchanged.journals import JOURNALS, records_of
from tests.unchanged.reports import REPORTS, backtest_of, suggestions_of
from tests.unchanged.streams import STREAMS, events_of

FILE: Final = Path(__file__).with_name("hashes.json")
RESULTS: Final[Mapping[str, Sequence[str]]] = {
    "events": STREAMS,
    "journals": JOURNALS,
    "backtests": REPORTS,
    "suggestions": REPORTS,
}
"""By kind of result the names of the sites, each a kind of random site and a seed."""


def known_hashes() -> dict[str, dict[str, str]]:
    """Return the hashes of the file, by kind of result and name of the site."""
    hashes: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return hashes


def result_of(kind: str, name: str) -> list[str]:
    """Compute a result of a site as lines of text."""
    if kind == "events":
        return events_of(name)
    compute = {"journals": records_of, "backtests": backtest_of, "suggestions": suggestions_of}[kind]
    with TemporaryDirectory() as folder:
        return compute(name, Path(folder))


def hash_of(lines: Sequence[str]) -> str:
    """Return the SHA-256 of lines of text, in hexadecimal digits."""
    return sha256("\n".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    logging.disable()
    computed = {kind: {name: hash_of(result_of(kind, name)) for name in names} for kind, names in RESULTS.items()}
    FILE.write_text(json.dumps(computed, indent=1) + "\n", encoding="utf-8")
