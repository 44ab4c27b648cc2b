"""Is one limit looser than another: does it raise later, or clear sooner."""

from typing import NamedTuple

from plant import Point, write_duration
from rules.comparison import comparison_of
from rules.spec import Limit


class Looser(NamedTuple):
    """A key in which a limit is looser, what it says and what the other one says."""

    key: str
    given: str
    than: str


def looser_keys(limit: Limit, than: Limit, point: Point) -> list[Looser]:
    """Return in what a limit of a point is looser than another one; nothing where it is as strict or stricter.

    Another feature or direction is looser by definition: it does not watch what the other one watches.
    """
    if limit.feature != than.feature:
        return [Looser("feature", limit.feature, than.feature)]
    if limit.direction != than.direction:
        return [Looser(limit.direction, limit.direction, than.direction)]
    mine, other = comparison_of(limit, point), comparison_of(than, point)
    sign = 1 if limit.direction == "high" else -1
    found = []
    if sign * (mine.setpoint - other.setpoint) > 0:
        found.append(Looser(limit.direction, str(mine.setpoint), str(other.setpoint)))
    if sign * (mine.clear - other.clear) > 0:
        found.append(Looser("clear", str(mine.clear), str(other.clear)))
    if limit.on_delay > than.on_delay:
        found.append(Looser("on_delay", write_duration(limit.on_delay), write_duration(than.on_delay)))
    if limit.off_delay < than.off_delay:
        found.append(Looser("off_delay", write_duration(limit.off_delay), write_duration(than.off_delay)))
    return found
