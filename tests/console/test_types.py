"""The types of the page are those of the desk's answers."""

import re

from console import views
from scripts.console_types import TARGET, types


def test_the_committed_types_are_those_of_the_views() -> None:
    assert TARGET.read_text(encoding="utf-8") == types(), (
        "run scripts/build-console and commit console/web/src/types.ts"
    )


def test_every_view_has_its_type_once() -> None:
    names = re.findall(r"^export type (\w+) =", types(), re.MULTILINE)
    assert sorted(names) == sorted(name.removesuffix("View").removesuffix("Name") for name in (*views.__all__, "Text"))


def test_a_field_keeps_its_optional_its_list_and_its_alternatives() -> None:
    text = types()
    for line in (
        "  alarms?: Alarm[];",
        "  minimum: (number | null)[];",
        "  range: [number, number] | null;",
        '  direction: "high" | "low" | null;',
        "  reason: ForecastReason | null;",
        "export type StreamMessage = SnapshotMessage | AlarmsMessage | DeltaMessage | ReadingsMessage | BeatMessage;",
    ):
        assert f"\n{line}\n" in text, line
