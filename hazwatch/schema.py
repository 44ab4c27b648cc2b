"""The JSON schema of the site file, for editors and other tools."""

import json
from typing import Annotated

from pydantic import Field

from adapters.sources.modbus import ModbusSource
from adapters.sources.opcua import OpcUaSource
from hazwatch.config import HistorianSpec
from plant import Entity, HazardSource, Point, Site
from rules import Interlock, Limit, Vote


class SiteFile(Entity):
    """A Hazwatch site file."""

    site: Site = Field(description="The mine.")
    historian: HistorianSpec = Field(default=HistorianSpec(), description="How long history is kept.")
    points: str | None = Field(default=None, description="A table of further points, CSV with the keys of [[point]].")
    hazard_source: tuple[HazardSource, ...] = Field(default=(), description="Major hazard sources.")
    source: tuple[Annotated[OpcUaSource | ModbusSource, Field(discriminator="protocol")], ...] = Field(
        default=(), description="Devices that are read."
    )
    point: tuple[Point, ...] = Field(default=(), description="Signals.")
    limit: tuple[Limit, ...] = Field(default=(), description="Limits of features of points.")
    vote: tuple[Vote, ...] = Field(default=(), description="k of n.")
    interlock: tuple[Interlock, ...] = Field(default=(), description="Power cuts that are supervised.")


def site_schema() -> str:
    """Return the schema as JSON text with a final line feed."""
    return json.dumps(SiteFile.model_json_schema(), ensure_ascii=False, indent=2) + "\n"
