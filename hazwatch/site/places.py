"""Places of files that a site file names."""

from collections.abc import Callable
from pathlib import Path

from plant import Message


def absolute(example: str) -> Callable[[str], str]:
    """Return a validator that accepts absolute paths, such as the example."""

    def check(path: str) -> str:
        if not Path(path).is_absolute():
            raise ValueError(Message('expected an absolute path, such as "{example}"', example=example))
        return path

    return check
