"""From the log to conditions: what an engineer may ask, and the engine that answers with the event stream."""

from rules.engine.engine import Engine, RuleSetError, UnknownConditionError
from rules.engine.event import Event, Transition, event_id
from rules.engine.readings import Counts, Readings
from rules.engine.snapshot import SnapshotError
from rules.forecast.evidence_columns import Accepted, accepted
from rules.forecast.forecast import WINDOWS_BEHIND, Forecast, NoForecast, NoForecastReason, forecast
from rules.spec.changes import KeyChange, RuleChange, RuleTable, changes, changes_of
from rules.spec.conditions import Condition, ConditionIndex, Rule, health_id, health_kind
from rules.spec.expression import inputs_of, parse_expression
from rules.spec.features import FEATURES, FeatureName
from rules.spec.independent_groups import Part, parts
from rules.spec.problems import Problem
from rules.spec.removal import Removal, removals
from rules.spec.rule import Interlock, Limit, Vote
from rules.spec.ruleset import NOT_EVALUATED, RuleSet, version_of
from rules.spec.strictness import Looser, lax_keys, looser_keys
from rules.study.candidates import alternatives, guarded, rate_limits
from rules.study.cases.bench import CaseBench
from rules.study.cases.case import Case, Expected
from rules.study.cases.time_line import CaseResult, Moment
from rules.study.comparison import (
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
from rules.study.episodes import NEAR, Difference, Episode, Pair, episodes, pairs
from rules.study.forecast_score import LOOKS_AHEAD, ForecastScore, moments_of, score
from rules.study.late_findings import Anomaly, late_id, look_back
from rules.study.noise import Noise, noise_of
from rules.study.performance import TEN_MINUTES, Guideline, Performance, Rating, Verdict, performance
from rules.study.proposals import (
    Effect,
    Played,
    Proposal,
    RateTrial,
    Trial,
    events_by_limit,
    propose,
    propose_rate,
    trial_rules,
)

__all__ = [
    "AHEAD",
    "FEATURES",
    "LOOKS_AHEAD",
    "NEAR",
    "NOT_EVALUATED",
    "TEN_MINUTES",
    "WINDOWS_BEHIND",
    "Accepted",
    "Anomaly",
    "Case",
    "CaseBench",
    "CaseResult",
    "Check",
    "Comparison",
    "Condition",
    "ConditionIndex",
    "Counts",
    "Difference",
    "Effect",
    "Engine",
    "Episode",
    "Event",
    "Expected",
    "FeatureName",
    "Forecast",
    "ForecastScore",
    "Gate",
    "Guideline",
    "Incident",
    "Interlock",
    "KeyChange",
    "Limit",
    "Looser",
    "Moment",
    "NoForecast",
    "NoForecastReason",
    "Noise",
    "Outcome",
    "Pair",
    "Part",
    "Performance",
    "Played",
    "Problem",
    "Proposal",
    "RateTrial",
    "Rating",
    "Readings",
    "Removal",
    "Rule",
    "RuleChange",
    "RuleSet",
    "RuleSetError",
    "RuleTable",
    "SnapshotError",
    "Transition",
    "Trial",
    "UnknownConditionError",
    "Verdict",
    "Vote",
    "Warned",
    "accepted",
    "alternatives",
    "changes",
    "changes_of",
    "compare",
    "episodes",
    "event_id",
    "events_by_limit",
    "forecast",
    "guarded",
    "health_id",
    "health_kind",
    "inputs_of",
    "judge",
    "late_id",
    "lax_keys",
    "look_back",
    "looser_keys",
    "moments_of",
    "noise_of",
    "pairs",
    "parse_expression",
    "parts",
    "performance",
    "play",
    "propose",
    "propose_rate",
    "rate_limits",
    "removals",
    "score",
    "trial_rules",
    "version_of",
    "warm_up",
]
