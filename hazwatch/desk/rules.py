"""What people read about every condition of a site file."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from alarms import RulesInForce
from console import LimitView, PointView, SiteView, TextView
from hazwatch.site.config import Config
from plant import HEALTH_KINDS, Point, write_duration
from plant.units import MS
from rules import FEATURES, Interlock, Limit, Vote

HEALTH_TEXTS: Final[Mapping[str, tuple[TextView, TextView]]] = {
    "stale": (
        {"zh": "数据中断", "en": "No data"},
        {
            "zh": "检查分站、线路和数据源; 数据恢复前按未知处理",
            "en": "Check substation, line and data source; treat as unknown until it is back",
        },
    ),
    "fault": (
        {"zh": "传感器故障", "en": "Sensor fault"},
        {
            "zh": "派人检查传感器和线路; 用便携仪核对",
            "en": "Have the sensor and its cable checked; verify with a portable instrument",
        },
    ),
    "over_range": (
        {"zh": "超量程", "en": "Over range"},
        {
            "zh": "按量程端值处理; 用便携仪核对",
            "en": "Take it as the end of the range; verify with a portable instrument",
        },
    ),
    "calibration_overrun": (
        {"zh": "标校超时", "en": "Calibration takes too long"},
        {"zh": "询问标校人员, 结束标校状态", "en": "Ask the people who calibrate; end the calibration"},
    ),
    "flatline": (
        {"zh": "数值不变", "en": "Value does not move"},
        {"zh": "与邻近测点比较, 检查传感器", "en": "Compare with neighbouring points; check the sensor"},
    ),
    "step": (
        {"zh": "疑似伪数据", "en": "Suspected pseudo-value"},
        {
            "zh": "与邻近测点和生产状态核对, 不得屏蔽",
            "en": "Compare with neighbouring points and production; never mask it",
        },
    ),
    "discrepancy": (
        {"zh": "互校不符", "en": "Differs from its sister point"},
        {"zh": "以较大值为准, 重新标校", "en": "The larger reading counts; calibrate again"},
    ),
}
NOTHING: Final[TextView] = {"zh": "", "en": ""}


def text(zh: str, en: str) -> TextView:
    """Return a text in both languages; where one is missing the other stands in."""
    return {"zh": zh or en, "en": en or zh}


def decimals(point: Point) -> int | None:
    """Return how many decimals a value of a point has; None where no resolution is given."""
    if point.resolution is None:
        return None
    exponent = Decimal(repr(point.resolution)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else None


def site_view(config: Config, in_force: RulesInForce | None = None) -> SiteView:
    """Return what the page needs to know once."""
    people = in_force or RulesInForce(config.rules.version, 0, 0)
    return {
        "id": config.site.id,
        "name": config.site.name,
        "timezone": config.site.timezone,
        "rules": config.rules.version,
        "rule_set": {
            "version": config.rules.version,
            "since": people.since // MS,
            "author": people.author,
            "approver": people.approver,
            "reason": people.reason,
            "approved": None if people.approved is None else people.approved // MS,
        },
        "hazard_sources": [
            {"id": s.id, "name": s.name, "kind": s.kind, "grade": s.grade, "place": s.place}
            for s in config.hazard_sources
        ],
        "points": [_point(point) for point in config.points.points],
        "limits": list(condition_views(config)),
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


def condition_views(config: Config) -> Iterator[LimitView]:
    """Yield every condition that can be raised: limits, votes, interlocks, then the health of each point."""
    points = {point.id: point for point in config.points.points}
    for limit in config.rules.limits:
        yield _limit(limit, points[limit.point])
    for vote in config.rules.votes:
        yield _logic(vote, "vote", vote.hazard_source, None)
    for interlock in config.rules.interlocks:
        yield _logic(interlock, "interlock", points[interlock.feed].hazard_source, interlock.feed)
    for point in config.points.points:
        for kind in HEALTH_KINDS:
            yield _health(kind, point)


def _limit(limit: Limit, point: Point) -> LimitView:
    per = _per(limit.per_or_minute) if FEATURES[limit.feature].per_time else ""
    name = text(limit.message, limit.message_en)
    return {
        "id": limit.id,
        "hazard_source": point.hazard_source,
        "point": limit.point,
        "feature": limit.feature,
        "direction": limit.direction,
        "setpoint": limit.setpoint,
        "clear": float(limit.clears_at),
        "unit": point.unit + per,
        "level": limit.level.value,
        "ticket": limit.ticket,
        "message": name if name["zh"] else text(limit.id, ""),
        "response": text(limit.response, limit.response_en),
        "consequence": text(limit.consequence, limit.consequence_en),
        "time_to_respond": None if limit.time_to_respond is None else limit.time_to_respond // MS,
        "basis": text(limit.basis, limit.basis_en),
    }


def _per(duration: int) -> str:
    """Write the time unit of a feature, with `min` for a minute, since `m` would read as metre."""
    return "/" + re.sub(r"(?<=\d)m$", "min", write_duration(duration)).removeprefix("1")


def _logic(rule: Vote | Interlock, feature: str, hazard_source: str, point: str | None) -> LimitView:
    view = _plain(rule.id, hazard_source, point, feature)
    view["level"] = rule.level.value
    view["ticket"] = rule.ticket
    view["message"] = text(rule.message or rule.id, rule.message_en)
    view["response"] = text(rule.response, rule.response_en)
    return view


def _health(kind: str, point: Point) -> LimitView:
    message, response = HEALTH_TEXTS[kind]
    view = _plain(f"{kind}:{point.id}", point.hazard_source, point.id, kind)
    view["level"] = point.health_level.value
    view["message"], view["response"] = message, response
    view["unit"] = point.unit
    return view


def _plain(condition: str, hazard_source: str, point: str | None, feature: str) -> LimitView:
    return {
        "id": condition,
        "hazard_source": hazard_source,
        "point": point,
        "feature": feature,
        "direction": None,
        "setpoint": None,
        "clear": None,
        "unit": "",
        "level": "blue",
        "ticket": False,
        "message": NOTHING,
        "response": NOTHING,
        "consequence": NOTHING,
        "time_to_respond": None,
        "basis": NOTHING,
    }
