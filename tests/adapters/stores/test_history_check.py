"""Damage is known soon after a start, before anybody reads the period, and forgotten when it is gone."""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from adapters.stores import Damage, DamageLog, HistoryCheck, HistoryReader
from adapters.stores.historian.folder import set_aside
from bench.attacks.history import BEGIN, entries, keep, points
from plant import Message
from plant.units import DAY


@pytest.fixture
def day_file(tmp_path: Path) -> Path:
    return keep(tmp_path, entries())


def damage_page(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE page SET samples = zeroblob(50) WHERE page = (SELECT min(page) FROM page)")
        database.commit()


def looked(folder: Path) -> tuple[HistoryCheck, DamageLog]:
    damages = DamageLog()
    check = HistoryCheck(folder, damages)
    check.look(Event())
    return check, damages


def test_a_sound_history_has_nothing_to_say(day_file: Path) -> None:
    assert list(looked(day_file.parent)[1]) == []


def test_a_damaged_page_is_named_before_it_is_read_and_as_a_reader_names_it(day_file: Path) -> None:
    damage_page(day_file)
    damages = looked(day_file.parent)[1]
    met: list[Damage] = []
    list(HistoryReader(day_file.parent, points()).stretches(damages=met))
    assert [str(damage.what) for damage in damages] == ["page 1 of segment 1 is damaged"]
    assert list(damages) == met


def test_a_file_that_is_put_back_has_no_damage_any_more(day_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = day_file.read_bytes()
    damage_page(day_file)
    check, damages = looked(day_file.parent)
    assert len(damages) == 1
    check.look(Event())
    assert len(damages) == 1
    day_file.write_bytes(content)
    check.look(Event())
    assert len(damages) == 0
    assert "damage of history is gone" in caplog.text


def test_a_file_that_was_set_aside_is_named_in_its_new_place_until_it_is_taken_away(day_file: Path) -> None:
    damage_page(day_file)
    check, damages = looked(day_file.parent)
    aside = set_aside(day_file)
    keep(day_file.parent, entries(2)[-1:])
    check.look(Event())
    assert {damage.path for damage in damages} == {aside}
    aside.unlink()
    check.look(Event())
    assert len(damages) == 0


def test_a_lost_day_is_named_until_it_is_back(day_file: Path) -> None:
    content = day_file.read_bytes()
    day_file.unlink()
    check, damages = looked(day_file.parent)
    assert [str(damage.what) for damage in damages] == ["the file is missing"]
    day_file.write_bytes(content)
    check.look(Event())
    assert len(damages) == 0


def test_a_damage_that_another_process_met_stays_until_the_file_changes(day_file: Path) -> None:
    check, damages = looked(day_file.parent)
    damages(Damage("2024-10-04", BEGIN, BEGIN + DAY, (), Message("segment {segment} is damaged", segment=1), day_file))
    check.look(Event())
    assert len(damages) == 1
    day_file.write_bytes(day_file.read_bytes())
    check.look(Event())
    assert len(damages) == 0


def test_a_stop_ends_the_look(day_file: Path) -> None:
    damage_page(day_file)
    stop, damages = Event(), DamageLog()
    stop.set()
    HistoryCheck(day_file.parent, damages).look(stop)
    assert len(damages) == 0


def test_a_folder_that_is_not_there_yet_is_sound(tmp_path: Path) -> None:
    assert len(looked(tmp_path / "none")[1]) == 0
