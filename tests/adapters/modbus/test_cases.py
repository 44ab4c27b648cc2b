"""Every folder of tests/cases/modbus: what its registers mean, or why its addresses are refused."""

import csv
import tomllib
from pathlib import Path

import numpy as np
import pytest

from adapters.sources.modbus.decode import Decoder
from adapters.sources.modbus.plan import Request, Span
from plant import Quality
from plant.modbus_address import ModbusAddress, Table

CASES = sorted((Path(__file__).parents[2] / "cases" / "modbus").iterdir())
TABLES: dict[str, Table] = {"holding": "holding", "input": "input", "coil": "coil", "discrete": "discrete"}


def addresses(case: Path) -> dict[str, str]:
    table = tomllib.loads((case / "config.toml").read_text(encoding="utf-8"))
    return {point["id"]: point["address"] for point in table["point"]}


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("case", [case for case in CASES if (case / "expected.csv").exists()], ids=lambda c: c.name)
def test_registers_mean_what_the_case_expects(case: Path) -> None:
    points = addresses(case)
    decoder = Decoder([ModbusAddress.parse(text) for text in points.values()])
    for row in rows(case / "registers.csv"):
        span = Span(int(row["unit"]), TABLES[row["table"]], int(row["address"]), 1)
        decoder.image.put(Request((span,)), np.array([int(row["word"], 0)], dtype=np.uint16), 1)
    value, quality, state, *_ = decoder.decode()
    found = [
        (point, repr(float(number)), Quality(doubt).name, int(bits))
        for point, number, doubt, bits in zip(points, value, quality, state, strict=True)
    ]
    assert found == [
        (row["point"], repr(float(row["value"])), row["quality"], int(row["state"]))
        for row in rows(case / "expected.csv")
    ]


@pytest.mark.parametrize("case", [case for case in CASES if (case / "error.txt").exists()], ids=lambda c: c.name)
def test_a_wrong_address_says_what_was_expected(case: Path) -> None:
    expected = (case / "error.txt").read_text(encoding="utf-8").strip()
    for text in addresses(case).values():
        with pytest.raises(ValueError) as refused:
            ModbusAddress.parse(text)
        assert expected in str(refused.value)
