"""The JSON schema of the site file: kept beside the documentation, and true of files that load."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hazwatch.site.schema import DIALECT, site_schema

ROOT = Path(__file__).parents[3]
SCHEMA: dict[str, Any] = json.loads(site_schema())
GOOD = [
    *(ROOT / "tests/cases/config").glob("*.good.toml"),
    *(ROOT / "simulators").rglob("*site*.toml"),
]
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def violations(value: Any, schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """Yield what a value has against the schema, as far as the site file's schema goes."""
    if "$ref" in schema:
        yield from violations(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], place)
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices and sum(not any(violations(value, choice)) for choice in choices) == 0:
        yield f"{place}: none of the choices"
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{place}: no {kind}"
        return
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        yield f"{place}: not one of those"
    if isinstance(value, str):
        yield from _text(value, schema, place)
    elif isinstance(value, int | float):
        yield from _number(value, schema, place)
    elif isinstance(value, list):
        yield from _list(value, schema, place)
    elif isinstance(value, dict):
        yield from _table(value, schema, place)


def _text(value: str, schema: dict[str, Any], place: str) -> Iterator[str]:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: not as {schema['pattern']}"
    if len(value) < schema.get("minLength", 0):
        yield f"{place}: too short"


def _number(value: float, schema: dict[str, Any], place: str) -> Iterator[str]:
    if value < schema.get("minimum", value) or value > schema.get("maximum", value):
        yield f"{place}: out of bounds"
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield f"{place}: out of bounds"


def _list(value: list[Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{place}: too short or too long"
    kinds = schema.get("prefixItems") or [schema["items"]] * len(value)
    for number, (item, kind) in enumerate(zip(value, kinds, strict=False)):
        yield from violations(item, kind, f"{place}[{number}]")


def _table(value: dict[str, Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    if "properties" not in schema:
        return
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{place}.{key}: missing"
    for key, item in value.items():
        if key in schema["properties"]:
            yield from violations(item, schema["properties"][key], f"{place}.{key}")
        else:
            yield f"{place}.{key}: unknown"


def document(text: str) -> Any:
    """Return what a file says as JSON would."""
    plain = json.dumps(
        tomllib.loads(text), default=lambda value: value.isoformat() if isinstance(value, date) else None
    )
    return json.loads(plain)


def test_the_schema_beside_the_documentation_is_the_one_that_is_printed() -> None:
    kept = (ROOT / "docs/site.schema.json").read_text(encoding="utf-8")
    assert kept == site_schema(), "make it anew: ./run hazwatch schema > docs/site.schema.json"


def test_it_names_its_dialect_and_forbids_unknown_keys_everywhere() -> None:
    assert SCHEMA["$schema"] == DIALECT
    for content in (SCHEMA, *SCHEMA["$defs"].values()):
        assert content.get("type") != "object" or content["additionalProperties"] is False


def test_nothing_is_null_and_a_default_is_one_that_may_be_written() -> None:
    for content in (SCHEMA, *SCHEMA["$defs"].values()):
        for key, described in content.get("properties", {}).items():
            assert "null" not in json.dumps(described), key
            if "default" in described:
                assert not list(violations(described["default"], described, key))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_file_that_loads_is_as_the_schema_says(path: Path) -> None:
    assert list(violations(document(path.read_text(encoding="utf-8")), SCHEMA)) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('stale_after = "20s"', 'stale_after = "20"', ".point[0].stale_after"),
        ('stale_after = "20s"', "stale_after = 20", ".point[0].stale_after"),
        ('window = "5m"', "window = 300", ".limit[1].window"),
        ("clear = 1.0", 'clear = "1.0"', ".limit[0].clear"),
        ("clear = 1.0", "deadbnad = 0.1", ".limit[0].deadbnad"),
        ('level = "orange"', 'level = "pink"', ".limit[0].level"),
        ("range = [0.0, 4.0]", "range = [0.0]", ".point[0].range"),
        ("resolution = 0.01", "resolution = 0", ".point[0].resolution"),
        ('protocol = "modbus"', 'protocol = "profibus"', ".source[1]"),
        ('protocol = "modbus"', 'protocol = "opcua"\nscan = "5s"\nport = 3', ".source[1]"),
        ('timezone = "Asia/Shanghai"\n', "", ".site.timezone"),
        ("ticket = true", 'ticket = "yes"', ".limit[0].ticket"),
    ],
)
def test_a_mistake_of_form_is_found(old: str, new: str, place: str) -> None:
    text = (ROOT / "tests/cases/config/face.good.toml").read_text(encoding="utf-8")
    assert old in text
    found = list(violations(document(text.replace(old, new, 1)), SCHEMA))
    assert [violation.partition(":")[0] for violation in found] == [place]


def test_a_limit_of_a_profile_is_overridden_by_the_keys_that_differ() -> None:
    assert not list(violations({"limit": [{"id": "T1.alarm", "clear": 0.9}]}, {"properties": SCHEMA["properties"]}))


def test_never_and_the_sister_point_are_written_as_words() -> None:
    properties = SCHEMA["$defs"]["Point"]["properties"]
    assert not list(violations("never", properties["stale_after"]))
    assert not list(violations({"with": "T2", "limit": 0.3}, properties["discrepancy"]))
    assert list(violations({"with_": "T2", "limit": 0.3}, properties["discrepancy"]))


def test_every_description_is_in_both_languages() -> None:
    def texts(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            yield from (text for key, text in part.items() if key == "description" and isinstance(text, str))
            part = list(part.values())
        if isinstance(part, list):
            for element in part:
                yield from texts(element)

    described = list(texts(json.loads(site_schema())))
    assert len(described) > 100
    assert [text for text in described if not re.match(r"[^/]*[一-鿿].* / .*[A-Za-z]", text)] == []
