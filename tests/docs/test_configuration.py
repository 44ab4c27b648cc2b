"""docs/configuration.md names every key that there is, with its default, and explains messages as they are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.sources.modbus import ModbusSource
from adapters.sources.opcua import OpcUaSource
from hazwatch.site.config import ConfigError, HistorianSpec, load
from hazwatch.site.schema import InWordsOfToml, SiteFile
from plant import Delays, Discrepancy, Entity, Flatline, HazardSource, Point, Site
from plant.address import KEYS, ModbusAddress
from rules import Interlock, Limit, Vote

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
SECTIONS: dict[str, type[Entity]] = {
    "## site": Site,
    "## historian": HistorianSpec,
    "## hazard_source": HazardSource,
    "### opcua": OpcUaSource,
    "### modbus": ModbusSource,
    "## point": Point,
    "### 延时 / Delays": Delays,
    "### 不变 / flatline": Flatline,
    "### 互校 / discrepancy": Discrepancy,
    "## limit": Limit,
    "## vote": Vote,
    "## interlock": Interlock,
}
MODELS = [*SECTIONS.values(), ModbusAddress]


def tables(heading: str) -> list[list[list[str]]]:
    """Return the tables of a section: rows of cells, the first row being the names of the columns."""
    section = PAGE.split(f"\n{heading}\n", 1)[1]
    section = re.split(r"^##", section, maxsplit=1, flags=re.MULTILINE)[0]
    return [
        [[cell.strip() for cell in line.strip("|").split(" |")] for line in found[0].splitlines() if "|---" not in line]
        for found in re.finditer(r"(?:^\|.*\n)+", section, re.MULTILINE)
    ]


def schema(model: type[Entity]) -> dict[str, Any]:
    return model.model_json_schema(schema_generator=InWordsOfToml)


def default(name: str, described: dict[str, Any]) -> str:
    """Return how the page writes a default: nothing for what is off, or for a table of its own."""
    value = described["properties"][name].get("default")
    if name in described.get("required", ()):
        return "**!**"
    return "" if value is None or isinstance(value, dict) else f"`{json.dumps(value, ensure_ascii=False)}`"


@pytest.mark.parametrize(("heading", "model"), SECTIONS.items(), ids=str)
def test_every_key_is_documented_with_its_default(heading: str, model: type[Entity]) -> None:
    described = schema(model)
    documented = [(row[0], row[2]) for row in tables(heading)[0][1:]]
    keys = sorted((f"`{name}`", default(name, described)) for name in described["properties"])
    assert sorted(documented) == keys


def test_every_key_of_a_modbus_address_is_documented_with_its_default() -> None:
    rows = tables("### modbus")[1][1:]
    documented = {key: row[1] for row in rows for key in re.findall(r"`(\w+)`", row[0])}
    assert list(documented) == list(KEYS)
    for key in ("unit", "type", "order", "scale", "offset"):
        value = ModbusAddress.model_fields[key].default
        assert documented[key] == f"`{value if isinstance(value, str) else format(value, 'g')}`"


def test_every_table_of_a_site_file_has_a_section() -> None:
    for table in SiteFile.model_fields:
        assert f"\n## {table}\n" in PAGE or f"\n### {table}.csv\n" in PAGE


def choices(described: dict[str, Any]) -> Iterator[str]:
    for content in (described, *described.get("$defs", {}).values()):
        for key in content.get("properties", {}).values():
            yield from (value for value in key.get("enum", ()) if isinstance(value, str))
        yield from content.get("enum", ())


@pytest.mark.parametrize("model", MODELS)
def test_every_choice_is_documented(model: type[Entity]) -> None:
    for choice in choices(schema(model)):
        assert re.search(rf'[`" ]{choice}[`" ]', PAGE), choice


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_described_and_a_number_ends_in_its_unit(model: type[Entity]) -> None:
    for name, described in schema(model)["properties"].items():
        text = described.get("description", "")
        assert text, name
        kinds = [described, *described.get("anyOf", ()), *described.get("prefixItems", ())]
        if any(kind.get("type") in ("number", "integer") or "pattern" in kind for kind in kinds):
            assert text.endswith("]"), f"{name}: {text}"


WHOLE = re.search(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
BREAKS = {
    "unknown key; expected one of those in docs/configuration.md": ("high = 1.5", "high = 1.5\ndeadbnad = 0.5"),
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
    'column "addres": unknown; expected keys of [[point]] in docs/configuration.md': (
        "[site]",
        'points = "points.csv"\n[site]',
    ),
    'no profile "ch4.faces"; expected one of docs/profiles.md, such as ': (
        'unit = "%"\n',
        'unit = "%"\nprofile = "ch4.faces"\n',
    ),
    'profile "ch4.face" is for "%"; found "ppm"': ('unit = "%"\n', 'unit = "ppm"\nprofile = "ch4.face"\n'),
    "cannot be read: ...": ("[site]", "[site"),
}


def test_the_table_of_messages_holds_those_tried_here() -> None:
    rows = tables("## 错误信息 / What the messages mean")[0][1:]
    assert [row[0][1:-1] for row in rows] == list(BREAKS)


@pytest.mark.parametrize("message", BREAKS)
def test_a_message_is_what_check_says(message: str, tmp_path: Path) -> None:
    assert WHOLE is not None
    old, new = BREAKS[message]
    assert old in WHOLE[1]
    (tmp_path / "points.csv").write_text("id,addres\nT3,x\n", encoding="utf-8")
    site = tmp_path / "site.toml"
    site.write_text(WHOLE[1].replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(site)
    assert any(message.removesuffix("...") in mistake.message for mistake in caught.value.mistakes)
