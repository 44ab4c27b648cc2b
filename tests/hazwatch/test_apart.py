"""Work in a process of its own ends with who waits for it, and hears no Ctrl-C of theirs."""

import signal
from collections.abc import Iterator

from hazwatch.live.late.worker import apart


def masked() -> Iterator[bool]:
    """Say whether Ctrl-C is kept from this process."""
    yield signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


async def test_ctrl_c_does_not_reach_it_from_its_first_moment() -> None:
    assert [kept async for kept in apart(masked)] == [True]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
