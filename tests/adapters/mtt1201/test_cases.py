"""Every folder of tests/cases/mtt1201: the samples of its files, and what is said about them."""

import csv
import tomllib
from pathlib import Path

import pytest

from adapters.sources.mtt1201.dialect import load_dialect
from plant import Quality, parse_instant
from tests.adapters.mtt1201.folders import NOW, reader_of, remarks_of

CASES = sorted((Path(__file__).parents[2] / "cases" / "mtt1201").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_files_of_a_case_have_its_samples(case: Path) -> None:
    table = tomllib.loads((case / "config.toml").read_text(encoding="utf-8"))
    names = [point["id"] for point in table["point"]]
    dialect = case / "dialect.toml"
    reader = reader_of(
        case / "files",
        [point["address"] for point in table["point"]],
        dialect=str(dialect) if dialect.exists() else "national",
    )
    first = reader.look(NOW, 0.0)
    looks = [first, reader.look(NOW, 20.0)]
    found = [
        (names[point], time, repr(value), Quality(quality).name, state, backfilled)
        for look in looks
        for point, time, value, quality, state, backfilled in zip(
            *(column.tolist() for column in (
                look.samples.point, look.samples.time, look.samples.value, look.samples.quality, look.samples.state,
                look.samples.backfilled,
            )),
            strict=True,
        )
    ]  # fmt: skip
    with (case / "expected.csv").open(encoding="utf-8", newline="") as lines:
        expected = [
            (
                row["point"],
                parse_instant(row["time"]),
                repr(float(row["value"])),
                row["quality"],
                int(row["state"]),
                row["backfilled"] == "yes",
            )
            for row in csv.DictReader(lines)
        ]
    assert found == expected
    assert sorted(remarks_of(*looks)) == (case / "log.txt").read_text(encoding="utf-8").splitlines()


def test_every_type_of_the_national_table_says_where_its_numbers_are() -> None:
    dialect = load_dialect("national")
    assert {"CDSS", "ZKSS", "CGKCDSS", "TFSS"} <= dialect.types.keys()
    for name, record in dialect.types.items():
        assert set(record.values) <= set(record.record), name
