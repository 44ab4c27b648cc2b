"""The suggestions of `hazwatch suggest` as text with lines for the site file, and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from hazwatch.reports.backtest.words import feature_name
from hazwatch.site.config import Config
from hazwatch.words import both
from hazwatch.words.columns import pad, table
from hazwatch.words.numbers import MINUS, decimal, minutes_of, moment, period_of
from plant import Message, Point, write_duration
from plant.units import MINUTE
from rules import Effect, Limit, Noise, Proposal, RateTrial

LIMIT_KEYS: Final = ("high", "low", "clear", "on_delay", "off_delay")
RATE_KEYS: Final = (
    "id", "point", "feature", "window", "high", "low", "clear", "level", "message", "message_en"
)  # fmt: skip
TRIAL_HEADINGS: Final = (
    Message("alarms"), Message("change"), Message("per hour"), Message("in alarm"), Message("clears later by"),
    Message("raises later by"), Message("lost"),
)  # fmt: skip
RATE: Final = Message("rate")
RATE_HEADINGS: Final = (
    Message("alarms"), Message("per hour"), Message("in alarm"), Message("warned before"), Message("lead (median)"),
)  # fmt: skip
VERDICT_TEXTS: Final[Mapping[str, Message]] = {
    "halved": Message("cuts the alarms by half or more"),
    "not_halved": Message(
        "none: each change that cuts the alarms by half or more loses warnings or doubles the time in alarm"
    ),
    "noise": Message("too few alarms to show it: from the noise alone"),
    "nothing": Message("none: no change would help, or none is permitted"),
}
SUGGESTION_WIDTH: Final = 18
"""Width of the titles at the head, in terminal columns."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Suggestions for one point from the record [start, end). [ns, UTC]."""

    config: Config
    point: Point
    noise: Noise
    start: int
    end: int
    proposals: tuple[Proposal, ...]
    rates: tuple[RateTrial, ...]
    rate: RateTrial | None

    def used_by(self, limit: Limit) -> list[str]:
        """Return the votes and interlocks that use a limit."""
        return list(self.config.rules.conditions.users(limit.id))


def changes(new: Limit, old: Limit) -> dict[str, str]:
    """Return the changed keys as the site file writes them; a deadband if the limit in force has one."""
    texts = {key: _toml(key, getattr(new, key)) for key in LIMIT_KEYS if getattr(new, key) != getattr(old, key)}
    if "clear" in texts and old.deadband is not None and new.clear is not None:
        # The engineer thinks in deadbands if the rule has one; twelve digits drop the rounding error of the difference.
        del texts["clear"]
        return {"deadband": decimal(float(f"{abs(new.setpoint - new.clear):.12g}"))} | texts
    return texts


