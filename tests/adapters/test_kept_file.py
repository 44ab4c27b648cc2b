"""What a source keeps over restarts, and what becomes of it when disk or file are bad."""

import logging
from pathlib import Path

import pytest

from adapters.sources.kept_file import KeptFile


async def test_what_is_kept_is_read_again_for_the_same_head_alone(tmp_path: Path) -> None:
    await KeptFile("kj", "kind", tmp_path / "sources", {"site": "a"}).keep([1, 2])
    assert KeptFile("kj", "kind", tmp_path / "sources", {"site": "a"}).read() == [1, 2]
    assert KeptFile("kj", "kind", tmp_path / "sources", {"site": "b"}).read() is None
    assert [file.name for file in (tmp_path / "sources").iterdir()] == ["kj.kind"]


async def test_a_source_without_a_folder_keeps_nothing() -> None:
    memory = KeptFile("kj", "kind", None)
    await memory.keep([1])
    assert memory.read() is None


async def test_a_damaged_file_is_as_none_and_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await KeptFile("kj", "kind", tmp_path).keep([1])
    file = tmp_path / "kj.kind"
    for damaged in (b"", b"rubbish", file.read_bytes()[:-1], file.read_bytes().replace(b"[1]", b"[2]")):
        file.write_bytes(damaged)
        caplog.clear()
        assert KeptFile("kj", "kind", tmp_path).read() is None
        assert [record.getMessage().split(" source=")[0] for record in caplog.records] == [
            "what the source kept is not used"
        ]


async def test_a_folder_that_cannot_be_written_is_logged_once_and_written_when_it_can(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    (tmp_path / "sources").touch()  # a file in place of the folder
    memory = KeptFile("kj", "kind", tmp_path / "sources")
    for content in ([1], [1, 2], [1, 2]):
        await memory.keep(content)
    assert len(caplog.records) == 1
    (tmp_path / "sources").unlink()
    await memory.keep([1, 2])
    assert memory.read() == [1, 2]
