"""`status` tells a lost link from one that stands and brings old data."""

from zoneinfo import ZoneInfo

import pytest

from hazwatch.cli.commands.status import link_message
from hazwatch.words import both


@pytest.mark.parametrize(
    ("connected", "fresh", "skew", "line"),
    [
        (False, False, None, "source kj-ua: lost since"),
        (True, False, -23_633_645_000, "connected; its data are old or stale since 1970-01-01 00:00:00, its clock is "),
        (True, False, -23_633_645_000, "其数据过旧或中断，时钟慢 9 个月"),
        (True, True, -2532, "its clock is behind by 2.5 seconds"),
        (True, True, -2532, "时钟慢 2.5 秒"),
        (True, True, 40, "its clock is exact"),
        (True, True, 40, "时钟准确"),
    ],
)
def test_the_link_and_its_clock_are_in_words(connected: bool, fresh: bool, skew: int | None, line: str) -> None:
    link = {"id": "kj-ua", "connected": connected, "fresh": fresh, "since": 0, "skew": skew}
    assert line in both(link_message(link, ZoneInfo("UTC")))
