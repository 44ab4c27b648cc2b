"""The numbers of one rule as people read them, row by row, so that two rule-sets can stand side by side."""

from collections.abc import Mapping
from typing import Final

from hazwatch.site.config import Config
from hazwatch.words.reports import Words, decimal, duration, feature_words, level_words
from plant import HEALTH_KINDS, Point, PointTable
from plant.health_kinds import Value
from rules import FEATURES, Condition, Interlock, Limit, Vote, health_kind

RuleRows = dict[str, Words]
"""By the key of the row, what it says; `TITLES` has their headings."""

TITLES: Final[Mapping[str, Words]] = {
    "feature": Words("特征", "Feature"),
    "high": Words("报警值 (≥)", "Setpoint (≥)"),
    "low": Words("报警值 (≤)", "Setpoint (≤)"),
    "clear_high": Words("解除值 (<)", "Clear (<)"),
    "clear_low": Words("解除值 (>)", "Clear (>)"),
    "on_delay": Words("报警延时", "On-delay"),
    "off_delay": Words("解除延时", "Off-delay"),
    "level": Words("等级 · 隐患单", "Level · ticket"),
    "at_least": Words("至少", "At least"),
    "of": Words("成员", "Members"),
    "cut": Words("断电规则", "Cut"),
    "feed": Words("馈电测点", "Feed point"),
    "within": Words("断电时限", "Within"),
    "stale_after": Words("数据中断时限", "Stale after"),
    "window": Words("时间窗", "Window"),
    "epsilon": Words("变化不超过", "Range up to"),
    "limit": Words("限差", "Limit"),
    "with": Words("对比测点", "Compared with"),
    "duration": Words("标校时限", "Longest calibration"),
}
TICKET: Final = {True: Words("是", "yes"), False: Words("否", "no")}


def rule_rows(config: Config, condition: str) -> RuleRows:
    """Return what the rule of a condition says; nothing where the site file has none of that name."""
    conditions = config.rules.conditions
    if condition not in conditions:
        return {}
    rule, level = conditions.rules.get(condition), level_words(conditions[condition].level)
    if rule is None:
        rows = _health(conditions[condition], config.points)
        return rows | {"level": level} if rows else {}
    rows = _limit(rule, config.points[rule.point]) if isinstance(rule, Limit) else _logic(rule)
    ticket = TICKET[rule.ticket]
    return rows | {"level": Words(f"{level.zh} · {ticket.zh}", f"{level.en} · {ticket.en}")}


def _limit(limit: Limit, point: Point) -> RuleRows:
    times = "" if limit.window is None else f" · {duration(limit.window)}"
    if limit.horizon is not None:
        times += f" → {duration(limit.horizon)}"
    if limit.tau is not None:
        times += f" · {duration(limit.tau)}"
    unit = f" {point.unit}" if point.unit else ""
    if FEATURES[limit.feature].per_time:
        unit += f"/{duration(limit.per_or_minute)}"
    name = feature_words(limit.feature)
    return {
        "feature": Words(name.zh + times, name.en + times),
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
    """Return the settings of a health condition; nothing where its point does not ask for it."""
    kind = health_kind(condition.id)
    if kind is None or condition.point is None:
        return {}
    point, row = points[condition.point], HEALTH_KINDS[kind]
    if not row.evaluated(point):
        return {}
    return {setting.title: same(_written(setting.of(point))) for setting in row.settings if setting.title}


def _written(value: Value) -> str:
    return duration(value) if isinstance(value, int) else decimal(value) if isinstance(value, float) else str(value)


def same(text: str) -> Words:
    """Return what reads the same in both languages."""
    return Words(text, text)
