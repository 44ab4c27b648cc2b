"""Is one limit looser than another: does it raise later or clear sooner."""

from plant import Point
from rules.comparison import comparison_of
from rules.spec import Limit


def looser_keys(limit: Limit, than: Limit, point: Point) -> list[str]:
    """Return the keys in which a limit of a point is looser than another one; none where it is as strict or stricter.

    Another feature or direction is looser by definition: it does not watch what the other one watches.
    """
    if (limit.feature, limit.direction) != (than.feature, than.direction):
        return ["feature" if limit.feature != than.feature else limit.direction]
    mine, other = comparison_of(limit, point), comparison_of(than, point)
    sign = 1 if limit.direction == "high" else -1
    later = {
        limit.direction: sign * (mine.setpoint - other.setpoint) > 0,
        "deadband" if limit.deadband is not None else "clear": sign * (mine.clear - other.clear) > 0,
        "on_delay": limit.on_delay > than.on_delay,
        "off_delay": limit.off_delay < than.off_delay,
    }
    return [key for key, looser in later.items() if looser]
