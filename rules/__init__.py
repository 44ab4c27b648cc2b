"""From the log to conditions: what an engineer may ask, and the engine that answers with the event stream."""

from rules.backtest import (
    AHEAD,
    Check,
    Comparison,
    Gate,
    Incident,
    Outcome,
    Warned,
    compare,
    judge,
    play,
    warm_up,
)
from rules.cases import Case, CaseBench, CaseResult, Expected, Moment
from rules.engine import Counts, Engine, Readings, RuleSetError, UnknownConditionError
from rules.episode import NEAR, Difference, Episode, Pair, pairs
from rules.event import Event, QualityName, Transition, event_id
from rules.performance import Guideline, Performance, Rating, Verdict, performance
from rules.problems import Problem
from rules.ruleset import RuleSet
from rules.snapshot import SnapshotError
from rules.spec import FeatureName, Interlock, Limit, Vote
from rules.strictness import Looser, looser_keys

__all__ = [
    "AHEAD",
    "NEAR",
    "Case",
    "CaseBench",
    "CaseResult",
    "Check",
    "Comparison",
    "Counts",
    "Difference",
    "Engine",
    "Episode",
    "Event",
    "Expected",
    "FeatureName",
    "Gate",
    "Guideline",
    "Incident",
    "Interlock",
    "Limit",
    "Looser",
    "Moment",
    "Outcome",
    "Pair",
    "Performance",
    "Problem",
    "QualityName",
    "Rating",
    "Readings",
    "RuleSet",
    "RuleSetError",
    "SnapshotError",
    "Transition",
    "UnknownConditionError",
    "Verdict",
    "Vote",
    "Warned",
    "compare",
    "event_id",
    "judge",
    "looser_keys",
    "pairs",
    "performance",
    "play",
    "warm_up",
]
