"""The numbers of a rule as rows, so that a report can show two rule-sets side by side."""

from collections.abc import Mapping
from typing import Final

from hazwatch.reports.backtest.words import feature_name
from hazwatch.site.config import Config
from hazwatch.words.levels import LEVELS
from hazwatch.words.numbers import decimal, duration
from plant import HEALTH_KINDS, Message, Point, PointTable
from plant.health_kinds import Value
from rules import FEATURES, Condition, Interlock, Limit, Vote, health_kind

RuleRows = dict[str, Message]
"""Texts by the key of the row; `TITLES` has the headings."""

TITLES: Final[Mapping[str, Message]] = {
    "feature": Message("Feature"),
    "high": Message("Setpoint (≥)"),
    "low": Message("Setpoint (≤)"),
    "clear_high": Message("Clear (<)"),
    "clear_low": Message("Clear (>)"),
    "on_delay": Message("On-delay"),
    "off_delay": Message("Off-delay"),
    "level": Message("Level · ticket"),
    "at_least": Message("At least"),
    "of": Message("Members"),
    "cut": Message("Cut"),
    "feed": Message("Feed point"),
    "within": Message("Within"),
    "stale_after": Message("Stale after"),
    "window": Message("Window"),
    "epsilon": Message("Range up to"),
    "limit": Message("Limit"),
    "with": Message("Compared with"),
    "duration": Message("Longest calibration"),
}
TICKET: Final = {True: Message("yes"), False: Message("no")}


def rule_rows(config: Config, condition: str) -> RuleRows:
    """Return the rows of a condition's rule; none if the site file has no such rule."""
    conditions = config.rules.conditions
    if condition not in conditions:
        return {}
    rule, level = conditions.rules.get(condition), LEVELS[conditions[condition].level]
    if rule is None:
        rows = _health(conditions[condition], config.points)
        return rows | {"level": level} if rows else {}
    rows = _limit(rule, config.points[rule.point]) if isinstance(rule, Limit) else _logic(rule)
    return rows | {"level": Message("{level} · {ticket}", level=level, ticket=TICKET[rule.ticket])}


def _limit(limit: Limit, point: Point) -> RuleRows:
    times = "" if limit.window is None else f" · {duration(limit.window)}"
    if limit.horizon is not None:
        times += f" → {duration(limit.horizon)}"
    if limit.tau is not None:
        times += f" · {duration(limit.tau)}"
    unit = f" {point.unit}" if point.unit else ""
    if FEATURES[limit.feature].per_time:
        unit += f"/{duration(limit.per_or_minute)}"
    return {
        "feature": Message("{feature}{times}", feature=feature_name(limit.feature), times=times),
        limit.direction: same(decimal(limit.setpoint) + unit),
        f"clear_{limit.direction}": same(decimal(float(limit.clears_at)) + unit),
        "on_delay": same(duration(limit.on_delay)),
        "off_delay": same(duration(limit.off_delay)),
    }


def _logic(rule: Vote | Interlock) -> RuleRows:
    if isinstance(rule, Vote):
        return {"at_least": same(f"{rule.at_least} / {len(rule.of)}"), "of": same(", ".join(rule.of))}
    return {"cut": same(rule.cut), "feed": same(rule.feed), "within": same(duration(rule.within))}


def _health(condition: Condition, points: PointTable) -> RuleRows:
    """Return the settings of a health condition; none if its point does not ask for it."""
    kind = health_kind(condition.id)
    if kind is None or condition.point is None:
        return {}
    point, row = points[condition.point], HEALTH_KINDS[kind]
    if not row.evaluated(point):
        return {}
    return {setting.title: same(_written(setting.of(point))) for setting in row.settings if setting.title}


def _written(value: Value) -> str:
    # Durations are whole nanoseconds; all other numbers of a point are floats.
    if isinstance(value, int):
        return duration(value)
    return decimal(value) if isinstance(value, float) else str(value)


def same(text: str) -> Message:
    """Return a number or a name, which is the same in both languages."""
    return Message("{text}", text=text)
