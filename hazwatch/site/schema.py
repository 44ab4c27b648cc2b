"""The JSON schema of the site file, for editors and other tools."""

import json
from typing import Any, Final

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from adapters.sources.registry import SourceTable
from hazwatch.site.specs.keeping import AnchorsSpec, HistorianSpec
from hazwatch.site.specs.stores import InfluxStoreSpec
from hazwatch.words import both
from plant import Entity, HazardSource, Message, Point, Site, write_duration
from rules import Interlock, Limit, Vote

DIALECT: Final = GenerateJsonSchema.schema_dialect


class SiteFile(Entity):
    """A Hazwatch site file."""

    site: Site = Field(description="The mine.")
    historian: HistorianSpec = Field(default=HistorianSpec(), description="How long history is kept.")
    anchors: AnchorsSpec = Field(default=AnchorsSpec(), description="Proofs of the journal in another place.")
    store: tuple[InfluxStoreSpec, ...] = Field(default=(), description="Where samples and alarms are copied.")
    points: str | None = Field(default=None, description="A table of further points, CSV with the keys of [[point]].")
    hazard_source: tuple[HazardSource, ...] = Field(default=(), description="Major hazard sources.")
    source: tuple[SourceTable, ...] = Field(default=(), description="Devices that are read.")
    point: tuple[Point, ...] = Field(default=(), description="Signals.")
    limit: tuple[Limit, ...] = Field(default=(), description="Limits of features of points.")
    vote: tuple[Vote, ...] = Field(default=(), description="k of n.")
    interlock: tuple[Interlock, ...] = Field(default=(), description="Power cuts that are supervised.")


class InWordsOfToml(GenerateJsonSchema):
    """A JSON schema of TOML files: optional keys are absent instead of null, and default durations are text."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """TOML has no null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return a default as an engineer would write it, and none for absent keys and tables."""
        described = super().default_schema(schema)
        default = described.get("default")
        if default is None or isinstance(default, dict):
            described.pop("default", None)
        elif type(default) is int and described.get("type") != "integer":
            described["default"] = write_duration(default)
        return described

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Keys are their own titles."""
        del schema
        return False


def site_schema() -> str:
    """Return the schema as JSON text with a final line feed."""
    schema = {"$schema": DIALECT} | SiteFile.model_json_schema(schema_generator=InWordsOfToml)
    # A [[limit]] may override a profile's limit key by key, so only the id is always there.
    schema["$defs"]["Limit"]["required"] = ["id"]
    return json.dumps(_bilingual(schema), ensure_ascii=False, indent=2) + "\n"


def _bilingual(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Return a schema whose descriptions are in both languages, as editors show one text only."""
    return {
        key: both(Message(part)) if key == "description" and isinstance(part, str) else _translated(part)
        for key, part in schema.items()
    }


def _translated(part: object) -> object:
    if isinstance(part, dict):
        return _bilingual(part)
    return [_translated(element) for element in part] if isinstance(part, list) else part
