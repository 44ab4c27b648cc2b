"""Acts without the rights of the tests: a superuser could write in every read-only folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def as_a_stranger() -> Iterator[None]:
    """Give up the right to write everywhere, if the tests have it."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
