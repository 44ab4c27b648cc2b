"""Checks cases and plays them through the engine, each from the beginning."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final

import numpy as np

from ingest import Log, replay_log
from plant import (
    HEALTH_KINDS,
    Message,
    Point,
    PointTable,
    SampleBatch,
    Site,
    Trace,
    message_of,
    write_duration,
)
from plant.bounds import LONGEST_ID, MOST_CASE_TICKS, MOST_PLACES, MOST_PLACES_OF_ALL
from plant.duration import LONGEST_DURATION
from rules.engine.engine import Engine
from rules.engine.event import Event
from rules.spec.conditions import health_kind
from rules.spec.expression import inputs_of, parse_expression
from rules.spec.problems import Problem
from rules.spec.ruleset import RuleSet
from rules.study.cases.case import Case
from rules.study.cases.notation import Series, parse_series, places_of
from rules.study.cases.time_line import CaseResult, time_line

MOST_COMPARED: Final = 100
"""Number of unknown names for which a similar one is looked for: each is compared with all names of the site. [1]"""


class CaseBench:
    """Plays cases through one rule-set, each from the beginning.

    Parameters
    ----------
    rules : RuleSet
        Rules without problems.
    site : Site
        Site, for its tick period.

    References
    ----------
    docs/en/cases.md.

    """

    def __init__(self, rules: RuleSet, site: Site) -> None:
        self._points: Final = PointTable(rules.points)
        self._site: Final = site
        self._blank: Final = Engine(rules)
        self._points_of: Final = _points_of_conditions(rules)
        self._compared = 0
        self._places = 0
        self._arrival_timed: Final = np.zeros(len(rules.points), dtype=np.bool_)

    def problems(self, case: Case) -> list[Problem]:
        """Return the problems of a case: unknown names, words that cannot be read, times beyond its end."""
        return [*self._of_series(case), *self._of_expectations(case)]

    def play(self, case: Case) -> CaseResult:
        """Play a case without problems; the result depends on no other case."""
        # A copy of a blank engine is much cheaper than a new engine for each case.
        events = copy.copy(self._blank).evaluate(self.log(case))
        return CaseResult(case, time_line(case, [event for event in events if self._is_looked_at(case, event)]))

    def log(self, case: Case) -> Log:
        """Return the log that the engine reads: samples, and ticks from the start of the case to its end."""
        read = self._read(case)
        batch = SampleBatch.of(
            np.concatenate([np.full(len(series.place), self._points.column(name)) for name, series in read.items()]),
            case.start
            + np.concatenate([np.array(series.place, dtype=np.int64) for series in read.values()]) * case.period,
            [value for series in read.values() for value in series.value],
            quality=[quality for series in read.values() for quality in series.quality],
            state=[state for series in read.values() for state in series.state],
        )
        ticks = np.array([case.start, case.start + _end(case, read.values())], dtype=np.int64)
        # Samples before each tick: none before the first, all before the last.
        rows = np.array([0, len(batch)], dtype=np.int64)
        trace = Trace(batch, ticks, np.zeros_like(ticks), rows, has_arrivals=False)
        return replay_log(self._points, self._site, self._arrival_timed, trace)

    def _read(self, case: Case) -> dict[str, Series]:
        points = self._points
        return {name: parse_series(text, points[name].resolution) for name, text in case.series.items()}

    def _is_looked_at(self, case: Case, event: Event) -> bool:
        if case.conditions is not None:
            return event.condition in case.conditions
        if self._points_of[event.condition] <= case.series.keys():
            return True
        return any(event.condition == expected.condition for expected in case.expect)

    def _similar(self, name: str, known: Iterable[str]) -> str | None:
        """Return the most similar known name, for a number of names that takes no noticeable time."""
        self._compared += 1
        if self._compared > MOST_COMPARED or len(name) > LONGEST_ID:
            return None
        return next(iter(get_close_matches(name, known, n=1)), None)

    def _of_series(self, case: Case) -> Iterator[Problem]:
        places = sum(map(places_of, case.series.values()))
        self._places += places
        if places > MOST_PLACES or self._places > MOST_PLACES_OF_ALL:
            message = Message(
                "expected at most {most} places in all series of a case, and {all} in all cases",
                most=MOST_PLACES,
                all=MOST_PLACES_OF_ALL,
            )
            yield Problem(("case", case.name, "series"), message)
            return
        read = []
        for name, text in case.series.items():
            path = ("case", case.name, "series", name)
            point = self._points.get(name)
            if point is None:
                known = [known.id for known in self._points.points]
                yield Problem(path, _unknown_point(name, self._similar(name, known)), name)
            elif point.expression is not None:
                yield Problem(path, Message("it is calculated; expected series of {points}", points=_inputs(point)))
            try:
                read.append(parse_series(text, point.resolution if point else None))
            except ValueError as error:
                yield Problem(path, message_of(error))
        if len(read) == len(case.series):
            yield from self._of_times(case, read)

    def _of_times(self, case: Case, read: Iterable[Series]) -> Iterator[Problem]:
        last, end = _last(case, read), _end(case, read)
        if last > end:
            message = Message("the series last until {end}; expected that or more", end=write_duration(last))
            yield Problem(("case", case.name, "until"), message)
        if max(last, end) > LONGEST_DURATION or abs(case.start) > LONGEST_DURATION:
            message = Message(
                "expected a case within a hundred years of 1970, and not longer than {longest}",
                longest=write_duration(LONGEST_DURATION),
            )
            yield Problem(("case", case.name, "start"), message)
        elif max(last, end) > MOST_CASE_TICKS * self._site.tick_period:
            message = Message(
                "expected a case of at most {most} ticks, which end after {longest}",
                most=MOST_CASE_TICKS,
                longest=write_duration(MOST_CASE_TICKS * self._site.tick_period),
            )
            yield Problem(("case", case.name, "until"), message)
        for number, expected in enumerate(case.expect):
            if expected.at > end >= last:
                message = Message(
                    'the case ends at {end}; expected until = "{until}"',
                    end=write_duration(end),
                    until=write_duration(expected.at),
                )
                yield Problem(("case", case.name, "expect", str(number), "at"), message)

    def _of_expectations(self, case: Case) -> Iterator[Problem]:
        for number, name in enumerate(case.conditions or ()):
            yield from self._of_condition(("case", case.name, "conditions", str(number)), name)
        for number, expected in enumerate(case.expect):
            path = ("case", case.name, "expect", str(number), "condition")
            yield from self._of_condition(path, expected.condition)
            if case.conditions is not None and expected.condition not in case.conditions:
                message = Message('"{condition}": expected one of those in `conditions`', condition=expected.condition)
                yield Problem(path, message)

    def _of_condition(self, path: tuple[str, ...], name: str) -> Iterator[Problem]:
        if name not in self._points_of:
            yield Problem(path, _unknown_condition(name, self._similar(name, self._points_of)), name)


def _unknown_point(name: str, similar: str | None) -> Message:
    if similar is not None:
        return Message('no [[point]] has the id "{id}"; is "{similar}" meant?', id=name, similar=similar)
    return Message('no [[{table}]] has the id "{id}"', table="point", id=name)


def _unknown_condition(name: str, similar: str | None) -> Message:
    if similar is not None:
        return Message('no condition has the id "{id}"; is "{similar}" meant?', id=name, similar=similar)
    return Message('no condition has the id "{id}"', id=name)


def _inputs(point: Point) -> tuple[str, ...]:
    return inputs_of(parse_expression(point.expression)) if point.expression is not None else ()


def _last(case: Case, read: Iterable[Series]) -> int:
    """Return the time of the last place of the series. [ns since the start]."""
    return max(series.places - 1 for series in read) * case.period


def _end(case: Case, read: Iterable[Series]) -> int:
    """Return the end of the case. [ns since the start]."""
    return _last(case, read) if case.until is None else case.until


def _points_of_conditions(rules: RuleSet) -> Mapping[str, frozenset[str]]:
    """Return the points whose series a case must have so that it looks at a condition, for every condition.

    A condition needs the measured points on which it depends. The health of a calculated point needs the point itself,
    which never has a series: until all inputs have come it has faults that no case means.
    """
    conditions = rules.conditions

    @cache
    def measured(name: str) -> frozenset[str]:
        inputs = _inputs(conditions.point_of[name])
        return frozenset[str]().union(*map(measured, inputs)) if inputs else frozenset((name,))

    @cache
    def needed(name: str) -> frozenset[str]:
        condition = conditions[name]
        of_members = frozenset[str]().union(*map(needed, conditions.members(name)))
        if condition.point is None:
            return of_members
        kind = health_kind(name)
        if kind is None:
            return of_members | measured(condition.point)
        sister = HEALTH_KINDS[kind].value("sister", conditions.point_of[condition.point])
        return frozenset((condition.point,)) | (measured(sister) if isinstance(sister, str) else frozenset())

    return {name: needed(name) for name in conditions.evaluated}
