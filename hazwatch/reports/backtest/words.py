"""The words of the report for differences, figures, warnings and rulings."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from hazwatch.words.numbers import MINUS, minutes_of, signed
from plant import Message, Text
from plant.units import HOUR, SECOND
from rules import FEATURES, Check, Comparison, Episode, FeatureName, Guideline, Pair, Performance, Verdict, Warned

MOST_PAIRS: Final = 12
"""Largest number of alarms that differ which a report lists for one condition."""
DIFFERENCES: Final[Mapping[str, Message]] = {
    "added": Message("added"),
    "removed": Message("removed"),
    "earlier": Message("earlier"),
    "later": Message("later"),
    "same": Message("same"),
}
VERDICTS: Final[Mapping[Verdict, Message]] = {
    "target": Message("on target"),
    "acceptable": Message("manageable"),
    "exceeded": Message("too many"),
}


Ruling = Literal["pass", "warning", "refused"]
"""Answers of the gate; a warning passes."""
RULINGS: Final[Mapping[Ruling, Message]] = {
    "pass": Message("pass"),
    "warning": Message("warning"),
    "refused": Message("refused"),
}


def feature_name(name: FeatureName) -> Text:
    """Return the name of a feature."""
    return Text(FEATURES[name].chinese, name)


class Figure(NamedTuple):
    """One line of the table of figures."""

    key: str
    name: Message
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


def figure_names(guideline: Guideline) -> dict[str, Message]:
    """Return the names of the figures with their targets."""
    hour, ten = guideline.per_hour, guideline.per_ten_minutes
    flood, share = guideline.flood_begins, _percent(guideline.flood_share)
    short, long = minutes_of(guideline.fleeting), f"{guideline.standing / HOUR:g} h"
    return {
        "alarms": Message("Alarms"),
        "per_hour": Message("Per hour (target {target:g}, max {most:g})", target=hour[0], most=hour[1]),
        "per_ten_minutes": Message("Per 10 min (target {target:g}, max {most:g})", target=ten[0], most=ten[1]),
        "busiest": Message("Busiest 10 min"),
        "over": Message("10 min with more than {flood} (max {share})", flood=flood, share=share),
        "floods": Message("Floods"),
        "flood_share": Message("Time in flood (max {share})", share=share),
        "fleeting": Message("Shorter than {short}", short=short),
        "chattering": Message("Chattering rules"),
        "standing": Message("Standing for more than {long}", long=long),
        "minutes": Message("Time in alarm"),
    }


def _number(name: str, performance: Performance) -> float:
    figure = getattr(performance, name)
    return len(figure) if isinstance(figure, tuple) else figure


def _written(name: str, performance: Performance) -> str:
    number = _number(name, performance)
    if name in ("over", "flood_share"):
        return _percent(number)
    if name == "minutes":
        return minutes_of(round(number * 60 * SECOND))
    if 0 < number < 1:
        return f"{number:.2g}"
    return f"{number:,.1f}" if isinstance(number, float) else f"{number:,}"


def _change(current: float, candidate: float) -> str:
    if round(current, 6) == round(candidate, 6):
        return ""
    if current == 0:
        return signed(f"{candidate:+,.0f}")
    share = (candidate - current) / current
    return signed(f"{share:+.0%}" if abs(share) >= 0.01 else f"{share:+.1%}").replace("%", " %")


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def difference(pair: Pair) -> Message:
    """Describe the difference between two groups of episodes."""
    many, few = len(pair.current), len(pair.candidate)
    words = DIFFERENCES[pair.difference]
    if not many or not few or many == few:
        return words
    joined = Message("{many} joined", many=many) if many > few else Message("{few} apart", few=few)
    return joined if pair.shift == 0 else Message("{what}, {when}", what=joined, when=words)


def stood(episodes: tuple[Episode, ...], comparison: Comparison) -> int:
    """Return how long the episodes stood within the period. [ns]."""
    return sum(episode.stood(comparison.start, comparison.end) for episode in episodes)


CHECKS: Final = {
    "missed": Message("Labelled incidents missed"),
    "lead_loss": Message("Lead time lost"),
    "alarms_per_hour": Message("Alarms per hour"),
}


def check_numbers(check: Check) -> tuple[str, str]:
    """Write the result of a check and its limit."""
    if check.name == "lead_loss":
        return minutes_of(int(check.found)), minutes_of(int(check.most))
    if check.name == "missed":
        return f"{check.found:.0f}", f"{check.most:.0f}"
    return f"{check.found:.1f}", f"{check.most:g}"


def lead(warning: int | None) -> Message:
    """Write the lead time of a warning before an incident."""
    if warning is None:
        return Message("missed")
    text = f"{MINUS if warning < 0 else ''}{minutes_of(abs(warning))}"
    return Message("{text}", text=text)


def effect(item: Warned) -> Message:
    """Describe the effect of a candidate on the warning of an incident."""
    if item.current is None or item.candidate is None:
        if item.current == item.candidate:
            return Message("missed by both")
        return Message("warned of now") if item.current is None else Message("no longer warned of")
    if item.is_missed:
        return Message("no longer as grave")
    if item.lost > 0:
        text = minutes_of(item.lost)
        return Message("{text} lost", text=text)
    text = minutes_of(item.candidate - item.current)
    return Message("unchanged") if item.candidate == item.current else Message("{text} gained", text=text)


def differing(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs that differ between the rule-sets, those with most episodes first."""
    unequal = [pair for pair in pairs if pair.difference != "same" or len(pair.current) != len(pair.candidate)]
    return sorted(unequal, key=lambda pair: (-len(pair.current) - len(pair.candidate), pair.start))
