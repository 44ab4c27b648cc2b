"""The scaled clock: one time for simulators and the engine."""

import pytest

from hazwatch.live.clock import ScaledClock, wall
from plant.units import SECOND


def test_two_clocks_with_the_same_numbers_show_the_same_time() -> None:
    epoch = wall() - 5 * SECOND
    one = ScaledClock(600, origin=0, epoch=epoch)
    other = ScaledClock(600, origin=0, epoch=epoch)
    assert abs(one.now() - other.now()) < 600 * SECOND
    assert one.now() >= 5 * 600 * SECOND


def test_without_an_origin_it_shows_the_time_of_day() -> None:
    assert abs(ScaledClock().now() - wall()) < SECOND


def test_it_never_goes_back() -> None:
    clock = ScaledClock(1000)
    seen = [clock.now() for _ in range(1000)]
    assert seen == sorted(seen)


async def test_sleeping_takes_as_long_as_the_rate_says() -> None:
    clock = ScaledClock(1000)
    before = clock.now()
    await clock.sleep(20 * SECOND)
    assert clock.now() - before >= 19 * SECOND
    assert clock.real(20 * SECOND) == pytest.approx(0.02)


@pytest.mark.parametrize("rate", [0, -1, 1e9, float("nan")])
def test_a_rate_that_makes_no_sense_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        ScaledClock(rate)


def test_only_a_clock_of_the_time_of_day_is_real() -> None:
    assert ScaledClock().is_real
    assert not ScaledClock(60).is_real
    assert not ScaledClock(origin=0).is_real
