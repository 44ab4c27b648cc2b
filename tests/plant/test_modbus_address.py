"""The written form of Modbus addresses."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.modbus_address import ModbusAddress


def test_a_modbus_address_is_read_with_its_defaults() -> None:
    address = ModbusAddress.parse("holding=100")
    assert address.model_dump() == {
        "unit": 1,
        "table": "holding",
        "register_": 100,
        "type": "uint16",
        "order": "ABCD",
        "scale": 1.0,
        "offset": 0.0,
        "status": None,
        "length": None,
        "bit": None,
        "mask": None,
        "shift": None,
        "bad": (),
        "status_table": "holding",
    }


def test_every_part_of_a_modbus_address_is_read() -> None:
    address = ModbusAddress.parse("unit=7; input=8;type=float64;order=DCBA;scale=1e-2;offset=-5;status=input:9")
    assert (address.unit, address.table, address.register_, address.count) == (7, "input", 8, 4)
    assert (address.type, address.order, address.scale, address.offset) == ("float64", "DCBA", 0.01, -5.0)
    assert (address.status, address.status_table) == (9, "input")


@pytest.mark.parametrize(
    ("text", "count"),
    [("holding=0", 1), ("input=0;type=int32", 2), ("holding=65532;type=float64", 4), ("coil=65535", 1)],
)
def test_an_address_knows_how_many_registers_or_bits_it_takes(text: str, count: int) -> None:
    assert ModbusAddress.parse(text).count == count


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "expected key=value parts"),
        ("unit=1", "expected one of holding="),
        ("holding=1;holding=2", "each once"),
        ("holding=1;register=5", "unknown key 'register'"),
        ("holding=1;status_table=input", "unknown key 'status_table'"),
        ("holding=-1", "greater than or equal to 0"),
        ("holding=x", "valid integer"),
        ("holding=1;order=ABDC", "Input should be 'ABCD'"),
        ("discrete=1;order=ABCD", "a discrete is one bit"),
        ("holding=1;status=holding:", "valid integer"),
    ],
)
def test_a_wrong_modbus_address_says_what_was_expected(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as refused:
        ModbusAddress.parse(text)
    assert problem in str(refused.value)


@given(st.text())
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert ModbusAddress.parse(text).count >= 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("holding=40001", "holding=0"),
        ("holding=49999", "holding=9998"),
        ("input=30011;type=float32", "input=10"),
        ("discrete=10001", "discrete=0"),
    ],
)
def test_an_address_that_is_numbered_as_in_manuals_gets_a_hint(text: str, meant: str) -> None:
    hint = ModbusAddress.parse(text).hint
    assert hint is not None
    assert str(hint).endswith(f"in a manual is {meant}")


@pytest.mark.parametrize("text", ["holding=40000", "holding=0", "holding=50000", "coil=40001", "input=40001"])
def test_other_addresses_get_no_hint(text: str) -> None:
    assert ModbusAddress.parse(text).hint is None


def test_a_number_of_six_digits_is_refused_with_the_address_that_is_meant() -> None:
    with pytest.raises(ValueError, match="400011 in a manual is holding=10"):
        ModbusAddress.parse("holding=400011")
