"""The section of one condition: rule, figures, trend with lanes, and pairs of episodes."""

from collections.abc import Iterator
from functools import cached_property
from html import escape
from typing import Final

from hazwatch.reports.backtest.chart import Axis, ChartLine, curve, lane, times
from hazwatch.reports.backtest.html import both, effects, heads, note, table, wide_table
from hazwatch.reports.backtest.report import Report
from hazwatch.reports.backtest.rule_rows import TITLES, rule_rows
from hazwatch.reports.backtest.words import MOST_PAIRS, Figure, difference, differing, figures, stood
from hazwatch.site.config import Config
from hazwatch.words.levels import LEVELS
from hazwatch.words.numbers import NONE, decimal, minutes_of, moment, shift_of
from plant import Level, Message, Point, SampleBatch, is_measured
from rules import FEATURES, Episode, Limit, Pair

OF_ALL: Final = frozenset(("busiest", "over", "floods", "flood_share", "chattering", "per_ten_minutes"))
"""Figures that only make sense for all rules together."""
SHAPES: Final = {
    "red": '<path d="M9 1 17 9 9 17 1 9Z"/>',
    "orange": '<path d="M9 2 17 16H1Z"/>',
    "yellow": '<circle cx="9" cy="9" r="7.5"/>',
    "blue": '<path d="M2 2H16V16H2Z"/>',
}


