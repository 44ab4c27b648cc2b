"""What the alarms need to know of the conditions of a site file."""

from alarms import AlarmSpec
from hazwatch.site.config import Config
from plant import Text
from rules import Condition, ConditionIndex, Limit, Rule


def alarm_specs(config: Config) -> dict[str, AlarmSpec]:
    """Return what the alarms need to know of every possible condition, by its id."""
    conditions = config.rules.conditions
    return {condition.id: _spec(condition, conditions) for condition in conditions.possible}


def _spec(condition: Condition, conditions: ConditionIndex) -> AlarmSpec:
    rule = conditions.rules.get(condition.id)
    message = None if rule is None else _message(rule)  # a health condition never opens a ticket
    return AlarmSpec(
        condition=condition.id,
        hazard_source=condition.hazard_source,
        points=conditions.points(condition.id),
        level=condition.level,
        ticket=rule is not None and rule.ticket,
        message=message.zh if message else "",
        message_en=message.en if message else "",
    )


def _message(rule: Rule) -> Text:
    """Return what a ticket of a rule says; the id, or the other language, stands in for what is not written."""
    zh = rule.message or (rule.message_en if isinstance(rule, Limit) else "") or rule.id
    return Text(zh, rule.message_en or rule.message or rule.id)
