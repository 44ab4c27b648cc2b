"""The reader of a folder takes every file once, when it is whole, and goes on after a restart."""

import os
from pathlib import Path

import pytest

from adapters.sources.kept_file import KeptFile
from adapters.sources.mtt1201 import reader as reading
from adapters.sources.mtt1201.decode import RecordRow
from adapters.sources.mtt1201.order import DeliveryOrder
from adapters.sources.mtt1201.reader import FolderLook, FolderReader
from adapters.sources.mtt1201.taken import Taken, read_taken
from plant import SampleBatch
from plant.units import DAY, MINUTE, SECOND
from tests.adapters.mtt1201.folders import HEADER, NOW, put, reader_of, record, remarks_of

T1 = "type=CDSS;code=MN1"


def row(time: int, value: float) -> RecordRow:
    return RecordRow(0, time, value, 0, 0)


def values(look: FolderLook) -> list[float]:
    return [float(value) for value in look.samples.value]


def test_a_file_that_grows_is_read_when_it_is_whole(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, [T1])
    put(tmp_path, "080000", HEADER + record(0.5) + record(0.6, "08:00:01")[:-9])
    assert values(reader.look(NOW, 0.0)) == []
    put(tmp_path, "080000", HEADER + record(0.5) + record(0.6, "08:00:01") + "||")
    assert values(reader.look(NOW, 1.0)) == [0.5, 0.6]
    assert values(reader.look(NOW, 2.0)) == []


def test_a_file_that_stays_unfinished_gives_its_whole_records_and_the_others_later(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, [T1])
    put(tmp_path, "080000", HEADER + record(0.5) + record(0.6, "08:00:01")[:-12])
    looks = [reader.look(NOW, elapsed) for elapsed in (0.0, 9.0, 11.0, 30.0)]
    assert [values(look) for look in looks] == [[], [], [0.5], []]
    assert ["not finished" in text for text in remarks_of(*looks)] == [True]
    put(tmp_path, "080000", HEADER + record(0.5) + record(0.6, "08:00:01") + "||")
    assert values(reader.look(NOW, 31.0)) == [0.6]


@pytest.mark.parametrize("year", ["0001", "1676", "2263", "9999"])
def test_a_time_that_no_clock_can_show_spoils_its_record_alone(tmp_path: Path, year: str) -> None:
    reader = reader_of(tmp_path, [T1])
    put(tmp_path, "080000", HEADER + record(0.5).replace("2026-05-01", f"{year}-12-31") + record(0.6) + "||")
    look = reader.look(NOW, 0.0)
    assert values(look) == [0.6]
    assert [f"{year}-12-31" in text for text in remarks_of(look)] == [True]


def test_a_file_that_is_touched_or_copied_is_not_taken_twice(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, [T1])
    file = put(tmp_path, "080000", HEADER + record(0.5) + "||")
    assert values(reader.look(NOW, 0.0)) == [0.5]
    os.utime(file, (1, 1))
    put(tmp_path, "080005", HEADER + record(0.5) + "||")
    assert values(reader.look(NOW, 1.0)) == []


def test_a_file_with_another_content_under_its_old_name_is_read(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, [T1])
    file = put(tmp_path, "080000", HEADER + record(0.5) + "||")
    reader.look(NOW, 0.0)
    put(tmp_path, "080000", HEADER + record(0.7, "08:00:20") + "||")
    os.utime(file, (2, 2))
    assert values(reader.look(NOW, 1.0)) == [0.7]


async def test_a_restart_reads_what_was_not_stored_and_nothing_twice(tmp_path: Path) -> None:
    folder, memory = tmp_path / "files", KeptFile("kj", "mtt1201", tmp_path / "memory")
    folder.mkdir()
    first = reader_of(folder, [T1])
    put(folder, "080000", HEADER + record(0.5, "08:00:00") + "||")
    put(folder, "080010", HEADER + record(0.6, "08:00:10") + "||")
    assert values(first.look(NOW, 0.0)) == [0.5, 0.6]
    await memory.keep(first.taken)
    put(folder, "075900", HEADER + record(0.4, "07:59:00") + "||")
    second = reader_of(folder, [T1], taken=read_taken(memory))
    # The second file was read, but a crash lost its sample before it was stored.
    second.resume(SampleBatch.of([0], [NOW - 30 * SECOND], [0.5]))
    assert values(second.look(NOW, 0.0)) == [0.4, 0.6]


