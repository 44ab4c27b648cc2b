"""The page about the site file names every key and default, and explains messages as they are, in both languages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.sources.modbus import ModbusSource
from adapters.sources.mtt1201 import MttSource
from adapters.sources.opcua import OpcUaSource
from adapters.sources.opcua.identity import Security, User
from hazwatch.site.config import ConfigError, load
from hazwatch.site.schema import InWordsOfToml, SiteFile
from hazwatch.site.specs.keeping import AnchorsSpec, HistorianSpec
from hazwatch.site.specs.stores import InfluxStoreSpec
from plant import Delays, Entity, HazardSource, Point, Site
from plant.modbus_address import KEYS, ModbusAddress
from plant.point import Discrepancy, Flatline
from rules import Interlock, Limit, Vote
from tests.docs.pages import LANGUAGES, Language, both, code_blocks, page, section, tables

SECTIONS: dict[str, type[Entity]] = {
    "## site": Site,
    "## historian": HistorianSpec,
    "## anchors": AnchorsSpec,
    "## store": InfluxStoreSpec,
    "## hazard_source": HazardSource,
    "### opcua": OpcUaSource,
    "### security": Security,
    "### user": User,
    "### modbus": ModbusSource,
    "### mtt1201": MttSource,
    "## point": Point,
    "### flatline": Flatline,
    "### discrepancy": Discrepancy,
    "## limit": Limit,
    "## vote": Vote,
    "## interlock": Interlock,
}
DELAYS = {"zh": "### 延时", "en": "### Delays"}
MESSAGES = {"zh": "## 错误信息", "en": "## What the messages mean"}
MODELS = [*SECTIONS.values(), Delays, ModbusAddress]


def tables_below(heading: str, language: Language) -> list[list[list[str]]]:
    """Return the tables of a section: rows of cells, the first row being the names of the columns."""
    return tables(section(page("configuration.md", language), heading))


def schema(model: type[Entity]) -> dict[str, Any]:
    return model.model_json_schema(schema_generator=InWordsOfToml)


def default(name: str, described: dict[str, Any]) -> str:
    """Return how the page writes a default: nothing for what is off, or for a table of its own."""
    value = described["properties"][name].get("default")
    if name in described.get("required", ()):
        return "**!**"
    return "" if value is None or isinstance(value, dict) else f"`{json.dumps(value, ensure_ascii=False)}`"


def documented_keys(heading: str, language: Language) -> list[tuple[str, str]]:
    """Return the keys and defaults that the first table of a section shows, by key."""
    return sorted((row[0], row[2]) for row in tables_below(heading, language)[0][1:])


def keys_of(model: type[Entity]) -> list[tuple[str, str]]:
    """Return the keys and defaults of a model as the page writes them, by key."""
    described = schema(model)
    return sorted((f"`{name}`", default(name, described)) for name in described["properties"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("heading", "model"), SECTIONS.items(), ids=str)
def test_every_key_is_documented_with_its_default(heading: str, model: type[Entity], language: Language) -> None:
    assert documented_keys(heading, language) == keys_of(model)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_delay_is_documented_with_its_default(language: Language) -> None:
    assert documented_keys(DELAYS[language], language) == keys_of(Delays)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_a_modbus_address_is_documented_with_its_default(language: Language) -> None:
    rows = tables_below("### modbus", language)[1][1:]
    documented = {key: row[1] for row in rows for key in re.findall(r"`(\w+)`", row[0])}
    assert list(documented) == list(KEYS)
    for key in ("unit", "type", "order", "scale", "offset"):
        value = ModbusAddress.model_fields[key].default
        assert documented[key] == f"`{value if isinstance(value, str) else format(value, 'g')}`"


@pytest.mark.parametrize("text", both("configuration.md").values(), ids=LANGUAGES)
def test_every_table_of_a_site_file_has_a_section(text: str) -> None:
    for table in SiteFile.model_fields:
        assert f"\n## {table}\n" in text or f"\n### {table}.csv\n" in text


def choices(described: dict[str, Any]) -> Iterator[str]:
    for content in (described, *described.get("$defs", {}).values()):
        for key in content.get("properties", {}).values():
            yield from (value for value in key.get("enum", ()) if isinstance(value, str))
        yield from content.get("enum", ())


@pytest.mark.parametrize("text", both("configuration.md").values(), ids=LANGUAGES)
@pytest.mark.parametrize("model", MODELS)
def test_every_choice_is_documented(model: type[Entity], text: str) -> None:
    for choice in choices(schema(model)):
        assert re.search(rf'[`" ]{choice}[`" ]', text), choice


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_described_and_a_number_ends_in_its_unit(model: type[Entity]) -> None:
    for name, described in schema(model)["properties"].items():
        text = described.get("description", "")
        assert text, name
        kinds = [described, *described.get("anyOf", ()), *described.get("prefixItems", ())]
        if any(kind.get("type") in ("number", "integer") or "pattern" in kind for kind in kinds):
            assert text.endswith("]"), f"{name}: {text}"


WHOLE = code_blocks(page("configuration.md", "en"))[0].removeprefix("```toml\n").removesuffix("```")
BREAKS = {
    "unknown key; expected one of those in docs/en/configuration.md": ("high = 1.5", "high = 1.5\ndeadbnad = 0.5"),
    "missing; expected a value": ('grade = "II"\n', ""),
    "duplicate id; expected each once": ('id = "T2"', 'id = "T1"'),
    'no [[point]] has the id "T9"': ('point = "T2"', 'point = "T9"'),
    'expected a duration such as "500ms", "7.5s" or "12h" (ns, us, ms, s, m, h, d)': ('"400d"', '"400"'),
    "1.2: expected at most 1.0": ("high = 1.0\nclear = 1.0", "high = 1.0\nclear = 1.2"),
    "1.005: expected a multiple of the resolution 0.01 of T1": ("high = 1.0\n", "high = 1.005\n"),
    "4.5: never reached within the range [0.0, 4.0]; expected a value inside it": ("high = 1.5", "high = 4.5"),
    "0.0: never left within the range [0.0, 4.0]; expected a value inside it": ("clear = 1.0", "clear = 0.0"),
    'feature "slope" needs window': ('feature = "value"', 'feature = "slope"'),
    "expected either high or low": ("high = 1.5", "high = 1.5\nlow = 0.5"),
    "expected source and address together": ('source = "plc"\n', ""),
    '"T9": expected votes that stand before this one in the file': (
        'of = ["T1.alarm", "T2.alarm"]',
        'of = ["T1.alarm", "T9"]\nlevel = "red"\n[[vote]]\nid = "T9"\n'
        'hazard_source = "gas-3101"\nat_least = 1\nof = ["T1.alarm"]',
    ),
    "expected [[interlock]], in double brackets; found [interlock]": ("[[interlock]]", "[interlock]"),
    'column "addres": unknown; expected keys of [[point]] in docs/en/configuration.md': (
        "[site]",
        'points = "points.csv"\n[site]',
    ),
    'no profile "ch4.faces"; expected one of docs/en/profiles.md, such as ': (
        'unit = "%"\n',
        'unit = "%"\nprofile = "ch4.faces"\n',
    ),
    'profile "ch4.face" is for "%"; found "ppm"': ('unit = "%"\n', 'unit = "ppm"\nprofile = "ch4.face"\n'),
    "cannot be read: ...": ("[site]", "[site]\n= 5"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_messages_holds_those_tried_here(language: Language) -> None:
    rows = tables_below(MESSAGES[language], language)[0][1:]
    assert [row[0][1:-1] for row in rows] == list(BREAKS)


@pytest.mark.parametrize("message", BREAKS)
def test_a_message_is_what_check_says(message: str, tmp_path: Path) -> None:
    old, new = BREAKS[message]
    assert old in WHOLE
    (tmp_path / "points.csv").write_text("id,addres\nT3,x\n", encoding="utf-8")
    site = tmp_path / "site.toml"
    site.write_text(WHOLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(site)
    assert any(message.removesuffix("...") in mistake.message for mistake in caught.value.mistakes)
