"""A start never takes a damaged state beside the journal, and has the right ledger all the same."""

from pathlib import Path

from bench.attacks.state import attacked, folder_in


def test_every_damage_is_noticed_and_none_is_wrong(tmp_path: Path) -> None:
    assert attacked(folder_in(tmp_path), 8) == (8, 0)
