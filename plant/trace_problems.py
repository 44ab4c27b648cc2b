"""What is wrong with a trace: in which lines, and what to write instead."""

from collections.abc import Sequence
from typing import Final, NamedTuple

SHOWN: Final = 20
"""Problems that an error names; the others are counted. [1]"""


class Problem(NamedTuple):
    """What is wrong in one line of a trace."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class TraceError(ValueError):
    """A trace that cannot be read: its first problems, and how many there are."""

    def __init__(self, problems: Sequence[Problem], count: int) -> None:
        self.problems: Final = tuple(problems)
        self.count: Final = count
        more = [f"and {count - len(problems)} more"] if count > len(problems) else []
        super().__init__("\n".join([*map(str, problems), *more]))


class Problems:
    """What is wrong with a trace so far."""

    def __init__(self) -> None:
        self._first: list[Problem] = []
        self._count = 0

    def add(self, line: int, message: str) -> None:
        """Note what is wrong in a line."""
        self._count += 1
        if self._count <= SHOWN:
            self._first.append(Problem(line, message))

    def stop(self) -> None:
        """Raise TraceError if anything is."""
        if self._count:
            raise TraceError(sorted(self._first, key=lambda problem: problem.line), self._count)