class Section:
    """One condition of a report."""

    def __init__(self, report: Report, name: str, anchor: str) -> None:
        self._report: Final = report
        self._name: Final = name
        self._anchor: Final = anchor
        self._comparison: Final = report.comparison
        self._two: Final = report.candidate is not None

    def html(self) -> str:
        """Return the section."""
        level = self._level
        title = escape(self._name if self._point is None else f"{self._point.name} · {self._name}")
        shape = f'<svg class="sym {level}" viewBox="0 0 18 18" aria-hidden="true">{SHAPES[level]}</svg>'
        return (
            f'<section id="{self._anchor}"><h2>{shape}{title}<small>{both(LEVELS[level])}</small></h2>'
            f'<div class="cmp">{self._numbers()}{effects(self._effects(), two=self._two)}</div>'
            f"{self._curve()}{self._lanes()}{self._pairs()}</section>"
        )

    @cached_property
    def _episodes(self) -> tuple[list[Episode], list[Episode]]:
        current, candidate = (
            [episode for episode in side.episodes if episode.condition == self._name]
            for side in (self._comparison.current, self._comparison.candidate)
        )
        return current, candidate

    @cached_property
    def _level(self) -> Level:
        for config in (self._report.judged, self._report.config):
            if self._name in config.rules.conditions.rules:
                return config.rules.conditions[self._name].level
        return self._point.health_level if self._point else Level.BLUE

    @cached_property
    def _config(self) -> Config | None:
        """Site file that has the point of the condition; None for a vote."""
        sides = (self._report.judged, self._report.config)
        return next((config for config in sides if self._point_in(config) is not None), None)

    @cached_property
    def _point(self) -> Point | None:
        if self._config is None:
            return None
        return self._point_in(self._config)

    def _point_in(self, config: Config) -> Point | None:
        conditions = config.rules.conditions
        point = conditions[self._name].point if self._name in conditions else None
        return None if point is None else config.points[point]

    @cached_property
    def _samples(self) -> SampleBatch:
        if self._config is None or self._point is None:
            return SampleBatch.concatenate(())
        return self._report.record.samples(self._config, self._point.id)

    def _numbers(self) -> str:
        report = self._report
        old = rule_rows(report.config, self._name)
        if report.candidate is None:
            rows = [f"<tr><td>{both(TITLES[key])}</td><td>{both(old[key])}</td></tr>" for key in old]
            return table(heads((Message("Rule"), ""), (Message("Current"), "")), rows)
        new, none = rule_rows(report.candidate, self._name), Message("{text}", text=NONE)
        rows = []
        for key in dict.fromkeys([*old, *new]):
            before, after = old.get(key, none), new.get(key, none)
            look = ' class="chg"' if before != after else ""
            rows.append(f"<tr{look}><td>{both(TITLES[key])}</td><td>{both(before)}</td><td>{both(after)}</td></tr>")
        return table(heads((Message("Rule"), ""), (Message("Current"), ""), (Message("Candidate"), "")), rows)

    def _effects(self) -> Iterator[Figure]:
        current, candidate = self._report.of(self._name)
        # The guideline rates an operator's whole load, so the figures of one condition carry no verdict.
        for figure in figures(current, candidate, self._comparison.guideline):
            if figure.key not in OF_ALL:
                yield figure._replace(verdicts=None)
        shifts = [pair.shift for pair in self._report.by_condition.get(self._name, ()) if pair.difference == "later"]
        if self._two:
            worst = max((shift for shift in shifts if shift is not None), default=0)
            name = Message("Raised later (at most, how often)")
            yield Figure("later", name, "", minutes_of(worst), str(len(shifts)), None)

    def _curve(self) -> str:
        if self._point is None:
            return ""
        if not len(self._samples):
            return note(Message("No samples of this point in the period"))
        lines = list(self._lines())
        return curve(self._samples, self._axis, stale_after=self._point.stale_after, lines=lines, unit=self._point.unit)

    @property
    def _axis(self) -> Axis:
        return Axis(self._comparison.start, self._comparison.end)

    def _lanes(self) -> str:
        current, candidate = self._episodes
        lanes = lane(current, self._axis, "e1" if self._two else f"e2 {self._level}", both(Message("Current")))
        if self._two:
            lanes += lane(candidate, self._axis, f"e2 {self._level}", both(Message("Candidate")))
        return lanes + times(self._axis, self._report.zone)

    def _lines(self) -> Iterator[ChartLine]:
        """Yield the candidate's limits in the colour of their level, and the changed limits in force in grey."""
        new = values(self._report.judged, self._name)
        for key, value in new.items():
            yield _line(key, value, str(self._level), NAMES[key])
        for key, value in values(self._report.config, self._name).items():
            if value not in new.values():
                words = NAMES[key]
                yield _line(key, value, "was", Message("current {line}", line=words))

    def _pairs(self) -> str:
        if not self._two:
            return ""
        pairs = self._report.by_condition.get(self._name, [])
        unequal = differing(pairs)
        if not unequal:
            return note(Message("All alarms are the same"))
        hidden, same = max(0, len(unequal) - MOST_PAIRS), len(pairs) - len(unequal)
        notes = [Message("{count} more differ", count=hidden)] if hidden else []
        if same:
            notes.append(Message("{count} are the same", count=same))
        return wide_table(PAIRS, map(self._row, unequal[:MOST_PAIRS])) + "".join(map(note, notes))

    def _row(self, pair: Pair) -> list[str]:
        cells = [moment(pair.start, self._report.zone, "%m-%d %H:%M:%S")]
        for episodes in (pair.current, pair.candidate):
            lasted = minutes_of(stood(episodes, self._comparison)) if episodes else NONE
            cells += [str(len(episodes) or NONE), lasted]
        return [*cells, both(difference(pair)), shift_of(pair.shift), self._span(pair)]

    def _span(self, pair: Pair) -> str:
        """Return the lowest and highest value while an episode of the pair stood."""
        ends = [self._comparison.end if e.end is None else e.end for e in (*pair.current, *pair.candidate)]
        first, last = self._samples.time.searchsorted([pair.start, max(ends)], side="left")
        seen = self._samples.take(slice(first, max(last, first + 1)))
        measured = seen.value[is_measured(seen.value, seen.quality, seen.state)]
        if not len(measured) or self._point is None:
            return NONE
        low, high = decimal(float(measured.min())), decimal(float(measured.max()))
        return f"{low if low == high else f'{low} … {high}'} {escape(self._point.unit)}"


PAIRS: Final = (
    (Message("Start"), "t"), (Message("Current"), "n"), (Message("Duration"), "n"),
    (Message("Candidate"), "n"), (Message("Duration"), "n"),
    (Message("Difference"), ""), (Message("Shift"), "n"), (Message("Values"), "n"),
)  # fmt: skip
NAMES: Final = {"set": Message("alarm"), "clear": Message("clear")}


def values(config: Config, name: str) -> dict[str, float]:
    """Return setpoint and clear of a limit that has the unit of its point."""
    limit = config.rules.conditions.rules.get(name)
    if not isinstance(limit, Limit) or not FEATURES[limit.feature].beside_values:
        return {}
    clear = float(limit.clears_at)
    return {"set": limit.setpoint} | ({"clear": clear} if clear != limit.setpoint else {})


def _line(key: str, value: float, look: str, words: Message) -> ChartLine:
    return ChartLine(value, f"{look} clear" if key == "clear" else look, f"{both(words)} {decimal(value)}")
