"""How the reports write what forecasts would have been worth, row by row."""

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
    """One limit of one rule-set: its numbers, by the keys of `FORECAST_HEADINGS`, and why there was no forecast."""

    limit: str
    side: Message
    numbers: dict[str, str]
    why: Message


def forecast_rows(report: Report) -> Iterator[ForecastRow]:
    """Yield a row for every `projected` limit, under both rule-sets one after the other."""
    sides = list(zip(SIDE_WORDS, report.forecasts, strict=True))[: 2 if report.candidate else 1]
    for name in dict.fromkeys(name for _, scores in sides for name in scores):
        for side, scores in sides:
            if name in scores:
                yield ForecastRow(name, side, _numbers(scores[name]), _why(scores[name]))


def _numbers(given: ForecastScore) -> dict[str, str]:
    """Write a score, with shares of what the record tells of."""
    return {
        "asked": f"{given.asked:,}",
        "given": _share(given.given, given.asked),
        "inside": _share(given.inside, given.judged),
        "earlier": _share(given.earlier, given.judged),
        "later": _share(given.later, given.judged),
        "unknown": f"{given.unknown:,}",
        "crossed": f"{given.crossed:,}",
        "without": _share(given.without, given.crossed),
    }


def _why(given: ForecastScore) -> Message:
    """Say why there was no forecast, the most frequent reason first."""
    ranked = sorted(given.reasons.items(), key=lambda item: -item[1])
    counts = tuple(Message("{reason} {count}", reason=REASON_WORDS[reason], count=count) for reason, count in ranked)
    return Message("{counts}", counts=counts or NONE)


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.0%})".replace("%", " %") if whole else f"{part:,}"
