"""The written forms of addresses."""

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.sources.opcua import OpcUaSource
from plant.address import NodeId, check_node_id, split_endpoint


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