def _toml(key: str, value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f'"{write_duration(value)}"' if key in ("on_delay", "off_delay", "window") else decimal(value)


def lines_for(proposal: Proposal, config: Config) -> list[str]:
    """Return lines for the site file: a table for a limit of a profile, keys for a limit of the file."""
    if proposal.chosen is None:
        return []
    limit = proposal.limit
    lines = [f"{key} = {text}" for key, text in changes(proposal.chosen.limit, limit).items()]
    # A limit that comes unchanged from a profile has no [[limit]] table yet, so the suggestion creates one.
    if config.statutory.get(limit.id) == limit:
        return ["[[limit]]", f"id = {_toml('id', limit.id)}", *lines]
    note = Message("change in [[limit]] id = {id}", id=_toml("id", limit.id))
    return [f"# {both(note)}", *lines]


def rate_lines(limit: Limit) -> list[str]:
    """Return the table of a new rate limit."""
    values = ((key, getattr(limit, key)) for key in RATE_KEYS)
    return ["[[limit]]", *(f"{key} = {_toml(key, value)}" for key, value in values if value is not None)]


def suggestion_text(suggestion: Suggestion) -> str:
    """Return the suggestions as text; a line feed ends each line."""
    parts = [
        _head(suggestion),
        *(_proposal(suggestion, proposal) for proposal in suggestion.proposals),
        _rate(suggestion),
    ]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def _head(suggestion: Suggestion) -> Iterator[str]:
    zone, noise, unit = ZoneInfo(suggestion.config.site.timezone), suggestion.noise, suggestion.point.unit
    yield f"{both(Message('Suggestions'))}: {suggestion.point.id} {suggestion.point.name}"
    length = period_of(suggestion.end - suggestion.start)
    yield _line(Message("period"), f"{moment(suggestion.start, zone)} - {moment(suggestion.end, zone)} ({length})")
    every = Message("{count:,}, one every {time}", count=noise.samples, time=minutes_of(noise.period))
    yield _line(Message("samples"), both(every))
    quantum = "-" if noise.quantum is None else f"{noise.quantum:.3g} {unit}".rstrip()
    numbers = Message(
        "smallest step {quantum}, standard deviation of differences {deviation:.2g}, unchanged {unchanged:.0%}",
        quantum=quantum,
        deviation=noise.deviation,
        unchanged=noise.unchanged,
    )
    yield _line(Message("noise"), both(numbers))


def _line(title: Message, text: str) -> str:
    return f"{pad(both(title), SUGGESTION_WIDTH)}{text}"


def _proposal(suggestion: Suggestion, proposal: Proposal) -> Iterator[str]:
    limit = proposal.limit
    sign = "≥" if limit.direction == "high" else "≤"
    yield f"{limit.id}: {both(feature_name(limit.feature))} {sign} {decimal(limit.setpoint)}"
    if proposal.trials:
        before = proposal.trials[0].effect
        rows = [("", *map(both, TRIAL_HEADINGS)), (both(Message("in force")), *_figures(before, 0))]
        for trial in proposal.trials:
            mark = "* " if trial is proposal.chosen else "  "
            text = ", ".join(f"{key} = {value}" for key, value in changes(trial.limit, limit).items())
            rows.append((f"{mark}{text}", *_figures(trial.effect, 1)))
        yield from table(rows, "<>>>>>>>")
    yield _line(Message("proposed"), both(_verdict(proposal)))
    users = suggestion.used_by(limit)
    if users and proposal.chosen:
        yield _line(Message("note"), both(Message("also used by: {rules}", rules=tuple(users))))
    lines = lines_for(proposal, suggestion.config)
    if lines:
        yield from ("", *lines)


def _verdict(proposal: Proposal) -> Message:
    verdict = VERDICT_TEXTS[proposal.verdict]
    if proposal.chosen is None:
        return verdict
    keys = ", ".join(f"{key} = {text}" for key, text in changes(proposal.chosen.limit, proposal.limit).items())
    effect = proposal.chosen.effect
    alarms = f"{keys}: {effect.alarms[0]} -> {effect.alarms[1]}"
    if proposal.verdict == "noise":
        return Message("{alarms}, {verdict}", alarms=alarms, verdict=verdict)
    return Message(
        "{alarms}, {verdict}; time in alarm {change}, no raise comes later",
        alarms=alarms,
        verdict=verdict,
        change=_change(*effect.minutes) or "0 %",
    )


def _figures(effect: Effect, side: int) -> tuple[str, ...]:
    figures = (
        str(effect.alarms[side]),
        _change(*effect.alarms) if side else "",
        f"{effect.per_hour[side]:.2g}",
        minutes_of(round(effect.minutes[side] * MINUTE)),
    )
    costs = (effect.stands_on, effect.later)
    return (*figures, *((minutes_of(cost) if cost and side else "") for cost in costs), _count(effect.lost, side))


def _count(number: int, side: int) -> str:
    return str(number) if number and side else ""


def _change(before: float, after: float) -> str:
    share = f"{(after - before) / before:+.0%}" if before else ""
    return share.replace("-", MINUS).replace("%", " %")


def _rate(suggestion: Suggestion) -> Iterator[str]:
    if not suggestion.rates:
        yield f"{both(RATE)}: {both(Message('no new limit: there is one, or the record gives no measure for it'))}"
        return
    first = suggestion.rates[0].limit
    yield f"{both(RATE)}: {first.id}, delta, {write_duration(first.window or 0)}"
    rows: list[tuple[str, ...]] = [("", *map(both, RATE_HEADINGS))]
    for trial in suggestion.rates:
        mark = "* " if trial is suggestion.rate else "  "
        rows.append(
            (
                f"{mark}{trial.limit.direction} = {decimal(trial.limit.setpoint)}",
                *(figure for number, figure in enumerate(_figures(trial.effect, 1)[:4]) if number != 1),
                f"{trial.warned} / {trial.of}",
                minutes_of(trial.lead) if trial.lead is not None else "",
            )
        )
    yield from table(rows, "<>>>>>")
    if suggestion.rate is None:
        none = Message("none: no value raises at all and at most 3 times a day")
        yield _line(Message("proposed"), both(none))
        return
    yield _line(Message("proposed"), both(Message("the lowest value with at most 3 alarms a day")))
    if suggestion.rate.warned == 0:
        yield _line(Message("note"), both(Message("on this record it warned before no alarm")))
    yield from ("", *rate_lines(suggestion.rate.limit))


def suggestion_json(suggestion: Suggestion) -> bytes:
    """Return the suggestions for other tools; times are in ns UTC, durations in ns."""
    document = {
        "site": suggestion.config.site.id,
        "point": suggestion.point.id,
        "start": suggestion.start,
        "end": suggestion.end,
        "noise": asdict(suggestion.noise),
        "limits": [
            {
                "limit": proposal.limit.id,
                "verdict": proposal.verdict,
                "used_by": suggestion.used_by(proposal.limit),
                "trials": [
                    {
                        "change": changes(trial.limit, proposal.limit),
                        "proposed": trial is proposal.chosen,
                        "effect": asdict(trial.effect),
                    }
                    for trial in proposal.trials
                ],
                "toml": "\n".join(lines_for(proposal, suggestion.config)),
            }
            for proposal in suggestion.proposals
        ],
        "rates": [
            {
                "limit": trial.limit.model_dump(mode="json", include=set(RATE_KEYS), exclude_none=True),
                "proposed": trial is suggestion.rate,
                "effect": asdict(trial.effect),
                "warned": trial.warned,
                "of": trial.of,
                "lead": trial.lead,
                "toml": "\n".join(rate_lines(trial.limit)),
            }
            for trial in suggestion.rates
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
