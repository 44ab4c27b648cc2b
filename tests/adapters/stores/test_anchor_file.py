"""Anchors are signed lines: an altered one proves nothing, and the key is for its owner alone."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.stores import Anchor, AnchorFileError, AnchorKey, AnchorLine, read_anchors
from plant.bounds import LARGEST_FILE

HEAD = Anchor(b"\1" * 32, 7, b"\2" * 32)


@pytest.fixture
def key(tmp_path: Path) -> AnchorKey:
    return AnchorKey(tmp_path / "anchors.key")


def test_lines_come_back_as_they_were_signed(tmp_path: Path, key: AnchorKey) -> None:
    path = tmp_path / "anchors.jsonl"
    key.append(path, "示范煤矿", 5, HEAD)
    key.append(path, "示范煤矿", 6, HEAD)
    assert list(read_anchors(path)) == [
        AnchorLine(line, "示范煤矿", time, HEAD, key.public) for line, time in ((1, 5), (2, 6))
    ]


@pytest.mark.parametrize("field", ["site", "time", "journal", "number", "hash", "key", "signature"])
def test_a_line_that_was_altered_proves_nothing(tmp_path: Path, key: AnchorKey, field: str) -> None:
    path = tmp_path / "anchors.jsonl"
    key.append(path, "1", 5, HEAD)
    fields = json.loads(path.read_bytes())
    was = fields[field]
    fields[field] = was + 1 if isinstance(was, int) else was[:-1] + ("8" if was.endswith("9") else "9")
    path.write_text(json.dumps(fields) + "\n", encoding="utf-8")
    assert list(read_anchors(path)) == [1]


@pytest.mark.parametrize("line", [b"", b"junk", b"[]", b"{}", b"null", b'{"signature":1}', b"\xff" * 100, b"[" * 5000])
def test_what_is_no_line_of_an_anchor_is_named_by_its_number(tmp_path: Path, key: AnchorKey, line: bytes) -> None:
    path = tmp_path / "anchors.jsonl"
    path.write_bytes(line + b"\n")
    key.append(path, "1", 5, HEAD)
    first, second = read_anchors(path)
    assert first == 1
    assert isinstance(second, AnchorLine)


def test_the_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "anchors.key"
    public = AnchorKey(path).public
    assert AnchorKey(path).public == public
    assert path.stat().st_mode & 0o077 == 0


KILLED = """
import sys
from pathlib import Path
from resource import RLIMIT_CORE, RLIMIT_FSIZE, setrlimit
from signal import SIG_DFL, SIGXFSZ, signal

from adapters.stores import AnchorKey

signal(SIGXFSZ, SIG_DFL)
setrlimit(RLIMIT_CORE, (0, 0))
setrlimit(RLIMIT_FSIZE, (0, 0))
AnchorKey(Path(sys.argv[1]))
"""
"""A process that the kernel kills at the first byte of the key."""


def test_a_file_system_without_links_has_a_key_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    made = AnchorKey(tmp_path / "anchors.key")
    assert AnchorKey(tmp_path / "anchors.key").public == made.public
    assert (tmp_path / "anchors.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["anchors.key"]


@pytest.mark.live
def test_a_kill_while_the_key_is_made_leaves_no_half_key(tmp_path: Path) -> None:
    path = tmp_path / "anchors.key"
    killed = subprocess.run([sys.executable, "-c", KILLED, path], check=False)
    assert killed.returncode < 0
    assert not path.exists()
    public = AnchorKey(path).public
    assert AnchorKey(path).public == public


@pytest.mark.parametrize("content", [b"", b"junk", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_refused_by_its_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "anchors.key").write_bytes(content)
    with pytest.raises(AnchorFileError, match=r"anchors\.key: expected a private key"):
        AnchorKey(tmp_path / "anchors.key")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, key: AnchorKey) -> None:
    with pytest.raises(AnchorFileError, match="nowhere"):
        key.append(tmp_path / "nowhere" / "anchors.jsonl", "1", 5, HEAD)


def test_a_pipe_or_a_device_in_the_place_of_the_file_is_refused_without_waiting(tmp_path: Path, key: AnchorKey) -> None:
    pipe = tmp_path / "anchors.jsonl"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(AnchorFileError, match="found a pipe"):
            list(read_anchors(path))
    with pytest.raises(AnchorFileError, match="anchors"):
        key.append(pipe, "1", 5, HEAD)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(AnchorFileError, match="found a pipe"):
        key.append(pipe, "1", 5, HEAD)
    os.close(reader)


def test_a_pipe_in_the_place_of_the_key_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.key")
    with pytest.raises(AnchorFileError, match=r"pipe\.key"):
        AnchorKey(tmp_path / "pipe.key")


def test_a_file_of_anchors_beyond_the_bound_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(AnchorFileError, match=f"at most {LARGEST_FILE} bytes"):
        list(read_anchors(path))
