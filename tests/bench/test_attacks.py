"""A bit that flips beside the day files is named: in snapshot, copy of the site file, list of days, write-ahead log."""

from pathlib import Path

import pytest

from bench.attacks.stores import ATTACKS, attacked, killed, make_folder


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_flipped_bit_is_silent_or_fatal(tmp_path: Path, attack: str) -> None:
    folder = make_folder(tmp_path / "data")
    times = 12
    named, wrong = attacked(folder, ATTACKS[attack], times)
    assert wrong == 0
    assert named == times or (attack.endswith("log") and named > times // 2)


def test_a_kill_leaves_most_entries_in_the_write_ahead_log(tmp_path: Path) -> None:
    sizes = {name: len(content) for name, content in killed(tmp_path / "history").items()}
    assert sizes["2024-10-04.hist-wal"] > 10 * sizes["2024-10-04.hist"]
