"""The [[source]] table of a Modbus endpoint, and the sample that the folder shows."""

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

import adapters.sources.modbus
from adapters.sources.modbus import ModbusSource
from adapters.sources.modbus.decode import Decoder
from plant import Point
from plant.modbus_address import ModbusAddress

SAMPLE = Path(adapters.sources.modbus.__file__).with_name("sample.toml")


def source(**settings: object) -> ModbusSource:
    return ModbusSource.model_validate({"id": "kj", "protocol": "modbus", "endpoint": "127.0.0.1:502"} | settings)


@pytest.mark.parametrize(
    ("endpoint", "host", "port"),
    [
        ("127.0.0.1:502", "127.0.0.1", 502),
        ("tcp://plc-7:1502", "plc-7", 1502),
        ("tcp://[::1]:502", "::1", 502),
    ],
)
def test_an_endpoint_is_a_host_and_a_port(endpoint: str, host: str, port: int) -> None:
    assert (source(endpoint=endpoint).host, source(endpoint=endpoint).port) == (host, port)


@pytest.mark.parametrize(
    "endpoint",
    ["", "127.0.0.1", "127.0.0.1:", ":502", "a:99999", "udp://a:502", "a:502/x", "u@a:502", "a:x", "::1:5 2"],
)
def test_any_other_endpoint_is_refused_with_an_example(endpoint: str) -> None:
    with pytest.raises(ValidationError, match=r"127\.0\.0\.1:502"):
        source(endpoint=endpoint)


@pytest.mark.parametrize(
    "settings",
    [{"poll": "0s"}, {"timeout": "0s"}, {"max_registers": 126}, {"max_registers": 3}, {"max_gap": -1}, {"pol": "1s"}],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        source(**settings)


def test_the_sample_is_valid_and_its_points_can_be_decoded() -> None:
    table = tomllib.loads(SAMPLE.read_text(encoding="utf-8"))
    sources = [ModbusSource.model_validate(entry) for entry in table["source"]]
    points = [Point.model_validate(entry) for entry in table["point"]]
    assert {point.source for point in points} == {entry.id for entry in sources}
    assert len(Decoder([ModbusAddress.parse(point.address or "") for point in points]).image.keys) > len(points)


def test_a_serial_line_at_a_host_and_port_is_refused_with_an_example() -> None:
    with pytest.raises(ValidationError, match="/dev/ttyS0"):
        source(transport="serial", endpoint="127.0.0.1:25021")
