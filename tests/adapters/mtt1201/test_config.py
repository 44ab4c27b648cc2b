"""The [[source]] table of a folder, its addresses and the tables of provinces are checked with what was expected."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

import adapters.sources.mtt1201
from adapters.sources.mtt1201 import MttSource
from adapters.sources.mtt1201.dialect import DialectError, load_dialect
from adapters.sources.mtt1201.source import places_of
from plant import Point
from plant.address import RecordAddress
from tests.adapters.mtt1201.folders import spec_of

SAMPLE = Path(adapters.sources.mtt1201.__file__).with_name("sample.toml")


def test_the_sample_is_a_source_and_its_points() -> None:
    table = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    assert MttSource.model_validate(table["source"][0]).mine == "140522001"
    points = [Point.model_validate(point) for point in table["point"]]
    addresses = [(column, RecordAddress.parse(point.address or "")) for column, point in enumerate(points)]
    assert places_of(addresses, load_dialect("national"))[1] == ()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", "expected key=value parts"),
        ("type=CDSS", "expected code="),
        ("code=MN1", "expected type="),
        ("type=CDSS;code=", "expected code="),
        ("type=CDSS;code=1;code=2", "expected key=value parts"),
        ("type=CDSS;code=1;scale=2", "unknown key 'scale'"),
    ],
)
def test_any_other_address_is_refused(address: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        RecordAddress.parse(address)


@pytest.mark.parametrize("dialect", ["henan", "tables/own.toml", "/nonexistent/own.toml"])
def test_a_table_that_cannot_be_read_is_a_mistake_of_the_site(dialect: str) -> None:
    with pytest.raises(ValidationError, match=r"expected one of|cannot be read"):
        spec_of(Path("/srv"), dialect)


def test_a_relative_folder_is_refused() -> None:
    with pytest.raises(ValidationError, match="whole path of a folder"):
        spec_of(Path("files"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('extends = "other"', "expected one of"),
        ('extends = "national"\nencoding = "gbx"', "such as \"gbk\"; found 'gbx'"),
        ('extends = "national"\nname = "x"', "expected a group"),
        ('extends = "national"\nname = "("', "no regular expression from character 1 on"),
        ('extends = "national"\nframming = 1', "framming"),
        ('extends = "national"\n[types.A]\nframing = "odd"', "no framing"),
        ('extends = "national"\n[types.A]\nrecord = ["code", "time"]\nvalues = ["value"]', "expected a field"),
        ('extends = "national"\n[types.A]\nstatus = "none"', "no table of status"),
        ('extends = "national"\n[types.A]\nheader = ["x", "x"]', "each field once"),
        ("types = [", r"cannot be read: not TOML \(Invalid value"),
    ],
)
def test_a_table_of_ones_own_with_a_mistake_says_which(text: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DialectError, match=expected):
        load_dialect(str(file))


def test_a_table_in_another_encoding_is_refused_in_words_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_bytes('name = "河南"'.encode("gb18030"))
    with pytest.raises(DialectError, match=r"cannot be read: expected text in UTF-8$"):
        load_dialect(str(file))


def test_points_that_no_file_can_bring_are_named() -> None:
    texts = ("type=XX;code=1", "type=TFSS;code=2", "type=LCSS;code=3", "type=ZKSS;code=4;unit=MPa")
    addresses = [(column, RecordAddress.parse(text)) for column, text in enumerate(texts)]
    places, wrong = places_of(addresses, load_dialect("national"))
    assert places == {}
    assert [str(message).split(":")[0] for message in wrong] == ["1", "2", "3", "4"]
    assert "not in the table" in str(wrong[1])
    assert "deep" in str(wrong[2])


def test_the_check_of_a_site_names_a_type_that_its_table_does_not_have(tmp_path: Path) -> None:
    assert spec_of(tmp_path).address_problem("type=CDSS;code=1") is None
    problem = spec_of(tmp_path).address_problem("type=TFSS;code=1")
    assert problem is not None
    assert "a table of your own" in str(problem)
