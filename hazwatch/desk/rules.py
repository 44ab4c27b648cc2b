"""Turns the site file and its conditions into views."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from alarms import InForce, PresentationInForce, RulesInForce
from console import LimitView, PointView, SiteView, VersionView
from hazwatch.site.config import Config
from hazwatch.site.presentation import Presentation
from hazwatch.words import text
from plant import HEALTH_KINDS, Point, PointTable, Text, write_duration
from plant.units import MS
from rules import FEATURES, Condition, Interlock, Limit, Vote, health_kind

NOTHING: Final = Text("", "")


def site_text(zh: str, en: str) -> Text:
    """Return a text of the site file in both languages; a missing language is replaced by the other."""
    return Text(zh or en, en or zh)


def decimals(point: Point) -> int | None:
    """Return the number of decimals of a point's values; None if the point has no resolution."""
    if point.resolution is None:
        return None
    # `repr` is the shortest text of a number: 0.1 has one decimal, although its binary value has 55.
    exponent = Decimal(repr(point.resolution)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else None


def site_view(
    config: Config, rules: RulesInForce | None = None, presentation: PresentationInForce | None = None
) -> SiteView:
    """Return the view of the site, which a page loads once."""
    views = ConditionViews(config)
    return {
        "id": config.site.id,
        "name": config.site.name,
        "timezone": config.site.timezone,
        "rules": config.rules.version,
        "rule_set": _version(rules or RulesInForce(config.rules.version, 0, 0)),
        "presentation": _version(presentation or PresentationInForce(Presentation.of(config).version, 0, 0)),
        "hazard_sources": [
            {"id": s.id, "name": s.name, "kind": s.kind, "grade": s.grade, "place": s.place}
            for s in config.hazard_sources
        ],
        "points": [_point(point) for point in config.points.points],
        "limits": [views[name] for name in config.rules.conditions.rules],
    }


def _version(in_force: InForce) -> VersionView:
    return {
        "version": in_force.version,
        "since": in_force.since // MS,
        "author": in_force.author,
        "approver": in_force.approver,
        "reason": in_force.reason,
        "approved": None if in_force.approved is None else in_force.approved // MS,
    }


def _point(point: Point) -> PointView:
    return {
        "id": point.id,
        "name": point.name,
        "hazard_source": point.hazard_source,
        "quantity": point.quantity,
        "unit": point.unit,
        "range": point.range,
        "resolution": point.resolution,
        "decimals": decimals(point),
        "source": point.source,
    }


class ConditionViews(Mapping[str, LimitView]):
    """The views of limits, votes, interlocks, and of the health of each point, by the ids of their conditions."""

    # Each is made when somebody asks for it: a large site has a hundred thousand conditions, and few have alarms.

    def __init__(self, config: Config) -> None:
        self._conditions: Final = config.rules.conditions
        self._points: Final = config.points
        self._made: Final[dict[str, LimitView]] = {}

    def __getitem__(self, name: str) -> LimitView:
        """Return the view of a condition; raise KeyError for an unknown one."""
        if name not in self._made:
            self._made[name] = self._view(self._conditions[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the ids of all possible conditions."""
        return (condition.id for condition in self._conditions.possible)

    def __len__(self) -> int:
        """Return the number of possible conditions."""
        return sum(1 for _ in self)

    def values_of(self, point: str) -> list[LimitView]:
        """Return the views of the limits of the value of a point."""
        return [view for name in self._conditions.rules_of(point) if (view := self[name])["is_value"]]

    def _view(self, condition: Condition) -> LimitView:
        rule = self._conditions.rules.get(condition.id)
        if rule is None:
            return _health(condition, self._points)
        return _limit(rule, self._points[rule.point]) if isinstance(rule, Limit) else _logic(rule, condition)


def _limit(limit: Limit, point: Point) -> LimitView:
    row = FEATURES[limit.feature]
    per = _per(limit.per_or_minute) if row.per_time else ""
    name = site_text(limit.message, limit.message_en)
    return {
        "id": limit.id,
        "hazard_source": point.hazard_source,
        "point": limit.point,
        "feature": limit.feature,
        "is_value": row.is_value,
        "counts": row.counts,
        "looks_ahead": row.looks_ahead,
        "direction": limit.direction,
        "setpoint": limit.setpoint,
        "clear": float(limit.clears_at),
        "unit": point.unit + per,
        "level": limit.level.value,
        "ticket": limit.ticket,
        "message": name if name.zh else site_text(limit.id, ""),
        "response": site_text(limit.response, limit.response_en),
        "consequence": site_text(limit.consequence, limit.consequence_en),
        "time_to_respond": None if limit.time_to_respond is None else limit.time_to_respond // MS,
        "basis": site_text(limit.basis, limit.basis_en),
    }


def _per(duration: int) -> str:
    """Return the time unit of a feature as text, with `min` for a minute, since `m` would read as metre."""
    return "/" + re.sub(r"(?<=\d)m$", "min", write_duration(duration)).removeprefix("1")


def _logic(rule: Vote | Interlock, condition: Condition) -> LimitView:
    view = _plain(condition)
    # A vote counts its members, and an interlock shows its feed as 0 or 1: no sensor gives decimals to these numbers.
    view["counts"] = True
    view["ticket"] = rule.ticket
    view["message"] = site_text(rule.message or rule.id, rule.message_en)
    view["response"] = site_text(rule.response, rule.response_en)
    return view


def _health(condition: Condition, points: PointTable) -> LimitView:
    view = _plain(condition)
    kind = health_kind(condition.id)
    if kind is not None:
        row = HEALTH_KINDS[kind]
        view["message"], view["response"] = text(row.name), text(row.response)
    if condition.point is not None:
        view["unit"] = points[condition.point].unit
    return view


def _plain(condition: Condition) -> LimitView:
    return {
        "id": condition.id,
        "hazard_source": condition.hazard_source,
        "point": condition.point,
        "feature": condition.kind,
        "is_value": False,
        "counts": False,
        "looks_ahead": False,
        "direction": None,
        "setpoint": None,
        "clear": None,
        "unit": "",
        "level": condition.level.value,
        "ticket": False,
        "message": NOTHING,
        "response": NOTHING,
        "consequence": NOTHING,
        "time_to_respond": None,
        "basis": NOTHING,
    }
