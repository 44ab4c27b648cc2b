"""The list of lines that a store refused for good, in a file that does not grow without bound."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Final

from adapters.stores.influx.sender import Refusal

LARGEST_LIST: Final = 4_000_000
"""Size at which the file becomes the older one of two. [bytes]"""


class RefusedLines:
    """The newest refused lines, as JSON lines; an older file beside it holds those before."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    def add(self, refusals: Iterable[Refusal], arrival: int) -> int:
        """Add what was refused of samples up to an arrival [ns, UTC]; return the number of lines.

        Raises
        ------
        OSError
            The file cannot be written.

        """
        listed = list(refusals)
        if not listed:
            return 0
        # The newest lines matter: two files of bounded size hold them, however long a server refuses.
        if self.path.exists() and self.path.stat().st_size > LARGEST_LIST:
            self.path.replace(self.path.with_name(f"{self.path.name}.old"))
        with self.path.open("a", encoding="utf-8") as file:
            for refusal in listed:
                file.write(json.dumps({"arrival": arrival, **asdict(refusal)}, ensure_ascii=False) + "\n")
        return sum(refusal.count for refusal in listed)
