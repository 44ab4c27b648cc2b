"""The clock of a source is known within seconds of a start where its samples advance, and old values say nothing."""

import numpy as np
import pytest

from hazwatch.live.source_clocks import Skews
from hazwatch.words import text
from hazwatch.words.clocks import clock_error
from plant import SampleBatch
from plant.units import DAY, MS, SECOND
from tests.hazwatch.live.live_runs import BEGIN, config_in


@pytest.fixture
def skews(tmp_path_factory: pytest.TempPathFactory) -> Skews:
    return Skews(config_in(tmp_path_factory.mktemp("site")).points)


def given(skews: Skews, *ages: int) -> int | None:
    """Give a sample each second, of these ages; return what is known of the clock. [ns]."""
    for second, age in enumerate(ages):
        arrival = BEGIN + second * SECOND
        skews.take(SampleBatch.of([0], [arrival - age], [0.5], arrival=np.array([arrival])))
    return skews.of("ua")


def test_a_clock_that_is_months_behind_is_known_within_seconds(skews: Skews) -> None:
    assert given(skews, *[270 * DAY] * 7) == -270 * DAY


def test_values_that_do_not_change_show_no_clock(skews: Skews) -> None:
    assert given(skews, *(270 * DAY + second * SECOND for second in range(9))) is None


def test_old_values_at_a_start_do_not_hide_the_clock(skews: Skews) -> None:
    assert given(skews, DAY, *[0] * 7) == 0


@pytest.mark.parametrize(
    ("skew", "zh", "en"),
    [
        (-23_633_645 * SECOND, "慢 9 个月", "behind by 9 months"),
        (-2532 * MS, "慢 2.5 秒", "behind by 2.5 seconds"),
        (300 * SECOND, "快 5 分钟", "ahead by 5 minutes"),
        (-3 * DAY, "慢 3 天", "behind by 3 days"),
        (-47 * 365 * DAY, "慢 47 年", "behind by 47 years"),
        (-700 * DAY, "慢 23 个月", "behind by 23 months"),
        (4 * 3600 * SECOND, "快 4 小时", "ahead by 4 hours"),
        (7200 * SECOND, "快 2 小时", "ahead by 2 hours"),
    ],
)
def test_a_clock_error_is_written_in_words(skew: int, zh: str, en: str) -> None:
    message = text(clock_error(skew // MS))
    assert (message.zh, message.en) == (zh, en)
