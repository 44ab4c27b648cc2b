"""The specifications of all alarms that a site file can cause."""

from alarms import AlarmSpec
from hazwatch.site.config import Config
from plant import Text
from rules import Condition, ConditionIndex, Limit, Rule


def alarm_specs(config: Config) -> dict[str, AlarmSpec]:
    """Return the specification of every possible condition's alarm, by id."""
    # Possible, not only evaluated: the journal may hold alarms of conditions that were evaluated before an edit.
    conditions = config.rules.conditions
    return {condition.id: _spec(condition, conditions) for condition in conditions.possible}


def _spec(condition: Condition, conditions: ConditionIndex) -> AlarmSpec:
    rule = conditions.rules.get(condition.id)
    # A health condition has no rule and never opens a ticket, so it needs no message.
    message = None if rule is None else _message(rule)
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
    """Return the message of a rule's ticket; the id, or the other language, replaces a missing text."""
    zh = rule.message or (rule.message_en if isinstance(rule, Limit) else "") or rule.id
    return Text(zh, rule.message_en or rule.message or rule.id)
