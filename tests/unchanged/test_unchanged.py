"""A change of the code that is meant to keep all results keeps them: events, journals, resumed engines and reports.

`python -m tests.unchanged.hashes` writes the hashes anew; that is right only where a result is meant to change.
"""

import json
from pathlib import Path

import pytest

from tests.logs.random_logs import RULES
from tests.unchanged.hashes import RESULTS, hash_of, known_hashes, result_of
from tests.unchanged.journals import JOURNALS, records_of
from tests.unchanged.streams import STREAMS, events_of, raised_kinds, resumed_events_of

pytestmark = pytest.mark.slow

KNOWN = known_hashes()
CHUNK = 20
CHUNKS = [
    (kind, names[first : first + CHUNK]) for kind, names in RESULTS.items() for first in range(0, len(names), CHUNK)
]
RECORD_KINDS = {"start", "rules", "event", "alarm", "ticket", "retrospective"}
CHANGES = {
    "acknowledge", "activate", "return", "open", "attach", "rectify", "submit", "accept", "refuse", "find",
    "review", "analyse",
}  # fmt: skip


def test_every_result_has_a_hash() -> None:
    assert {kind: list(hashes) for kind, hashes in KNOWN.items()} == {kind: [*names] for kind, names in RESULTS.items()}


@pytest.mark.parametrize(("kind", "names"), CHUNKS, ids=lambda part: part if isinstance(part, str) else part[0])
def test_the_results_have_their_hashes(kind: str, names: list[str]) -> None:
    computed = {name: hash_of(result_of(kind, name)) for name in names}
    assert computed == {name: KNOWN[kind][name] for name in names}


@pytest.mark.parametrize("first", range(0, len(STREAMS), CHUNK))
def test_engines_that_resume_a_snapshot_give_the_events_of_the_hash(first: int) -> None:
    names = STREAMS[first : first + CHUNK]
    computed = {name: hash_of(resumed_events_of(name)) for name in names}
    assert computed == {name: KNOWN["events"][name] for name in names}


def test_every_kind_of_rule_has_been_raised_in_the_random_logs() -> None:
    raised = set[str]()
    for name in STREAMS[:60]:
        raised |= raised_kinds(name, {json.loads(line)["condition"] for line in events_of(name)})
    assert raised == RULES


def test_every_kind_of_record_and_change_is_in_the_journals(tmp_path: Path) -> None:
    kinds, changes = set[str](), set[str]()
    for name in JOURNALS[:8]:
        folder = tmp_path / name
        folder.mkdir()
        for record in records_of(name, folder):
            _, _, kind, body = record.split("|", 3)
            kinds.add(kind)
            changes.add(json.loads(body).get("change", ""))
    assert kinds == RECORD_KINDS
    assert changes == CHANGES | {""}
