"""The written forms of addresses."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from adapters.sources.opcua import OpcUaSource
from plant.address import ModbusAddress, NodeId, check_node_id, split_endpoint


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
    "text", ["i=85", "ns=2;s=3101.T1", "ns=2;s=甲烷;T1", "ns=3;g=09087e75-8e5e-499b-954f-f2a9603db28a"]
)
def test_a_node_id_is_taken_as_it_is_written(text: str) -> None:
    assert TypeAdapter(NodeId).validate_python(text) == text


@pytest.mark.parametrize(
    "text", ["", "T1", "ns=x;s=T1", "ns=2;T1", "ns=2;i=T1", "s=", "g=" + "-" * 36, "ns=" + "9" * 5000 + ";i=1"]
)
def test_what_is_no_node_id_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"ns=2;s=3101\.T1"):
        check_node_id(text)
    with pytest.raises(ValidationError):
        TypeAdapter(NodeId).validate_python(text)


@pytest.mark.parametrize("text", ["ns=70000;s=a", "ns=2;i=99999999999", "i=4294967296"])
def test_a_node_id_that_no_server_can_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="at most"):
        check_node_id(text)


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "\N{IDEOGRAPHIC FULL STOP}", "a\N{ZERO WIDTH SPACE}b"])
def test_a_host_that_no_network_can_look_up_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        split_endpoint(f"{host}:502")
    with pytest.raises(ValidationError, match="expected an address"):
        OpcUaSource(id="ua", protocol="opcua", endpoint=f"opc.tcp://{host}:4840")
