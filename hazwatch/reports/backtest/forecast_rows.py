"""How the reports write what forecasts would have been worth, row by row."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from hazwatch.reports.backtest.report import Report
from hazwatch.words.reports import NONE, Words
from rules import ForecastScore, NoForecastReason

FORECAST_HEADINGS: Final[Mapping[str, Words]] = {
    "asked": Words("次数", "asked"),
    "given": Words("有预测", "given"),
    "inside": Words("区间内", "inside"),
    "earlier": Words("偏早", "earlier"),
    "later": Words("偏晚或未到", "later or never"),
    "unknown": Words("不明", "not known"),
    "crossed": Words("达到", "reached"),
    "without": Words("其中无预测", "without"),
}
WHY: Final = Words("无预测的原因", "why none")
REASON_WORDS: Final[Mapping[NoForecastReason, Words]] = {
    "calculated": Words("计算测点", "calculated"),
    "doubt": Words("存疑", "in doubt"),
    "few": Words("样本太少", "too few"),
    "reached": Words("已达到", "there already"),
    "one_sided": Words("超量程", "over range"),
    "uncertain": Words("可疑", "uncertain"),
    "flat": Words("不显著", "not significant"),
    "far": Words("太远", "too far"),
}
SIDE_WORDS: Final = (Words("现行", "current"), Words("候选", "candidate"))


class ForecastRow(NamedTuple):
    """One limit of one rule-set: its numbers, by the keys of `FORECAST_HEADINGS`, and why there was no forecast."""

    limit: str
    side: Words
    numbers: dict[str, str]
    why: Words


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


def _why(given: ForecastScore) -> Words:
    """Say why there was no forecast, the most frequent reason first."""
    ranked = sorted(given.reasons.items(), key=lambda item: -item[1])
    zh, en = ([f"{REASON_WORDS[reason][side]} {count}" for reason, count in ranked] for side in (0, 1))
    return Words(", ".join(zh) or NONE, ", ".join(en) or NONE)


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.0%})".replace("%", " %") if whole else f"{part:,}"
