"""Finds what a valid site file leaves unwatched: points without a rule, old assessments, red rules without a ticket."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from hazwatch.site.profiles import Remark
from plant import HazardSource, Level, Message, Point
from rules import RuleSet, inputs_of, parse_expression

ASSESSMENT_YEARS: Final = 2
"""A major hazard source is assessed anew at least this often."""


def unwatched(sources: list[HazardSource], rules: RuleSet, today: date) -> Iterator[Remark]:
    """Yield a warning for each."""
    for source in sources:
        if source.assessed is not None and _years_after(source.assessed) < today:
            message = Message(
                "{date}: more than two years ago; assess the hazard source anew, and write the new date",
                date=source.assessed.isoformat(),
            )
            yield Remark("hazard_source", source.id, ("assessed",), message)
    used = _used(rules)
    for point in rules.points:
        if point.id not in used:
            yield Remark("point", point.id, (), _without_rule(point))
    for table, entries in (("limit", rules.limits), ("vote", rules.votes), ("interlock", rules.interlocks)):
        for rule in entries:
            if rule.level is Level.RED and not rule.ticket:
                message = Message("red, and it opens no ticket: nobody must prove a remedy; write ticket = true")
                yield Remark(table, rule.id, ("level",), message)


def _years_after(day: date) -> date:
    # The 29th of February has no anniversary in most years.
    return day.replace(year=day.year + ASSESSMENT_YEARS, day=min(day.day, 28) if day.month == 2 else day.day)


def _used(rules: RuleSet) -> set[str]:
    """Return the points at whose values a rule looks, itself or through a calculated point."""
    used = {limit.point for limit in rules.limits} | {interlock.feed for interlock in rules.interlocks}
    for point in rules.points:
        if point.expression is not None:
            used.update(inputs_of(parse_expression(point.expression)))
        if point.discrepancy is not None:
            used.add(point.discrepancy.with_)
    return used


def _without_rule(point: Point) -> Message:
    if point.quantity:
        return Message(
            "nothing looks at its values ({quantity}): no limit, no interlock, no expression; write a [[limit]], or a "
            "`profile`",
            quantity=point.quantity,
        )
    return Message("nothing looks at its values: no limit, no interlock, no expression; write a [[limit]]")
