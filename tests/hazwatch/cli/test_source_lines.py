"""`status` writes what of each source is missing, in both languages."""

from zoneinfo import ZoneInfo

from hazwatch.cli.source_lines import source_lines
from hazwatch.words import both
from tests.console.fake_desk import START
from tests.console.fake_sources import sources_at


def lines(number: int) -> list[str]:
    """Return the lines of a source of the fake desk; `both` puts Chinese before English."""
    source = {**sources_at(START)["sources"][number]}
    source["trouble"] = None
    revised = [{"zh": text.zh, "en": text.en} for text in sources_at(START)["sources"][number]["revised"]]
    gaps = [
        {**gap, "reason": gap["reason"] and {"zh": gap["reason"].zh, "en": gap["reason"].en}}
        for gap in sources_at(START)["sources"][number]["gaps"]
    ]
    return [both(line) for line in source_lines({**source, "revised": revised, "gaps": gaps}, ZoneInfo("UTC"))]


def test_a_source_that_reports_changes_has_a_least_number_and_its_gaps() -> None:
    counts, scan, revised, filled, own = lines(0)
    assert "at least 889920" in counts
    assert "至少应收 889920" in counts
    assert "unknown 2884" in counts
    assert "99 % within 148 ms" in scan
    assert "every 500 ms" in revised
    assert "about 24720, 24716 came later, from the history of the device" in filled
    assert own.endswith("nothing fills it; the engine did not run")


def test_a_source_that_is_polled_has_an_exact_number() -> None:
    counts, scan = lines(1)
    assert "expected 1296000" in counts
    assert "the oldest reading is 44.0 s old, behind its scan 4 times" in scan
