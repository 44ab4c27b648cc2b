"""The report of a back-test as one HTML file without scripts or other files."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from hazwatch.reports.backtest.forecast_rows import FORECAST_HEADINGS, WHY, forecast_rows
from hazwatch.reports.backtest.html import both, effects, heads, note, table, wide_table
from hazwatch.reports.backtest.report import Report
from hazwatch.reports.backtest.section import Section
from hazwatch.reports.backtest.words import DIFFERENCES, Ruling, effect, figures, lead
from hazwatch.words import both as bilingual
from hazwatch.words.damages import damage_message
from hazwatch.words.messages import chinese
from hazwatch.words.numbers import NONE, moment, period_of
from plant import Message, Text

STYLE: Final = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
MOST_CONDITIONS_ON_PAGE: Final = 30
# Doubt is hatched rather than coloured, so that it shows in print and to colour-blind readers.
DOUBT: Final = (
    '<svg width="0" height="0" style="position:absolute"><defs><pattern id="doubt" width="20" height="40" '
    'patternUnits="userSpaceOnUse"><path d="M0 40 20 0" stroke="currentColor" opacity=".6"/>'
    "</pattern></defs></svg>"
)


def report_page(report: Report) -> str:
    """Return the page in both languages, with a dark and a light theme."""
    shown = report.shown[:MOST_CONDITIONS_ON_PAGE]
    sections = "".join(Section(report, name, f"c{number}").html() for number, name in enumerate(shown))
    overview = _overview(report, shown)
    overview += _forecasts(report)
    article = sections + overview if len(shown) == 1 else overview + sections
    name = escape(report.config.site.name)
    comparison = report.comparison
    begin, end = (moment(time, report.zone) for time in (comparison.start, comparison.end))
    period = f"{begin} – {end} ({escape(report.config.site.timezone)})"
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{name} {bilingual(TITLE)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style>{DOUBT}"
        f"<header><h1>{name}<span>{both(Message('Back-test'))}</span></h1><p>{period}</p>{LANGUAGES}</header>"
        f"<main><article>{article}</article><aside>{_aside(report)}</aside></main></html>\n"
    )


# Two radio buttons and CSS switch the language: the page must work without scripts, as mail filters remove them.
LANGUAGES: Final = (
    f'<fieldset class="lang" aria-label="{bilingual(Message("language"))}">'
    f'<input type="radio" name="lang" id="zh" checked><label for="zh">{chinese(Message("EN"))}</label>'
    f'<input type="radio" name="lang" id="en"><label for="en">{Message("EN")}</label></fieldset>'
)


TITLE: Final = Message("Back-test")
LOOKS: Final[dict[Ruling, str]] = {"pass": "", "warning": "warn", "refused": "no"}


def _overview(report: Report, shown: list[str]) -> str:
    comparison = report.comparison
    length = period_of(comparison.recorded)
    files = escape(report.config.path.name)
    if report.candidate:
        files = f"{escape(report.candidate.path.name)} {both(Message('against'))} {files}"
    record = Message(
        "{length} of record · {samples:,} samples · played in {seconds:.2f} s",
        length=length,
        samples=report.samples,
        seconds=report.seconds,
    )
    rows = figures(comparison.current.performance, comparison.candidate.performance, comparison.guideline)
    title = both(Message("All rules"))
    return (
        f"<section><h2>{title}<small>{files} · {both(record)}</small></h2>"
        f'<div class="cmp half">{_by_condition(report, shown)}{effects(rows, two=report.candidate is not None)}</div>'
        "</section>"
    )


def _forecasts(report: Report) -> str:
    if not any(report.forecasts):
        return ""
    title = both(Message("Forecasts"))
    what = both(Message("90 % intervals at each raise and every window while it stands, against when the value came"))
    numbers = [(words, "n") for words in FORECAST_HEADINGS.values()]
    head = [(Message("Rule"), "wrap"), (Message("Rules"), ""), *numbers, (WHY, "")]
    rows = [[escape(row.limit), both(row.side), *row.numbers.values(), both(row.why)] for row in forecast_rows(report)]
    return f'<section><h2>{title}<small>{what}</small></h2><div class="cmp">{wide_table(head, rows)}</div></section>'


def _by_condition(report: Report, shown: list[str]) -> str:
    candidate = [(Message("Candidate"), "n"), (Message("Differences"), "")] if report.candidate else []
    rows = []
    for number, name in enumerate(shown):
        old, new = report.of(name)
        more = (
            f'<td class="n">{new.alarms:,}</td><td>{both(_differences(report, name))}</td>' if report.candidate else ""
        )
        link = f'<a href="#c{number}">{escape(name)}</a>'
        rows.append(f'<tr><td class="wrap">{link}</td><td class="n">{old.alarms:,}</td>{more}</tr>')
    left = len(report.shown) - len(shown)
    remark = note(Message("{left} more rules differ", left=left)) if left else ""
    if not rows:
        remark = note(Message("No alarms, and no differences"))
    return f"<div>{table(heads((Message('Rule'), ''), (Message('Current'), 'n'), *candidate), rows)}{remark}</div>"


def _differences(report: Report, name: str) -> Message:
    pairs = report.by_condition.get(name, [])
    counts = {kind: sum(pair.difference == kind for pair in pairs) for kind in DIFFERENCES if kind != "same"}
    parts = [
        Message("{count} {difference}", count=count, difference=DIFFERENCES[kind])
        for kind, count in counts.items()
        if count
    ]
    joined = sum(len(pair.current) for pair in pairs if len(pair.current) > len(pair.candidate) > 0)
    if joined:
        parts.append(Message("{count} joined", count=joined))
    return Message("{parts}", parts=tuple(parts) or NONE)


def _aside(report: Report) -> str:
    return (
        "".join(_versions(report))
        + "".join(_gate(report))
        + "".join(_incidents(report))
        + "".join(_laws(report))
        + "".join(_standing(report))
        + "".join(_damages(report))
        + "".join(_journal(report))
        + "".join(_warnings(report))
    )


def _versions(report: Report) -> Iterator[str]:
    yield f"<section><h3>{both(Message('Versions'))}</h3>"
    for side in report.sides:
        rules, presentation = both(Message("Rules")), both(Message("presentation"))
        yield (
            f'<p class="law">{both(side.title)} · {escape(side.config.path.name)}<br>'
            f"{rules} {side.rules}<br>{presentation} {side.presentation}</p>"
        )
    yield "</section>"


def _gate(report: Report) -> Iterator[str]:
    if not report.gate:
        return
    verdict = Message("Passed") if report.passed else Message("Refused")
    yield f"<section><h3>{both(Message('Gate'))}</h3>"
    yield f'<span class="verdict {"yes" if report.passed else "no"}">{both(verdict)}</span><ul class="gate">'
    for row in report.gate:
        yield f'<li><span>{both(row.title)}</span> <b class="{LOOKS[row.ruling]}">{both(row.found)}</b></li>'
        yield from (f'<li class="law">{both(words)}</li>' for words in row.notes)
    yield "</ul></section>"


def _incidents(report: Report) -> Iterator[str]:
    if not report.comparison.incidents:
        return
    yield f'<section><h3>{both(Message("Warning of labelled incidents"))}</h3><ul class="gate">'
    for item in report.comparison.incidents:
        when = moment(item.incident.start, report.zone, "%m-%d %H:%M")
        leads = [both(lead(item.current))]
        if report.candidate:
            leads += [" → ", both(lead(item.candidate)), "<br>", both(effect(item))]
        yield f"<li><span>{when} {escape(item.incident.what)}</span> <b>{''.join(leads)}</b></li>"
    yield "</ul></section>"


def _laws(report: Report) -> Iterator[str]:
    """Yield the basis of each limit that no row of the gate quotes."""
    names = set(report.changed or report.shown[:MOST_CONDITIONS_ON_PAGE])
    quoted = {item.legal.id for item in report.asked} if report.gate else set()
    limits = [limit for limit in report.judged.rules.limits if limit.id in names - quoted]
    bases = dict.fromkeys(Text(limit.basis, limit.basis_en or limit.basis) for limit in limits if limit.basis)
    if bases:
        yield f"<section><h3>{both(Message('Basis'))}</h3>"
        yield from (f'<p class="law">{both(words)}</p>' for words in bases)
        yield "</section>"


def _standing(report: Report) -> Iterator[str]:
    changed = set(report.changed)
    stands = [e.condition for e in report.comparison.current.episodes if e.end is None and e.condition in changed]
    if not stands:
        return
    words = Message(
        "Standing at the end: {names}. The edit neither clears nor raises them; the next sample is judged anew.",
        names=tuple(stands),
    )
    title = Message("Alarms that stand")
    yield f"<section><h3>{both(title)}</h3><p>{both(words)}</p></section>"


def _damages(report: Report) -> Iterator[str]:
    if report.record.damages:
        yield f"<section><h3>{both(Message('Not evaluated: the history is damaged'))}</h3>"
        messages = (damage_message(damage, report.zone) for damage in report.record.damages)
        yield from (f'<p class="law">{escape(both(message))}</p>' for message in messages)
        yield "</section>"


def _journal(report: Report) -> Iterator[str]:
    if report.record.head is not None:
        number, digest = report.record.head
        words = Message("record {number}, hash {digest}", number=number, digest=digest)
        yield f"<section><h3>{both(Message('Journal'))}</h3><p>{both(words)}</p></section>"


def _warnings(report: Report) -> Iterator[str]:
    if report.warnings:
        yield f"<section><h3>{both(Message('Warnings of check'))}</h3>"
        yield from (f'<p class="law">{escape(warning)}</p>' for warning in report.warnings)
        yield "</section>"
