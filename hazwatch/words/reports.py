"""What the reports say in both languages, and how they write numbers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from plant import Level, write_duration
from plant.units import HOUR, MICROSECOND, MINUTE, MS, SECOND
from rules import FEATURES, Check, Comparison, Episode, FeatureName, Guideline, Pair, Performance, Verdict, Warned

LONG: Final = 100 * HOUR
"""What is longer is written in hours. [ns]"""
UNITS: Final = (("min", MINUTE), ("s", SECOND), ("ms", MS), ("µs", MICROSECOND), ("ns", 1))
"""Units of what is shorter. [ns]"""
MINUS: Final = "\N{MINUS SIGN}"
NONE: Final = "\N{EM DASH}"


class Words(NamedTuple):
    """A text in Chinese and in English."""

    zh: str
    en: str


LEVELS: Final[Mapping[Level, Words]] = {
    Level.RED: Words("红", "red"),
    Level.ORANGE: Words("橙", "orange"),
    Level.YELLOW: Words("黄", "yellow"),
    Level.BLUE: Words("蓝", "blue"),
}
DIFFERENCES: Final[Mapping[str, Words]] = {
    "added": Words("新增", "added"),
    "removed": Words("取消", "removed"),
    "earlier": Words("提前", "earlier"),
    "later": Words("推迟", "later"),
    "same": Words("相同", "same"),
}
VERDICTS: Final[Mapping[Verdict, Words]] = {
    "target": Words("达标", "on target"),
    "acceptable": Words("可接受", "manageable"),
    "exceeded": Words("超限", "too many"),
}


Ruling = Literal["pass", "warning", "refused"]
"""The answer of the gate; a warning passes."""
RULINGS: Final[Mapping[Ruling, Words]] = {
    "pass": Words("通过", "pass"),
    "warning": Words("注意", "warning"),
    "refused": Words("不通过", "refused"),
}


def feature_words(name: FeatureName) -> Words:
    """Return what a feature is called."""
    return Words(FEATURES[name].chinese, name)


def bilingual(words: Words) -> str:
    """Write both languages, one after the other; no more than once where they are the same."""
    return words.zh if words.zh == words.en else f"{words.zh} {words.en}"


class Figure(NamedTuple):
    """One line of the table of effects."""

    key: str
    name: Words
    current: str
    candidate: str
    change: str
    verdicts: tuple[Verdict, Verdict] | None


def figures(current: Performance, candidate: Performance, guideline: Guideline) -> list[Figure]:
    """Return the figures of two rule-sets side by side."""
    both = zip(current.ratings(guideline), candidate.ratings(guideline), strict=True)
    rated = {old.figure: (old.verdict, new.verdict) for old, new in both}
    names = figure_names(guideline)
    return [
        Figure(
            name,
            names[name],
            _written(name, current),
            _written(name, candidate),
            _change(_number(name, current), _number(name, candidate)) if name in CHANGES else "",
            rated.get(name),
        )
        for name in names
    ]


CHANGES: Final = ("alarms", "minutes", "fleeting", "floods")


def figure_names(guideline: Guideline) -> dict[str, Words]:
    """Return what the figures are called, with what they are measured against."""
    hour, ten = guideline.per_hour, guideline.per_ten_minutes
    flood, share = guideline.flood_begins, _percent(guideline.flood_share)
    short, long = minutes_of(guideline.fleeting), f"{guideline.standing / HOUR:g} h"
    return {
        "alarms": Words("报警次数", "Alarms"),
        "per_hour": Words(
            f"每小时 (目标 {hour[0]:g}, 限 {hour[1]:g})", f"Per hour (target {hour[0]:g}, max {hour[1]:g})"
        ),
        "per_ten_minutes": Words(
            f"每 10 min (目标 {ten[0]:g}, 限 {ten[1]:g})", f"Per 10 min (target {ten[0]:g}, max {ten[1]:g})"
        ),
        "busiest": Words("最忙的 10 min", "Busiest 10 min"),
        "over": Words(f"超过 {flood} 次的 10 min (限 {share})", f"10 min with more than {flood} (max {share})"),
        "floods": Words("报警泛滥", "Floods"),
        "flood_share": Words(f"泛滥占时 (限 {share})", f"Time in flood (max {share})"),
        "fleeting": Words(f"短于 {short} 的报警", f"Shorter than {short}"),
        "chattering": Words("抖动的规则", "Chattering rules"),
        "standing": Words(f"超过 {long} 的报警", f"Standing for more than {long}"),
        "minutes": Words("报警总时长", "Time in alarm"),
    }


def _number(name: str, given: Performance) -> float:
    found = getattr(given, name)
    return len(found) if isinstance(found, tuple) else found


def _written(name: str, given: Performance) -> str:
    number = _number(name, given)
    if name in ("over", "flood_share"):
        return _percent(number)
    if name == "minutes":
        return minutes_of(round(number * 60 * SECOND))
    return f"{number:.2g}" if 0 < number < 1 else f"{number:,.1f}" if isinstance(number, float) else f"{number:,}"


def _change(current: float, candidate: float) -> str:
    if round(current, 6) == round(candidate, 6):
        return ""
    if current == 0:
        return signed(f"{candidate:+,.0f}")
    share = (candidate - current) / current
    return signed(f"{share:+.0%}" if abs(share) >= 0.01 else f"{share:+.1%}").replace("%", " %")


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def signed(text: str) -> str:
    """Write the sign of a number as print does."""
    return text.replace("-", MINUS)


def decimal(number: float) -> str:
    """Write a number of a site file."""
    return np.format_float_positional(number, trim="0") if 1e-4 <= abs(number) < 1e15 or number == 0 else repr(number)


def duration(nanoseconds: int) -> str:
    """Write a duration of a site file; a minute is no metre."""
    text = write_duration(nanoseconds)
    number = text.rstrip("dhmsun")
    unit = text[len(number) :]
    return f"{number} {'min' if unit == 'm' else unit}"


def minutes_of(nanoseconds: int) -> str:
    """Write how long something lasted, in the unit that people would use."""
    if nanoseconds >= LONG:
        return f"{nanoseconds / HOUR:,.0f} h"
    unit, size = next((item for item in UNITS if nanoseconds >= item[1]), UNITS[1])
    number = nanoseconds / size
    return f"{number:,.0f} {unit}" if number >= 99.5 or (unit == "min" and number >= 10) else f"{number:.3g} {unit}"


def period_of(nanoseconds: int) -> str:
    """Write how long a period is."""
    return f"{nanoseconds / HOUR:,.1f} h" if nanoseconds >= HOUR else minutes_of(nanoseconds)


def shift_of(shift: int | None) -> str:
    """Write how much later something begins."""
    if shift is None:
        return NONE
    text = minutes_of(abs(shift))
    return text if shift == 0 else f"{'+' if shift > 0 else MINUS}{text}"


def level_words(level: Level | str) -> Words:
    """Return what a level is called."""
    return LEVELS[Level(level)]


def difference(pair: Pair) -> Words:
    """Say what a candidate does to episodes."""
    many, few = len(pair.current), len(pair.candidate)
    words = DIFFERENCES[pair.difference]
    if not many or not few or many == few:
        return words
    joined = Words(f"合并 {many} 次", f"{many} joined") if many > few else Words(f"分成 {few} 次", f"{few} apart")
    return joined if pair.shift == 0 else Words(f"{joined.zh}, {words.zh}", f"{joined.en}, {words.en}")


def stood(episodes: tuple[Episode, ...], comparison: Comparison) -> int:
    """Return how long episodes stood within the period. [ns]."""
    return sum(episode.stood(comparison.start, comparison.end) for episode in episodes)


def moment(time: int, zone: ZoneInfo, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Write a time in the site's zone. [ns, UTC]."""
    return datetime.fromtimestamp(time // SECOND, zone).strftime(form)


CHECKS: Final = {
    "missed": Words("标注事件漏报", "Labelled incidents missed"),
    "lead_loss": Words("提前量损失", "Lead time lost"),
    "alarms_per_hour": Words("每小时报警", "Alarms per hour"),
}


def check_numbers(check: Check) -> tuple[str, str]:
    """Write what a check found, and the most that passes."""
    if check.name == "lead_loss":
        return minutes_of(int(check.found)), minutes_of(int(check.most))
    if check.name == "missed":
        return f"{check.found:.0f}", f"{check.most:.0f}"
    return f"{check.found:.1f}", f"{check.most:g}"


def lead(warning: int | None) -> Words:
    """Write how long before an incident there was a warning."""
    if warning is None:
        return Words("漏报", "missed")
    text = f"{MINUS if warning < 0 else ''}{minutes_of(abs(warning))}"
    return Words(text, text)


def effect(item: Warned) -> Words:
    """Say what a candidate does to the warning of an incident."""
    if item.current is None or item.candidate is None:
        if item.current == item.candidate:
            return Words("两者都漏报", "missed by both")
        return Words("新发现", "found") if item.current is None else Words("漏报", "no longer found")
    if item.is_missed:
        return Words("严重级别漏报", "no longer as grave")
    if item.lost > 0:
        text = minutes_of(item.lost)
        return Words(f"损失 {text}", f"{text} lost")
    text = minutes_of(item.candidate - item.current)
    return Words("不变", "unchanged") if item.candidate == item.current else Words(f"多 {text}", f"{text} gained")


def differing(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs that are not the same under both rule-sets, those of most episodes first."""
    found = [pair for pair in pairs if pair.difference != "same" or len(pair.current) != len(pair.candidate)]
    return sorted(found, key=lambda pair: (-len(pair.current) - len(pair.candidate), pair.start))
