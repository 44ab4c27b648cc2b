"""What `hazwatch suggest` found, as text with lines for the site file, and as JSON."""

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
    "halved": Message("cuts the alarms by more than half"),
    "not_halved": Message(
        "none: each change that cuts the alarms by more than half loses warnings or doubles the time in alarm"
    ),
    "noise": Message("too few alarms to show it: from the noise alone"),
    "nothing": Message("none: no change would help, or none is permitted"),
}
SUGGESTION_WIDTH: Final = 18
"""Of the titles at the head; a Chinese sign counts twice."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What was found for one point on the record [start, end). [ns, UTC]."""

    config: Config
    point: Point
    noise: Noise
    start: int
    end: int
    proposals: tuple[Proposal, ...]
    rates: tuple[RateTrial, ...]
    rate: RateTrial | None

    def used_by(self, limit: Limit) -> list[str]:
        """Return the votes and interlocks that look at a limit."""
        return list(self.config.rules.conditions.users(limit.id))


def changes(new: Limit, old: Limit) -> dict[str, str]:
    """Return what differs, by key, as a site file says it; a deadband where the limit in force has one."""
    texts = {key: _toml(key, getattr(new, key)) for key in LIMIT_KEYS if getattr(new, key) != getattr(old, key)}
    if "clear" in texts and old.deadband is not None and new.clear is not None:
        del texts["clear"]
        return {"deadband": decimal(float(f"{abs(new.setpoint - new.clear):.12g}"))} | texts
    return texts


def _toml(key: str, value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f'"{write_duration(value)}"' if key in ("on_delay", "off_delay", "window") else decimal(value)


def lines_for(proposal: Proposal, config: Config) -> list[str]:
    """Return the lines for the site file: a table for a profile's limit, keys for one that is written there."""
    if proposal.chosen is None:
        return []
    limit = proposal.limit
    lines = [f"{key} = {text}" for key, text in changes(proposal.chosen.limit, limit).items()]
    if config.statutory.get(limit.id) == limit:
        return ["[[limit]]", f"id = {_toml('id', limit.id)}", *lines]
    note = Message("change in [[limit]] id = {id}", id=_toml("id", limit.id))
    return [f"# {both(note)}", *lines]


def rate_lines(limit: Limit) -> list[str]:
    """Return the table of a new rate limit."""
    given = ((key, getattr(limit, key)) for key in RATE_KEYS)
    return ["[[limit]]", *(f"{key} = {_toml(key, value)}" for key, value in given if value is not None)]


def suggestion_text(found: Suggestion) -> str:
    """Return the suggestions as text, lines ended by line feeds."""
    parts = [_head(found), *(_proposal(found, proposal) for proposal in found.proposals), _rate(found)]
    return "\n".join("".join(f"{line}\n" for line in part) for part in parts)


def _head(found: Suggestion) -> Iterator[str]:
    zone, noise, unit = ZoneInfo(found.config.site.timezone), found.noise, found.point.unit
    yield f"{both(Message('Suggestions'))}: {found.point.id} {found.point.name}"
    length = period_of(found.end - found.start)
    yield _line(Message("period"), f"{moment(found.start, zone)} - {moment(found.end, zone)} ({length})")
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


def _proposal(found: Suggestion, proposal: Proposal) -> Iterator[str]:
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
    users = found.used_by(limit)
    if users and proposal.chosen:
        yield _line(Message("note"), both(Message("also used by: {rules}", rules=tuple(users))))
    lines = lines_for(proposal, found.config)
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


def _rate(found: Suggestion) -> Iterator[str]:
    if not found.rates:
        yield f"{both(RATE)}: {both(Message('no new limit: there is one, or the record gives no measure for it'))}"
        return
    first = found.rates[0].limit
    yield f"{both(RATE)}: {first.id}, delta, {write_duration(first.window or 0)}"
    rows: list[tuple[str, ...]] = [("", *map(both, RATE_HEADINGS))]
    for trial in found.rates:
        mark = "* " if trial is found.rate else "  "
        rows.append(
            (
                f"{mark}{trial.limit.direction} = {decimal(trial.limit.setpoint)}",
                *(figure for number, figure in enumerate(_figures(trial.effect, 1)[:4]) if number != 1),
                f"{trial.warned} / {trial.of}",
                minutes_of(trial.lead) if trial.lead is not None else "",
            )
        )
    yield from table(rows, "<>>>>>")
    if found.rate is None:
        none = Message("none: no value raises at all and at most 3 times a day")
        yield _line(Message("proposed"), both(none))
        return
    yield _line(Message("proposed"), both(Message("the lowest value with at most 3 alarms a day")))
    if found.rate.warned == 0:
        yield _line(Message("note"), both(Message("on this record it warned before no alarm")))
    yield from ("", *rate_lines(found.rate.limit))


def suggestion_json(found: Suggestion) -> bytes:
    """Return the suggestions for other tools: times and durations in ns, times UTC."""
    document = {
        "site": found.config.site.id,
        "point": found.point.id,
        "start": found.start,
        "end": found.end,
        "noise": asdict(found.noise),
        "limits": [
            {
                "limit": proposal.limit.id,
                "verdict": proposal.verdict,
                "used_by": found.used_by(proposal.limit),
                "trials": [
                    {
                        "change": changes(trial.limit, proposal.limit),
                        "proposed": trial is proposal.chosen,
                        "effect": asdict(trial.effect),
                    }
                    for trial in proposal.trials
                ],
                "toml": "\n".join(lines_for(proposal, found.config)),
            }
            for proposal in found.proposals
        ],
        "rates": [
            {
                "limit": trial.limit.model_dump(mode="json", include=set(RATE_KEYS), exclude_none=True),
                "proposed": trial is found.rate,
                "effect": asdict(trial.effect),
                "warned": trial.warned,
                "of": trial.of,
                "lead": trial.lead,
                "toml": "\n".join(rate_lines(trial.limit)),
            }
            for trial in found.rates
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
