"""What `hazwatch suggest` found, as text with lines for the site file, and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from hazwatch.site.config import Config
from hazwatch.words.columns import table
from hazwatch.words.reports import MINUS, bilingual, decimal, feature_words, minutes_of, moment, period_of
from plant import Point, write_duration
from plant.units import MINUTE
from rules import Effect, Limit, Noise, Proposal, RateTrial

LIMIT_KEYS: Final = ("high", "low", "clear", "on_delay", "off_delay")
RATE_KEYS: Final = (
    "id", "point", "feature", "window", "high", "low", "clear", "level", "message", "message_en"
)  # fmt: skip
TRIAL_HEADINGS: Final = (
    "", "报警 alarms", "变化 change", "每小时 per hour", "报警时长 in alarm", "解除最多晚 clears later",
    "报出最多晚 raises later", "漏报 lost",
)  # fmt: skip
VERDICT_TEXTS: Final[Mapping[str, str]] = {
    "halved": "报警减少一半以上 / cuts the alarms by more than half",
    "not_halved": "不建议: 减少一半以上的方案都损失预警或使报警时长翻倍 / none: what cuts the alarms by more than half "
    "costs warnings, or doubles the time in alarm",
    "noise": "报警太少, 仅按噪声 / too few alarms to show it: from the noise alone",
    "nothing": "不建议: 无需或不允许改动 / none: nothing to gain, or nothing that may be changed",
}


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
    return [f"# 在 [[limit]] id = {_toml('id', limit.id)} 中改为 / in that table write", *lines]


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
    yield f"建议 / Suggestions: {found.point.id} {found.point.name}"
    length = period_of(found.end - found.start)
    yield f"期间 / period   {moment(found.start, zone)} - {moment(found.end, zone)} ({length})"
    yield f"样本 / samples  {noise.samples:,}, 间隔 every {minutes_of(noise.period)}"
    quantum = "-" if noise.quantum is None else f"{noise.quantum:.3g} {unit}".rstrip()
    yield (
        f"噪声 / noise    最小步长 smallest step {quantum}, 差分标准差 std of differences {noise.deviation:.2g}, "
        f"不变 unchanged {noise.unchanged:.0%}"
    )


def _proposal(found: Suggestion, proposal: Proposal) -> Iterator[str]:
    limit = proposal.limit
    sign = "≥" if limit.direction == "high" else "≤"
    yield f"{limit.id}: {bilingual(feature_words(limit.feature))} {sign} {decimal(limit.setpoint)}"
    if proposal.trials:
        before = proposal.trials[0].effect
        rows = [TRIAL_HEADINGS, ("现行 / in force", *_figures(before, 0))]
        for trial in proposal.trials:
            mark = "* " if trial is proposal.chosen else "  "
            text = ", ".join(f"{key} = {value}" for key, value in changes(trial.limit, limit).items())
            rows.append((f"{mark}{text}", *_figures(trial.effect, 1)))
        yield from table(rows, "<>>>>>>>")
    yield f"建议 / proposed  {_said(proposal)}"
    users = found.used_by(limit)
    if users and proposal.chosen:
        yield f"注意 / note      它也用于 / also used by: {', '.join(users)}"
    lines = lines_for(proposal, found.config)
    if lines:
        yield from ("", *lines)


def _said(proposal: Proposal) -> str:
    if proposal.chosen is None:
        return VERDICT_TEXTS[proposal.verdict]
    keys = ", ".join(f"{key} = {text}" for key, text in changes(proposal.chosen.limit, proposal.limit).items())
    effect = proposal.chosen.effect
    gain = f"{keys}: {effect.alarms[0]} -> {effect.alarms[1]}, {VERDICT_TEXTS[proposal.verdict]}"
    if proposal.verdict == "noise":
        return gain
    longer = _change(*effect.minutes) or "0 %"
    return f"{gain}; 报警时长 time in alarm {longer}, 报出不推迟 no raise comes later"


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
        yield "变化率 / rate: 不建议新增, 已有或无从设置 / no new limit: there is one, or nothing to set it by"
        return
    first = found.rates[0].limit
    yield f"变化率 / rate: {first.id}, delta, {write_duration(first.window or 0)}"
    rows: list[tuple[str, ...]] = [
        ("", "报警 alarms", "每小时 per hour", "报警时长 in alarm", "先于报警 warned before", "提前 lead (median)")
    ]
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
        yield "建议 / proposed  不建议: 没有既会报警又每天不超过 3 次的值 / none: no value raises, and 3 a day at most"
        return
    yield "建议 / proposed  每天不超过 3 次的最低值 / the lowest value with 3 alarms a day at most"
    if found.rate.warned == 0:
        yield "注意 / note      在此实录上它没有提前预警 / on this record it warned before no alarm"
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
