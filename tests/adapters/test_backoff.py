"""A device that is away is asked again soon, and never less often than every two seconds."""

from adapters.sources import Backoff


def test_pauses_double_up_to_the_longest() -> None:
    backoff = Backoff(first=0.1, longest=2.0)
    assert [backoff.pause() for _ in range(7)] == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_an_answer_makes_the_next_pause_short_again() -> None:
    backoff = Backoff()
    pauses = [backoff.pause() for _ in range(10)]
    backoff.reset()
    assert backoff.pause() == pauses[0] == 0.1
