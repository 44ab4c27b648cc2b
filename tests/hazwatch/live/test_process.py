"""The page's server never gets the open files that field and stores need."""

import resource

import pytest

from hazwatch.live.process import FEWEST, RESERVE, left_for_pages, raise_limit


@pytest.mark.parametrize(
    ("limit", "sources", "expected"),
    [
        pytest.param(resource.RLIM_INFINITY, 3, 512, id="no limit"),
        pytest.param(1_000_000, 3, 512, id="a high limit"),
        pytest.param(RESERVE + 112, 3, 100, id="a low limit"),
        pytest.param(64, 3, FEWEST, id="hardly any"),
    ],
)
def test_a_part_is_kept_for_the_others(limit: int, sources: int, expected: int) -> None:
    assert left_for_pages(limit, sources, 512) == expected


def test_the_limit_is_raised_to_what_the_system_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, soft), hard))
        assert raise_limit() == hard
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
