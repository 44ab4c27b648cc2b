"""The vocabulary of the plant (points, samples, sites, traces) that every other package uses."""

from plant.columns.sample import NO_ARRIVAL, SampleBatch
from plant.duration import Duration, PositiveDuration, parse_duration, write_duration
from plant.entity import (
    Entity,
    Id,
    Inconsistency,
    Line,
    Number,
    Prose,
    check_consistent,
    check_line,
    check_name,
    check_prose,
)
from plant.evidence import is_evidence, is_measured, is_over_range
from plant.explain import Place, explain, explain_each, explained, explained_items
from plant.full_width import full_width, mended, with_advice
from plant.gap import Gap, GapFilling
from plant.hazard import HazardSource
from plant.health_kinds import HEALTH_KINDS, HealthKind
from plant.instant import parse_instant, write_instants
from plant.level import Level
from plant.message import (
    Message,
    Template,
    Text,
    data_of,
    message_from,
    message_of,
    messages_of,
    reason_of,
    words_of_library,
)
from plant.point import NEVER_STALE, Delays, Point, PointTable
from plant.quality import BLOCKING, Quality, State
from plant.site import Site
from plant.source import SourceSpec
from plant.trace import Trace, TraceError, parse_trace, separator_problem, write_trace

__all__ = [
    "BLOCKING",
    "HEALTH_KINDS",
    "NEVER_STALE",
    "NO_ARRIVAL",
    "Delays",
    "Duration",
    "Entity",
    "Gap",
    "GapFilling",
    "HazardSource",
    "HealthKind",
    "Id",
    "Inconsistency",
    "Level",
    "Line",
    "Message",
    "Number",
    "Place",
    "Point",
    "PointTable",
    "PositiveDuration",
    "Prose",
    "Quality",
    "SampleBatch",
    "Site",
    "SourceSpec",
    "State",
    "Template",
    "Text",
    "Trace",
    "TraceError",
    "check_consistent",
    "check_line",
    "check_name",
    "check_prose",
    "data_of",
    "explain",
    "explain_each",
    "explained",
    "explained_items",
    "full_width",
    "is_evidence",
    "is_measured",
    "is_over_range",
    "mended",
    "message_from",
    "message_of",
    "messages_of",
    "parse_duration",
    "parse_instant",
    "parse_trace",
    "reason_of",
    "separator_problem",
    "with_advice",
    "words_of_library",
    "write_duration",
    "write_instants",
    "write_trace",
]
