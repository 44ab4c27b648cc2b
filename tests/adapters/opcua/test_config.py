"""The table [[source]] of an OPC UA server: the sample is a good one, and mistakes are told."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

import adapters.sources.opcua
from adapters.sources.opcua import OpcUaSource
from plant import Point
from plant.address import check_node_id

SAMPLE = Path(adapters.sources.opcua.__file__).with_name("sample.toml")
GIVEN = {"id": "kj-ua", "protocol": "opcua", "endpoint": "opc.tcp://127.0.0.1:4840"}


def test_the_sample_is_a_good_one() -> None:
    sample = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    (source,) = (OpcUaSource.model_validate(table) for table in sample["source"])
    for table in sample["point"]:
        point = Point.model_validate(table)
        assert point.source == source.id
        assert point.address is not None
        assert check_node_id(point.address) == point.address


def test_the_sample_shows_every_key_that_has_a_default() -> None:
    (table,) = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))["source"]
    assert set(table) == {name for name, field in OpcUaSource.model_fields.items() if field.default is not None}
    assert OpcUaSource.model_validate(table) == OpcUaSource.model_validate(GIVEN | {"endpoint": table["endpoint"]})


@pytest.mark.parametrize(
    "endpoint", ["opc.tcp://127.0.0.1:4840", "opc.tcp://[::1]:4840/ua", "opc.tcp://gateway.mine:4840/a/b"]
)
def test_a_good_endpoint_is_taken(endpoint: str) -> None:
    assert OpcUaSource.model_validate(GIVEN | {"endpoint": endpoint}).endpoint == endpoint


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        pytest.param("endpoint", "127.0.0.1:4840", "opc.tcp", id="no scheme"),
        pytest.param("endpoint", "opc.tcp://127.0.0.1", "with its port", id="no port"),
        pytest.param("endpoint", "opc.tcp://me:secret@127.0.0.1:4840", "opc.tcp", id="a password"),
        pytest.param("scan", "0s", "greater than 0", id="no scan"),
        pytest.param("publishing", "5", "duration", id="no unit"),
        pytest.param("queue", 1, "greater than or equal to 2", id="a queue that keeps the newest only"),
        pytest.param("pubishing", "1s", "Extra inputs", id="a key it does not know"),
    ],
)
def test_a_mistake_is_told(key: str, value: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        OpcUaSource.model_validate(GIVEN | {key: value})
