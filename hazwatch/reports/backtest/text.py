"""The report of a back-test as text for a terminal, headings in both languages."""

from collections.abc import Iterator
from typing import Final

from hazwatch.reports.backtest.forecast_rows import FORECAST_HEADINGS, WHY, forecast_rows
from hazwatch.reports.backtest.report import Report
from hazwatch.words.columns import table
from hazwatch.words.reports import (
    DIFFERENCES,
    NONE,
    RULINGS,
    VERDICTS,
    bilingual,
    difference,
    differing,
    effect,
    figures,
    lead,
    minutes_of,
    moment,
    period_of,
    shift_of,
    stood,
)

MOST_CONDITIONS_IN_TEXT: Final = 20
MOST_PAIRS: Final = 12


def report_text(report: Report) -> str:
    """Return the report, lines ended by line feeds."""
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
    both, zone = report.comparison, report.zone
    yield f"回测 / Back-test: {report.config.site.name}"
    length = period_of(both.recorded)
    yield f"期间 / period      {moment(both.start, zone)} - {moment(both.end, zone)} (实录 recorded {length})"
    yield f"现行 / current     {report.config.path}  {both.current.rules}"
    if report.candidate:
        yield f"候选 / candidate   {report.candidate.path}  {both.candidate.rules}"
    yield f"回放 / played      {report.samples:,} 个样本 samples, {report.seconds:.2f} s"
    if report.is_short:
        yield "注意 / note        不足 30 天, 指标仅供参考 / less than 30 days: the rates say little yet"
    yield from (f"检查 / check       {warning}" for warning in report.warnings)


def _effects(report: Report) -> Iterator[str]:
    both = report.comparison
    rows = [("效果 / Effect", "现行 current", "候选 candidate", "变化 change", "")]
    for figure in figures(both.current.performance, both.candidate.performance, both.guideline):
        verdict = bilingual(VERDICTS[figure.verdicts[1]]) if figure.verdicts else ""
        rows.append(
            (
                f"{figure.name.zh} / {figure.name.en}",
                figure.current,
                figure.candidate,
                figure.change,
                verdict,
            )
        )
    return table(rows, "<>>><", () if report.candidate else (2, 3))


def _conditions(report: Report) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        ("规则 / Rule", "现行 current", "候选 candidate", *(f"{words.zh} {words.en}" for words in DIFFERENCES.values()))
    ]
    for name in report.shown[:MOST_CONDITIONS_IN_TEXT]:
        pairs = report.by_condition.get(name, [])
        counts = [str(sum(pair.difference == kind for pair in pairs) or "") for kind in DIFFERENCES]
        current, candidate = report.of(name)
        rows.append((name, str(current.alarms), str(candidate.alarms), *counts))
    yield from table(rows, "<>>>>>>>", () if report.candidate else range(2, 8))
    yield from _more(len(report.shown) - MOST_CONDITIONS_IN_TEXT)


def _pairs(report: Report) -> Iterator[str]:
    both = report.comparison
    found = differing(both.pairs)
    rows: list[tuple[str, ...]] = [
        ("差异 / Differences", "开始 start", "现行 current", "", "候选 candidate", "", "", "起点差 shift")
    ]
    rows += [
        (
            pair.condition,
            moment(pair.start, report.zone, "%m-%d %H:%M:%S"),
            str(len(pair.current) or ""),
            minutes_of(stood(pair.current, both)) if pair.current else NONE,
            str(len(pair.candidate) or ""),
            minutes_of(stood(pair.candidate, both)) if pair.candidate else NONE,
            bilingual(difference(pair)),
            shift_of(pair.shift),
        )
        for pair in found[:MOST_PAIRS]
    ]
    yield from table(rows, "<<>>>><>")
    yield from _more(len(found) - MOST_PAIRS)


def _forecasts(report: Report) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        ("预测 / Forecasts", "", *(bilingual(words) for words in FORECAST_HEADINGS.values()), bilingual(WHY))
    ]
    rows += [
        (row.limit, bilingual(row.side), *row.numbers.values(), bilingual(row.why)) for row in forecast_rows(report)
    ]
    yield from table(rows, "<<>>>>>>>><", () if report.candidate else (1,))


def _incidents(report: Report) -> Iterator[str]:
    left = report.comparison.left_out
    count = len(report.comparison.incidents) + left
    out = f"{count} 个中有 {left} 个不在期间内 / {left} of {count} left out: not in the period"
    if not report.comparison.incidents:
        yield f"标注事件 / Labelled incidents: {out if left else '无 none'}"
        return
    rows = [("标注事件 / Labelled incidents", "开始 start", "现行提前 current lead", "候选提前 candidate lead", "")]
    rows += [
        (
            f"{item.incident.hazard_source}: {item.incident.what}",
            moment(item.incident.start, report.zone),
            bilingual(lead(item.current)),
            bilingual(lead(item.candidate)),
            bilingual(effect(item)),
        )
        for item in report.comparison.incidents
    ]
    yield from table(rows, "<<>><", () if report.candidate else (3, 4))
    if left:
        yield out


def _gate(report: Report) -> Iterator[str]:
    ruling = RULINGS["pass" if report.passed else "refused"]
    rows = [("门禁 / Gate", "", bilingual(ruling))]
    rows += [
        (f"  {row.title.zh} / {row.title.en}", bilingual(row.found), bilingual(RULINGS[row.ruling]))
        for row in report.gate
    ]
    head, *lines = table(rows, "<><")
    yield head
    for line, row in zip(lines, report.gate, strict=True):
        yield line
        for note in row.notes:
            yield f"    {note.zh}"
            yield f"    {note.en}"


def _more(count: int) -> Iterator[str]:
    if count > 0:
        yield f"… 还有 {count} 行 / {count} more"
