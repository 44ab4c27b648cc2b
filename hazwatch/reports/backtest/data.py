"""The report of a back-test as JSON for other tools; docs/en/backtest.md describes the fields."""

from dataclasses import asdict
from typing import Any

import orjson

from hazwatch.reports.backtest.forecasts import Scores
from hazwatch.reports.backtest.report import Report
from rules import Outcome


def report_json(report: Report) -> bytes:
    """Return the report; times are in ns UTC, durations in ns."""
    both = report.comparison
    document = {
        "site": report.config.site.id,
        "start": both.start,
        "end": both.end,
        "recorded": both.recorded,
        "samples": report.samples,
        "current": _outcome(report, both.current, report.forecasts[0]),
        "candidate": _outcome(report, both.candidate, report.forecasts[1]) if report.candidate else None,
        "changed": report.changed,
        "pairs": [
            {
                "condition": pair.condition,
                "difference": pair.difference,
                "shift": pair.shift,
                "current": [[episode.start, episode.end] for episode in pair.current],
                "candidate": [[episode.start, episode.end] for episode in pair.candidate],
            }
            for pair in both.pairs
        ],
        "left_out": both.left_out,
        "incidents": [
            asdict(item.incident) | {"current": item.current, "candidate": item.candidate, "lost": item.lost}
            for item in both.incidents
        ],
        "gate": _gate(report) if report.gate else None,
        "warnings": report.warnings,
        "damages": [
            {
                "day": damage.day,
                "start": damage.start,
                "end": damage.end,
                "points": damage.points,
                "what": damage.what,
            }
            for damage in report.record.damages
        ],
    }
    if report.record.head is not None:
        number, digest = report.record.head
        document["journal"] = {"number": number, "hash": digest}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _gate(report: Report) -> dict[str, Any]:
    checks = [
        {"name": row.name} | row.facts | {"passed": row.ruling != "refused", "warning": row.ruling == "warning"}
        for row in report.gate
    ]
    return {"versions": report.versions, "passed": report.passed, "checks": checks}


def _outcome(report: Report, outcome: Outcome, forecasts: Scores) -> dict[str, Any]:
    ratings = outcome.performance.ratings(report.comparison.guideline)
    return (
        {"rules": outcome.rules}
        | asdict(outcome.performance)
        | {"ratings": [asdict(rating) | {"verdict": rating.verdict} for rating in ratings]}
        | {"episodes": [asdict(episode) for episode in outcome.episodes]}
        | {"forecasts": [asdict(score) | {"given": score.given} for score in forecasts.values()]}
    )
