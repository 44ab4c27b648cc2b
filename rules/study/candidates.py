"""Alternatives to a limit, and additional rate limits of a point, derived from its noise."""

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
"""Round delays, as people write them. The last is the longest that is proposed. [ns]"""
LONGEST_ON_DELAY: Final = MINUTE
DEADBANDS: Final = (1, 2, 3, 4)
"""Additional deadbands, in steps of the signal."""
RISES: Final = (2, 3, 4, 5, 6, 8, 10, 15, 20)
"""Setpoints of rate limits, in steps of the signal within their window."""
WINDOW: Final = 5 * MINUTE
SAMPLES: Final = 10
"""Smallest number of samples in the window of a rate limit."""
METHANE: Final = ("CH4", "甲烷", "瓦斯")


def alternatives(
    limit: Limit, point: Point, noise: Noise, episodes: Sequence[Episode], legal: Limit | None
) -> list[Limit]:
    """Return alternatives: first other clears, then off-delays, then clears with off-delays, then on-delays.

    No alternative loosens a key beyond the regulation, and methane never gets an on-delay.

    Parameters
    ----------
    limit : Limit
        Limit in force.
    point : Point
        Its point.
    noise : Noise
        Noise of the point.
    episodes : sequence of Episode
        Episodes of the limit in force, by their start.
    legal : Limit or None
        The limit as its profile has it.

    """
    clears: list[dict[str, object]] = [{"clear": clear, "deadband": None} for clear in _clears(limit, point, noise)]
    gaps = [
        after.start - before.end + limit.off_delay for before, after in pairwise(episodes) if before.end is not None
    ]  # fmt: skip
    offs: list[dict[str, object]] = [
        {"off_delay": delay} for delay in _delays(gaps, noise, ROUND_DELAYS[-1]) if delay > limit.off_delay
    ]
    # In the order of cost: a wider deadband delays no raise and keeps an alarm only slightly longer; an off-delay keeps
    # it longer; an on-delay makes every raise later.
    changes = [*clears, *offs, *(clear | off for clear in clears[:2] for off in offs)]
    if not may_be_methane(point):
        lasting = [episode.end - episode.start + limit.on_delay for episode in episodes if episode.end is not None]
        changes += [
            {"on_delay": delay} for delay in _delays(lasting, noise, LONGEST_ON_DELAY) if delay > limit.on_delay
        ]
    tried = [(change, limit.model_copy(update=change)) for change in changes]
    return [
        other for change, other in tried if is_right(other, point) and not _is_looser(change, other, legal, point)
    ]  # fmt: skip


# Methane rises within seconds, and the Coal Mine Safety Regulations require the power cut at the setpoint itself.
def may_be_methane(point: Point) -> bool:
    """Tell whether a point measures methane or has no stated quantity, and so must not get an on-delay."""
    names = {name for profile in profiles().values() if "CH4" in profile.quantities for name in profile.quantities}
    quantity = point.quantity.upper()
    return (
        not quantity or point.expression is not None or quantity in names or any(word in quantity for word in METHANE)
    )


def is_right(limit: Limit, point: Point) -> bool:
    """Tell whether the limit has no problems, so that an engine accepts it."""
    return not any(problem.path[0] == "limit" for problem in RuleSet((point,), (limit,), (), ()).problems())


def _is_looser(change: Iterable[str], limit: Limit, legal: Limit | None, point: Point) -> bool:
    keys = set(change)
    return legal is not None and any(
        looser.key in keys or looser.key == "feature" for looser in looser_keys(limit, legal, point)
    )


def _clears(limit: Limit, point: Point, noise: Noise) -> list[float]:
    """Return clears that lie further and further on the safe side, within the values of the record."""
    numbers = comparison_of(limit, point)
    step = noise.step(point)
    # A step of the signal says nothing about a feature in another unit; a tenth of the setpoint is a usual deadband.
    if not FEATURES[limit.feature].noise_moves_it:
        step = abs(numbers.setpoint) / 10
    if not step:
        return []
    move = minus if limit.direction == "high" else plus
    clears = [float(move(numbers.clear, EXACT.multiply(step, Decimal(k)))) for k in DEADBANDS]
    # A clear beyond all values of the record would never be reached: the alarm would stand for ever.
    if not FEATURES[limit.feature].among_values:
        return clears
    high = limit.direction == "high"
    return [clear for clear in clears if (noise.lowest < clear if high else clear < noise.highest)]


def _delays(times: Sequence[int], noise: Noise, longest: int) -> list[int]:
    """Return round delays that cover a half, three quarters and nine tenths of the times, and two samples at least."""
    wanted = [2 * noise.period]
    if times:
        wanted += np.quantile(np.array(times, np.int64), (0.5, 0.75, 0.9)).astype(np.int64).tolist()
    rounded = {next((delay for delay in ROUND_DELAYS if delay >= max(time, wanted[0])), longest) for time in wanted}
    return sorted({int(min(delay, longest)) for delay in rounded})


def rate_limits(rules: RuleSet, point: Point, noise: Noise) -> list[Limit]:
    """Return limits of the rise (or fall) of a point that it could have in addition; none if it has such a limit.

    Parameters
    ----------
    rules : RuleSet
        Rules in force.
    point : Point
        Point to watch.
    noise : Noise
        Noise of the point.

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
    # Whole minutes, as an engineer would write them, and enough samples that one outlier does not decide.
    window = -(-max(WINDOW, SAMPLES * noise.period) // MINUTE) * MINUTE
    rates = [
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
        for limit in rates
        if limit.id not in taken and limit.id not in rules.conditions and is_right(limit, point)
    ]


def guarded(rules: RuleSet, point: Point) -> Limit | None:
    """Return the limit that a rate limit can warn of: the first to be reached by the value, preferably a high one."""
    own = [limit for limit in rules.limits if limit.point == point.id and FEATURES[limit.feature].is_value]
    high = [limit for limit in own if limit.direction == "high"]
    if high:
        return min(high, key=lambda limit: limit.setpoint)
    return max(own, key=lambda limit: limit.setpoint, default=None)
