"""What could be written for a limit instead, and rate limits that a point could have besides, from its noise."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final

import numpy as np

from plant import Level, Point
from plant.profiles import profiles
from plant.units import MINUTE, SECOND
from rules.spec.decimals import EXACT, minus, plus
from rules.spec.features import FEATURES
from rules.spec.rule import Limit
from rules.spec.ruleset import RuleSet
from rules.spec.strictness import looser_keys
from rules.spec.tolerance import comparison_of
from rules.study.episodes import Episode
from rules.study.noise import Noise

ROUND_DELAYS: Final = tuple(
    [k * SECOND for k in (1, 2, 3, 5, 10, 15, 20, 30)] + [k * MINUTE for k in (1, 2, 3, 5, 10)]
)  # fmt: skip
"""Delays that people would write, the longest that is proposed last. [ns]"""
LONGEST_ON_DELAY: Final = MINUTE
DEADBANDS: Final = (1, 2, 3, 4)
"""In steps of the signal."""
RISES: Final = (2, 3, 4, 5, 6, 8, 10, 15, 20)
"""In steps of the signal within the window of a rate limit."""
WINDOW: Final = 5 * MINUTE
SAMPLES: Final = 10
"""So many samples are in the window of a rate limit at least."""
METHANE: Final = ("CH4", "甲烷", "瓦斯")


def alternatives(
    limit: Limit, point: Point, noise: Noise, found: Sequence[Episode], legal: Limit | None
) -> list[Limit]:
    """Return what could be written instead: first other clears, then off-delays, then both, then on-delays.

    None of them is looser than the regulation in what it changes, and none gives methane an on-delay.

    Parameters
    ----------
    limit : Limit
        In force.
    point : Point
        That of the limit.
    noise : Noise
        Of this point.
    found : sequence of Episode
        Those of the limit in force, by their start.
    legal : Limit or None
        The same limit as its profile gives it.

    """
    clears: list[dict[str, object]] = [{"clear": clear, "deadband": None} for clear in _clears(limit, point, noise)]
    gaps = [
        after.start - before.end + limit.off_delay for before, after in pairwise(found) if before.end is not None
    ]  # fmt: skip
    offs: list[dict[str, object]] = [
        {"off_delay": delay} for delay in _delays(gaps, noise, ROUND_DELAYS[-1]) if delay > limit.off_delay
    ]
    changes = [*clears, *offs, *(clear | off for clear in clears[:2] for off in offs)]
    if not may_be_methane(point):
        lasting = [episode.end - episode.start + limit.on_delay for episode in found if episode.end is not None]
        changes += [
            {"on_delay": delay} for delay in _delays(lasting, noise, LONGEST_ON_DELAY) if delay > limit.on_delay
        ]
    tried = [(change, limit.model_copy(update=change)) for change in changes]
    return [
        other for change, other in tried if is_right(other, point) and not _is_looser(change, other, legal, point)
    ]  # fmt: skip


def may_be_methane(point: Point) -> bool:
    """Tell whether a point measures methane, or does not say what it measures: it then gets no on-delay."""
    names = {name for profile in profiles().values() if "CH4" in profile.quantities for name in profile.quantities}
    told = point.quantity.upper()
    return not told or point.expression is not None or told in names or any(word in told for word in METHANE)


def is_right(limit: Limit, point: Point) -> bool:
    """Tell whether an engine takes the limit."""
    return not any(problem.path[0] == "limit" for problem in RuleSet((point,), (limit,), (), ()).problems())


def _is_looser(change: Iterable[str], limit: Limit, legal: Limit | None, point: Point) -> bool:
    keys = set(change)
    return legal is not None and any(
        found.key in keys or found.key == "feature" for found in looser_keys(limit, legal, point)
    )


def _clears(limit: Limit, point: Point, noise: Noise) -> list[float]:
    """Return clears further and further on the safe side, as far as the record goes."""
    numbers = comparison_of(limit, point)
    step = noise.step(point)
    if not FEATURES[limit.feature].noise_moves_it:
        step = abs(numbers.setpoint) / 10
    if not step:
        return []
    move = minus if limit.direction == "high" else plus
    clears = [float(move(numbers.clear, EXACT.multiply(step, Decimal(k)))) for k in DEADBANDS]
    if not FEATURES[limit.feature].among_values:
        return clears
    high = limit.direction == "high"
    return [clear for clear in clears if (noise.lowest < clear if high else clear < noise.highest)]


def _delays(times: Sequence[int], noise: Noise, longest: int) -> list[int]:
    """Return delays that bridge a half, three quarters and nine tenths of these times, and two samples at least."""
    wanted = [2 * noise.period]
    if times:
        wanted += np.quantile(np.array(times, np.int64), (0.5, 0.75, 0.9)).astype(np.int64).tolist()
    rounded = {next((delay for delay in ROUND_DELAYS if delay >= max(time, wanted[0])), longest) for time in wanted}
    return sorted({int(min(delay, longest)) for delay in rounded})


def rate_limits(rules: RuleSet, point: Point, noise: Noise) -> list[Limit]:
    """Return limits of the rise of a point, or of its fall, that it could have besides; none where it has one.

    Parameters
    ----------
    rules : RuleSet
        In force.
    point : Point
        To be watched.
    noise : Noise
        Of this point.

    """
    step = noise.step(point)
    watched = guarded(rules, point)
    if step is None or watched is None:
        return []
    direction = watched.direction
    own = (limit for limit in rules.limits if limit.point == point.id and FEATURES[limit.feature].of_change)
    if any(limit.direction == direction for limit in own):
        return []
    high = direction == "high"
    window = -(-max(WINDOW, SAMPLES * noise.period) // MINUTE) * MINUTE
    found = [
        Limit.model_validate(
            {
                "id": f"{point.id}.{'rise' if high else 'fall'}",
                "point": point.id,
                "feature": "delta",
                "window": f"{window // MINUTE}m",
                direction: float(step * k if high else -step * k),
                "clear": float(step * (k // 2) if high else -step * (k // 2)),
                "level": Level.YELLOW,
                "message": "上升过快" if high else "下降过快",
                "message_en": "Rises fast" if high else "Falls fast",
            }
        )
        for k in RISES
        if float(step * k) <= noise.highest - noise.lowest
    ]
    taken = {point.id for point in rules.points}
    return [
        limit
        for limit in found
        if limit.id not in taken and limit.id not in rules.conditions and is_right(limit, point)
    ]


def guarded(rules: RuleSet, point: Point) -> Limit | None:
    """Return the limit before which a rate limit can warn: of the value, and reached first; a high one if there is."""
    own = [limit for limit in rules.limits if limit.point == point.id and limit.feature == "value"]
    high = [limit for limit in own if limit.direction == "high"]
    if high:
        return min(high, key=lambda limit: limit.setpoint)
    return max(own, key=lambda limit: limit.setpoint, default=None)
