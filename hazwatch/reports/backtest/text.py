"""The report of a back-test as text for a terminal, in both languages."""

from collections.abc import Iterator
from typing import Final

from hazwatch.reports.backtest.forecast_rows import FORECAST_HEADINGS, WHY, forecast_rows
from hazwatch.reports.backtest.report import Report
from hazwatch.reports.backtest.words import (
    DIFFERENCES,
    MOST_PAIRS,
    RULINGS,
    VERDICTS,
    difference,
    differing,
    effect,
    figures,
    lead,
    stood,
)
from hazwatch.words.columns import pad, table
from hazwatch.words.damages import damage_message
from hazwatch.words.messages import both, chinese
from hazwatch.words.numbers import NONE, minutes_of, moment, period_of, shift_of
from plant import Message

MOST_CONDITIONS_IN_TEXT: Final = 20
HEAD_WIDTH: Final = 24
"""Width of the titles at the head, in terminal columns."""


def report_text(report: Report) -> str:
    """Return the report; a line feed ends each line."""
    parts = [_head(report), _effects(report), _conditions(report)]
    if report.candidate:
        parts.append(_pairs(report))
    if any(report.forecasts):
        parts.append(_forecasts(report))
    parts.append(_incidents(report))
    if report.gate:
        parts.append(_gate(report))
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def _head(report: Report) -> Iterator[str]:
    comparison, zone = report.comparison, report.zone
    yield f"{both(Message('Back-test'))}: {report.config.site.name}"
    length = period_of(comparison.recorded)
    period = f"{moment(comparison.start, zone)} - {moment(comparison.end, zone)}"
    yield _line(Message("period"), f"{period} ({both(Message('{length} of record', length=length))})")
    yield _line(Message("current"), f"{report.config.path}  {comparison.current.rules}")
    if report.candidate:
        yield _line(Message("candidate"), f"{report.candidate.path}  {comparison.candidate.rules}")
    for side in report.sides:
        yield _line(Message("presentation"), f"{side.presentation}  ({both(side.title)})")
    played = Message("{samples:,} samples, {seconds:.2f} s", samples=report.samples, seconds=report.seconds)
    yield _line(Message("played"), both(played))
    if report.record.head is not None:
        number, digest = report.record.head
        yield _line(Message("journal"), both(Message("record {number}, hash {digest}", number=number, digest=digest)))
    if report.is_short:
        yield _line(Message("note"), both(Message("less than 30 days: the rates say little yet")))
    yield from (_line(Message("not evaluated"), both(damage_message(damage, zone))) for damage in report.record.damages)
    yield from (_line(Message("check"), warning) for warning in report.warnings)


def _line(title: Message, text: str) -> str:
    return f"{pad(both(title), HEAD_WIDTH)}{text}"


def _effects(report: Report) -> Iterator[str]:
    comparison = report.comparison
    rows = [(*map(both, (Message("Effect"), Message("Current"), Message("Candidate"), Message("Change"))), "")]
    for figure in figures(comparison.current.performance, comparison.candidate.performance, comparison.guideline):
        verdict = both(VERDICTS[figure.verdicts[1]]) if figure.verdicts else ""
        rows.append(
            (
                both(figure.name),
                figure.current,
                figure.candidate,
                figure.change,
                verdict,
            )
        )
    return table(rows, "<>>><", () if report.candidate else (2, 3))


def _conditions(report: Report) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        tuple(map(both, (Message("Rule"), Message("Current"), Message("Candidate"), *DIFFERENCES.values())))
    ]
    for name in report.shown[:MOST_CONDITIONS_IN_TEXT]:
        pairs = report.by_condition.get(name, [])
        counts = [str(sum(pair.difference == kind for pair in pairs) or "") for kind in DIFFERENCES]
        current, candidate = report.of(name)
        rows.append((name, str(current.alarms), str(candidate.alarms), *counts))
    yield from table(rows, "<>>>>>>>", () if report.candidate else range(2, 8))
    yield from _more(len(report.shown) - MOST_CONDITIONS_IN_TEXT)


def _pairs(report: Report) -> Iterator[str]:
    comparison = report.comparison
    unequal = differing(comparison.pairs)
    rows: list[tuple[str, ...]] = [
        (
            *map(both, (Message("Differences"), Message("Start"), Message("Current"))),
            "",
            both(Message("Candidate")),
            "",
            "",
            both(Message("Shift")),
        )
    ]
    rows += [
        (
            pair.condition,
            moment(pair.start, report.zone, "%m-%d %H:%M:%S"),
            str(len(pair.current) or ""),
            minutes_of(stood(pair.current, comparison)) if pair.current else NONE,
            str(len(pair.candidate) or ""),
            minutes_of(stood(pair.candidate, comparison)) if pair.candidate else NONE,
            both(difference(pair)),
            shift_of(pair.shift),
        )
        for pair in unequal[:MOST_PAIRS]
    ]
    yield from table(rows, "<<>>>><>")
    yield from _more(len(unequal) - MOST_PAIRS)


def _forecasts(report: Report) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        (both(Message("Forecasts")), "", *(both(words) for words in FORECAST_HEADINGS.values()), both(WHY))
    ]
    rows += [(row.limit, both(row.side), *row.numbers.values(), both(row.why)) for row in forecast_rows(report)]
    yield from table(rows, "<<>>>>>>>><", () if report.candidate else (1,))


def _incidents(report: Report) -> Iterator[str]:
    left = report.comparison.left_out
    count = len(report.comparison.incidents) + left
    title = both(Message("Labelled incidents"))
    out = both(Message("{left} of {count} left out: not in the period", left=left, count=count))
    if not report.comparison.incidents:
        yield f"{title}: {out if left else both(Message('none'))}"
        return
    rows = [(title, *map(both, (Message("Start"), Message("Current lead"), Message("Candidate lead"))), "")]
    rows += [
        (
            f"{item.incident.hazard_source}: {item.incident.what}",
            moment(item.incident.start, report.zone),
            both(lead(item.current)),
            both(lead(item.candidate)),
            both(effect(item)),
        )
        for item in report.comparison.incidents
    ]
    yield from table(rows, "<<>><", () if report.candidate else (3, 4))
    if left:
        yield out


def _gate(report: Report) -> Iterator[str]:
    ruling = RULINGS["pass" if report.passed else "refused"]
    rows = [(both(Message("Gate")), " -> ".join(report.versions), both(ruling))]
    rows += [(f"  {both(row.title)}", both(row.found), both(RULINGS[row.ruling])) for row in report.gate]
    head, *lines = table(rows, "<><")
    yield head
    for line, row in zip(lines, report.gate, strict=True):
        yield line
        for note in row.notes:
            yield from (f"    {line}" for line in dict.fromkeys((chinese(note), str(note))))


def _more(count: int) -> Iterator[str]:
    if count > 0:
        yield f"… {both(Message('{count} more', count=count))}"
