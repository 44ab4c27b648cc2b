"""What the alarms need to know of every condition of a site."""

from alarms import AlarmSpec
from hazwatch.site.config import Config
from plant import HEALTH_KINDS
from rules import Interlock, Limit, Vote


def alarm_specs(config: Config) -> dict[str, AlarmSpec]:
    """Return what the alarms need to know of every condition, by its id."""
    sources = {point.id: point.hazard_source for point in config.points.points}
    members = _members(config)
    rules = config.rules
    specs = [
        _of_rule(limit, limit.message or limit.message_en, sources[limit.point], (limit.point,))
        for limit in rules.limits
    ]
    specs += [_of_rule(vote, vote.message, vote.hazard_source, members[vote.id]) for vote in rules.votes]
    specs += [
        _of_rule(interlock, interlock.message, sources[interlock.feed], (interlock.feed,))
        for interlock in rules.interlocks
    ]
    specs += [
        AlarmSpec(
            condition=f"{kind}:{point.id}",
            hazard_source=point.hazard_source,
            points=(point.id,),
            level=point.health_level,
            ticket=False,
        )
        for point in config.points.points
        for kind in HEALTH_KINDS
    ]
    return {spec.condition: spec for spec in specs}


def _of_rule(rule: Limit | Vote | Interlock, message: str, hazard_source: str, points: tuple[str, ...]) -> AlarmSpec:
    return AlarmSpec(
        condition=rule.id,
        hazard_source=hazard_source,
        points=points,
        level=rule.level,
        ticket=rule.ticket,
        message=message or rule.id,
        message_en=rule.message_en or rule.message or rule.id,
    )


def _members(config: Config) -> dict[str, tuple[str, ...]]:
    """Return the points of every vote: those of its members, each once."""
    own: dict[str, tuple[str, ...]] = {limit.id: (limit.point,) for limit in config.rules.limits}
    own |= {interlock.id: (interlock.feed,) for interlock in config.rules.interlocks}
    own |= {f"{kind}:{point.id}": (point.id,) for point in config.points.points for kind in HEALTH_KINDS}
    for vote in config.rules.votes:
        own[vote.id] = tuple(dict.fromkeys(point for member in vote.of for point in own.get(member, ())))
    return own