def test_damaged_notes_about_files_are_as_none(tmp_path: Path) -> None:
    (tmp_path / "kj.mtt1201").write_bytes(b"rubbish")
    assert read_taken(KeptFile("kj", "mtt1201", tmp_path)) == {}
    assert read_taken(KeptFile("missing", "mtt1201", tmp_path)) == {}


def test_the_newest_files_of_a_full_folder_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_NEW", 2)
    for second in range(5):
        put(tmp_path, f"08000{second}", HEADER + record(second, f"08:00:0{second}") + "||")
    reader = reader_of(tmp_path, [T1])
    looks = [reader.look(NOW, 0.0) for _ in range(4)]
    assert [values(look) for look in looks] == [[3.0, 4.0], [1.0, 2.0], [0.0], []]
    assert [look.is_more for look in looks] == [True, True, False, False]


def test_files_in_folders_of_systems_and_days_are_read_and_none_is_changed(tmp_path: Path) -> None:
    day = tmp_path / "aqjk" / "20260501"
    day.mkdir(parents=True)
    file = put(day, "080000", HEADER + record(0.5) + "||")
    before = file.stat()
    assert values(reader_of(tmp_path, [T1]).look(NOW, 0.0)) == [0.5]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]
    assert file.stat().st_mtime_ns == before.st_mtime_ns


def test_a_definition_names_the_points_that_it_lacks(tmp_path: Path) -> None:
    header = "140522001;示范煤矿;KJ001;KJ;厂家;2027-01-01;2026-05-01 08:00:00~"
    put(tmp_path, "080000", header + ";".join(["MN1", *[""] * 23]) + "~||", "CDDY")
    look = reader_of(tmp_path, [T1, "type=CDSS;code=MN2"]).look(NOW, 0.0)
    assert look.undefined == {"CDSS": ["MN2"]}
    assert remarks_of(look) == []


def test_a_pipe_is_named_and_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "140522001_CDSS_20260501080000.txt")
    put(tmp_path, "080001", HEADER + record(0.5) + "||")
    reader = reader_of(tmp_path, [T1])
    looks = [reader.look(NOW, 20.0 * number) for number in range(3)]
    assert [values(look) for look in looks] == [[0.5], [], []]
    assert len(remarks_of(*looks)) == 1


def test_files_that_leave_the_folder_are_forgotten(tmp_path: Path) -> None:
    reader: FolderReader = reader_of(tmp_path, [T1], taken={"gone.txt": Taken(1, 1, "", 1)})
    reader.look(NOW, 0.0)
    assert reader.taken == {}


def test_a_time_of_the_future_hides_no_later_samples(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, [T1])
    put(tmp_path, "160000", HEADER + record(9.0, "16:00:00") + "||")
    reader.look(NOW, 0.0)
    put(tmp_path, "080020", HEADER + record(0.5, "08:00:20") + "||")
    assert not reader.look(NOW, 1.0).samples.backfilled.any()


def test_old_files_of_a_system_without_a_clock_are_not_taken_for_the_present() -> None:
    order = DeliveryOrder(5 * MINUTE, by_arrival=True)
    late = [row(NOW - DAY, 0.1), row(NOW - DAY + SECOND, 0.2), row(NOW - 2 * DAY, 0.3)]
    assert order.batch(late, NOW).backfilled.tolist() == [False, False, True]
    # Its clock was set back: after a while its records count again.
    assert order.batch([row(NOW - 3 * DAY, 0.4)], NOW + 6 * MINUTE).backfilled.tolist() == [False]


def test_a_folder_that_cannot_be_read_costs_the_others_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "080000", HEADER + record(0.5) + "||")
    (tmp_path / "ky").mkdir()
    scan = os.scandir

    def scandir(path: Path) -> object:
        if path.name == "ky":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    look = reader_of(tmp_path, [T1]).look(NOW, 0.0)
    assert values(look) == [0.5]
    assert [remark.file for remark in look.remarks] == ["ky"]
