"""The registry has one right row for each field protocol, and the simulators stand beside it."""

from pathlib import Path
from typing import get_args

import pytest

from adapters.sources import Installation
from adapters.sources.registry import PROTOCOLS, SourceTable, likely_protocol
from hazwatch.live.clock import ScaledClock, wall
from plant import SourceSpec
from plant.units import SECOND
from simulators.registry import SIMULATORS

REQUIRED = {"mtt1201": {"mine": "140522001"}}
MACHINE = Installation(Path("certificates"), wall)
ADDRESSES = {"opcua": "ns=2;s=3101.T1", "modbus": "unit=1;holding=100", "mtt1201": "type=CDSS;code=MN1"}


def table(protocol: str) -> SourceSpec:
    """Return a table [[source]] of a protocol with its defaults."""
    keys = {"id": "s", "protocol": protocol, "endpoint": PROTOCOLS[protocol].endpoint} | REQUIRED.get(protocol, {})
    return PROTOCOLS[protocol].spec.model_validate(keys)


def test_the_schema_knows_the_same_tables_as_the_registry() -> None:
    assert set(get_args(get_args(SourceTable)[0])) == {row.spec for row in PROTOCOLS.values()}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_row_stands_under_the_protocol_of_its_table(protocol: str) -> None:
    assert get_args(PROTOCOLS[protocol].spec.model_fields["protocol"].annotation) == (protocol,)
    assert protocol in SIMULATORS


@pytest.mark.parametrize("protocol", ["opcua", "modbus"])
def test_a_table_without_a_protocol_is_read_as_its_endpoint_suggests(protocol: str) -> None:
    assert likely_protocol(PROTOCOLS[protocol].endpoint) == protocol


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_protocol_opens_its_own_tables_and_refuses_those_of_another(protocol: str) -> None:
    points = [(0, ADDRESSES[protocol])]
    assert PROTOCOLS[protocol].open_source(table(protocol), points, ScaledClock(), MACHINE).name == "s"
    for other in PROTOCOLS.keys() - {protocol}:
        with pytest.raises(TypeError, match="source s: expected"):
            PROTOCOLS[protocol].open_source(table(other), points, ScaledClock(), MACHINE)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_protocol_reads_its_own_addresses_and_refuses_those_of_another(protocol: str) -> None:
    PROTOCOLS[protocol].check_address(ADDRESSES[protocol])
    for other in PROTOCOLS.keys() - {protocol}:
        with pytest.raises(ValueError, match="expected"):
            PROTOCOLS[protocol].check_address(ADDRESSES[other])


def test_a_table_tells_how_often_points_are_read_and_how_far_samples_lag() -> None:
    assert table("opcua").refresh == ("scan", 10 * SECOND)
    assert table("opcua").lag == (SECOND // 10, 10 * SECOND // 4)
    assert table("modbus").refresh == ("poll", SECOND)
    assert table("modbus").lag == (0, 0)
