"""The scores of forecasts as rows of a report."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hazwatch.reports.backtest.report import Report
from hazwatch.words.numbers import NONE
from plant import Message
from rules import ForecastScore, NoForecastReason

FORECAST_HEADINGS: Final[Mapping[str, Message]] = {
    "asked": Message("asked"),
    "given": Message("given"),
    "inside": Message("inside"),
    "earlier": Message("too early"),
    "later": Message("later or never"),
    "unknown": Message("undecided"),
    "crossed": Message("reached"),
    "without": Message("without"),
}
WHY: Final = Message("why none")
REASON_WORDS: Final[Mapping[NoForecastReason, Message]] = {
    "calculated": Message("calculated"),
    "doubt": Message("in doubt"),
    "few": Message("too few"),
    "reached": Message("there already"),
    "one_sided": Message("over range"),
    "uncertain": Message("uncertain"),
    "flat": Message("not significant"),
    "far": Message("too far"),
}
SIDE_WORDS: Final = (Message("current"), Message("candidate"))


class ForecastRow(NamedTuple):
    """The score of one limit under one rule-set; `numbers` has the keys of `FORECAST_HEADINGS`."""

    limit: str
    side: Message
    numbers: dict[str, str]
    why: Message


def forecast_rows(report: Report) -> Iterator[ForecastRow]:
    """Yield the rows of every limit with forecasts, one per rule-set."""
    sides = list(zip(SIDE_WORDS, report.forecasts, strict=True))[: 2 if report.candidate else 1]
    for name in dict.fromkeys(name for _, scores in sides for name in scores):
        for side, scores in sides:
            if name in scores:
                yield ForecastRow(name, side, _numbers(scores[name]), _why(scores[name]))


def _numbers(score: ForecastScore) -> dict[str, str]:
    """Write the numbers of a score, with their shares."""
    return {
        "asked": f"{score.asked:,}",
        "given": _share(score.given, score.asked),
        "inside": _share(score.inside, score.judged),
        "earlier": _share(score.earlier, score.judged),
        "later": _share(score.later, score.judged),
        "unknown": f"{score.unknown:,}",
        "crossed": f"{score.crossed:,}",
        "without": _share(score.without, score.crossed),
    }


def _why(score: ForecastScore) -> Message:
    """Return the reasons for missing forecasts, the most frequent first."""
    ranked = sorted(score.reasons.items(), key=lambda item: -item[1])
    counts = tuple(Message("{reason} {count}", reason=REASON_WORDS[reason], count=count) for reason, count in ranked)
    return Message("{counts}", counts=counts or NONE)


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.0%})".replace("%", " %") if whole else f"{part:,}"
