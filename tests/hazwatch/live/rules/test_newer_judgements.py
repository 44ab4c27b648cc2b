"""Rules of an older version are watched on though an edit with them would be refused; edits are refused."""

import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from hazwatch.cli.main import main
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.rule_sets import rules_in_force
from hazwatch.live.site_in_force import HEADING, SEAL, CopyError, is_in_force, keep_copy, read_copy, state_of_copy
from hazwatch.site.config import ConfigError, load, load_judged

CASE = Path(__file__).parents[3] / "cases" / "older-version"
JUDGED = ["point sum.expression", "limit T1.alarm.high"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(CASE / "site.toml", tmp_path / "site.toml"))


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(Path(shutil.copytree(CASE / "data", tmp_path / "data")))


def judged(path: Path) -> list[str]:
    return [mistake.path.replace('"', "") for mistake in load_judged(path).judgements]


def test_the_judgements_are_mistakes_to_whoever_does_not_ask_for_them(file: Path) -> None:
    assert judged(file) == JUDGED
    with pytest.raises(ConfigError) as error:
        load(file)
    assert [mistake.path.replace('"', "") for mistake in error.value.mistakes] == JUDGED
    file.write_text(file.read_text(encoding="utf-8").replace("resolution", "resolutoin"), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_judged(file)
    assert len(error.value.mistakes) == 3


def test_the_sound_copy_of_an_older_version_is_taken_with_its_judgements(data: DataFolder) -> None:
    copy = read_copy(data, *rules_in_force(data))
    assert len(copy.judgements) == 2
    assert len(read_copy(data, None, None).judgements) == 2, "without a journal, too"


def test_a_changed_copy_of_an_older_version_is_refused(data: DataFolder) -> None:
    text = data.site_copy.read_text(encoding="utf-8")
    for old, new, said in (("1.2", "1.3", "was changed"), ("总工程师", "张工", "is damaged, or somebody changed it")):
        data.site_copy.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(CopyError, match=said):
            read_copy(data, *rules_in_force(data))


def test_a_sound_copy_that_cannot_be_taken_is_not_called_damaged(file: Path, data: DataFolder) -> None:
    text = HEADING + file.read_bytes().replace(b"resolution", b"settled_by_a_later_version")
    digest = sha256(len(text).to_bytes(8, "big") + text).hexdigest()
    data.site_copy.write_bytes(text + SEAL + digest.encode() + b"\n")
    assert state_of_copy(data) == "sound"
    with pytest.raises(CopyError, match="is as it was written, and this Hazwatch refuses it"):
        read_copy(data, *rules_in_force(data))


def test_a_start_keeps_a_copy_of_it(file: Path, data: DataFolder) -> None:
    data.site_copy.unlink()
    keep_copy(load_judged(file), data)
    assert len(read_copy(data, *rules_in_force(data)).judgements) == 2


def test_only_the_file_that_is_in_force_is_not_judged_anew(file: Path, data: DataFolder, tmp_path: Path) -> None:
    assert is_in_force(load_judged(file), data)
    assert not is_in_force(load_judged(file), DataFolder(tmp_path / "new"))
    text = file.read_text(encoding="utf-8")
    for old, new in (("1.2", "1.3"), ("1.2", "1.1"), ("总工程师", "张工"), ("T1 + C1", "C1 + T1")):
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        assert not is_in_force(load_judged(file), data), new


@pytest.mark.parametrize(("old", "new"), [("1.2", "1.3"), ("总工程师", "张工"), ("T1 + C1", "C1 + T1")])
def test_an_edit_of_it_is_neither_started_nor_approved(
    file: Path, data: DataFolder, capsys: pytest.CaptureFixture[str], old: str, new: str
) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    people = ("--author", "张工", "--approver", "李总", "--reason", "x")
    for command in (("run", "--no-page"), ("run", "--no-page", *people), ("approve", *people)):
        assert main([command[0], str(file), "--data", str(data.path), *command[1:]]) == 1
        err = capsys.readouterr().err
        assert "2 mistakes" in err
        assert "no `basis` permits another" in err
    assert main(["check", str(file)]) == 1
