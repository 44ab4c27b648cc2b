"""The clock of a server is that of its quickest answer, and an old one is forgotten."""

from adapters.sources.opcua.server_clock import ServerClock
from plant.units import MS, SECOND


def test_the_quickest_answer_of_the_last_minute_counts() -> None:
    clock = ServerClock()
    assert clock.skew is None
    for second in range(100):
        now = second * SECOND
        clock.heard(now + 300 * MS - (40 + second % 7) * MS, now)
    assert clock.skew == 260 * MS


def test_a_clock_that_is_corrected_is_right_again_within_a_minute() -> None:
    clock = ServerClock()
    for second in range(61):
        now = second * SECOND
        clock.heard(now + (5 * SECOND if second == 0 else -MS), now)
    assert clock.skew == -MS


def test_an_answer_without_a_time_says_nothing() -> None:
    clock = ServerClock()
    clock.heard(None, SECOND)
    assert clock.skew is None
