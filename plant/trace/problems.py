"""The errors of a trace, each with its line and the expected form."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from plant.bounds import MOST_WRONG_LINES
from plant.message import Message

# One mistake, such as a wrong separator, makes every line wrong: a few lines show the pattern.
SHOWN: Final = 20
"""Number of problems that an error lists; it only counts the others. [1]"""


class TraceProblem(NamedTuple):
    """An error in one line of a trace."""

    line: int
    message: Message


class TraceError(ValueError):
    """A trace cannot be read; the error lists its first problems and their number."""

    def __init__(self, problems: Sequence[TraceProblem], count: int) -> None:
        self.problems: Final = tuple(problems)
        self.count: Final = count
        lines = [Message("line {line}: {problem}", line=line, problem=message) for line, message in problems]
        if count > len(problems):
            lines.append(Message("and {count} more", count=count - len(problems)))
        super().__init__(*lines)

    def __str__(self) -> str:
        return "\n".join(map(str, self.args))


class Problems:
    """The problems of a trace so far."""

    def __init__(self) -> None:
        self._first: list[TraceProblem] = []
        self._count = 0

    def add(self, line: int, message: Message) -> None:
        """Add a problem of a line."""
        self._count += 1
        if self._count <= SHOWN:
            self._first.append(TraceProblem(line, message))

    def stop_if_many(self) -> None:
        """Raise TraceError if there are too many problems to go on."""
        if self._count > MOST_WRONG_LINES:
            self.stop()

    def stop(self) -> None:
        """Raise TraceError if there is any problem."""
        if self._count:
            raise TraceError(sorted(self._first, key=lambda problem: problem.line), self._count)
