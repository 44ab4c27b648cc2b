"""One mistake of an expected event hides no other mistake of the same event."""

from pathlib import Path

import pytest

from hazwatch.site.case_files import CaseFileError, read_cases
from rules import CaseBench
from tests.rules.play import limit, point, rule_set
from tests.sites import MINE


def test_every_mistake_of_an_expected_event_is_named(tmp_path: Path) -> None:
    bench = CaseBench(rule_set(points=(point("T1"),), limits=(limit("T1.alarm"),)), MINE)
    path = tmp_path / "a.cases.toml"
    path.write_text(
        '[[case]]\nname = "a"\nseries."T1" = "0.6x5"\nexpect = [\n'
        '{ at = "5x", condition = "T1.alrm", transition = "raze" },\n'
        '{ at = 1, condition = "", transition = "clear" },\n]\n',
        encoding="utf-8",
    )
    with pytest.raises(CaseFileError) as caught:
        read_cases([path], bench)
    assert [(mistake.line, mistake.path.rpartition(".")[2]) for mistake in caught.value.mistakes] == [
        (5, "at"), (5, "condition"), (5, "transition"), (6, "at"), (6, "condition"),
    ]  # fmt: skip
