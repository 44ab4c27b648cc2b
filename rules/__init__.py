"""From the log to conditions: what an engineer may ask, and the engine that answers with the event stream."""

from rules.engine import Counts, Engine, Readings, RuleSetError, UnknownConditionError
from rules.event import Event, QualityName, Transition, event_id
from rules.problems import Problem
from rules.ruleset import RuleSet
from rules.spec import FeatureName, Interlock, Limit, Vote

__all__ = [
    "Counts",
    "Engine",
    "Event",
    "FeatureName",
    "Interlock",
    "Limit",
    "Problem",
    "QualityName",
    "Readings",
    "RuleSet",
    "RuleSetError",
    "Transition",
    "UnknownConditionError",
    "Vote",
    "event_id",
]
