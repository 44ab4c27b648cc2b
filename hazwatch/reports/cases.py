"""Results of rule cases: time lines for people, JUnit XML for CI."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Final

from hazwatch.site.case_files import CaseInFile
from hazwatch.site.site_text import Mistake
from hazwatch.words import both
from hazwatch.words.columns import table
from plant import Message
from rules import CaseResult, Moment

TIME_LINE_HEADINGS: Final = ("", both(Message("time")), both(Message("expected")), both(Message("actual")))
LEGEND: Final = f"- {both(Message('expected, did not happen'))}    + {both(Message('happened, not expected'))}"
# XML 1.0 forbids most control characters and lone surrogates, even escaped; an id in a case may contain them.
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class PlayedCase:
    """A played case and its duration. [s]."""

    source: CaseInFile
    result: CaseResult
    took: float


def time_line(result: CaseResult) -> list[str]:
    """Return expected and actual events as the lines of a table."""
    return list(table([TIME_LINE_HEADINGS, *map(_row, result.moments)], "<><<"))


def _row(moment: Moment) -> tuple[str, str, str, str]:
    expected, event = moment.expected, moment.actual
    mark = " " if moment.agrees else "-" if event is None else "+"
    expected_fields = (
        () if expected is None else (expected.condition, expected.transition, expected.level, expected.value)
    )
    actual_fields = () if event is None else (event.condition, event.transition, event.level, event.value)
    return mark, f"{seconds(moment.time)}s", _text(expected_fields), _text(actual_fields)


def _text(fields: Iterable[str | float | None]) -> str:
    return " ".join(f"{field:.7g}" if isinstance(field, float) else str(field) for field in fields if field is not None)


def seconds(nanoseconds: int) -> str:
    """Return a time in seconds as text, exactly."""
    # A float would round nanoseconds away beyond some 100 days.
    return f"{Decimal(nanoseconds).scaleb(-9).normalize():f}"


def junit(played: Sequence[PlayedCase], mistakes: Sequence[Mistake]) -> bytes:
    """Return the report in the format of CI servers; a mistake in a case file is an error there."""
    top = ET.Element("testsuites", name="hazwatch test")
    for file, of_file in groupby(played, key=lambda played_case: played_case.source.file):
        suite = _suite(top, str(file))
        for played_case in of_file:
            case = _case(suite, file, played_case.source.case.name, f"{played_case.took:.6f}", played_case.source.line)
            if not played_case.result.passed:
                count = sum(not moment.agrees for moment in played_case.result.moments)
                message = Message("{count} {count:difference|differences}", count=count)
                failure = ET.SubElement(case, "failure", message=both(message), type="case")
                failure.text = _legal("\n".join(["", *time_line(played_case.result), ""]))
    for name, of_name in groupby(mistakes, key=lambda mistake: mistake.file):
        suite = _suite(top, name)
        for mistake in of_name:
            case = _case(suite, Path(name), mistake.path or "file", "0", max(mistake.line, 1))
            ET.SubElement(case, "error", message=_legal(mistake.message), type="mistake")
    # CI servers read the totals from the attributes of each suite, and do not count test cases themselves.
    for element in (*top, top):
        _count(element)
    ET.indent(top)
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(top: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(top, "testsuite", name=_legal(name))


def _case(suite: ET.Element, file: Path, name: str, took: str, line: int) -> ET.Element:
    attributes = {"classname": _legal(file.stem), "name": _legal(name), "time": took}
    return ET.SubElement(suite, "testcase", attributes | {"file": _legal(str(file)), "line": str(line)})


def _count(element: ET.Element) -> None:
    for name, path in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        element.set(name, str(sum(1 for _ in element.iter(path))))
    element.set("skipped", "0")
    element.set("time", f"{sum(float(case.get('time', '0')) for case in element.iter('testcase')):.6f}")


def _legal(text: str) -> str:
    """Replace the characters that XML does not permit."""
    return NOT_XML.sub("\ufffd", text)
