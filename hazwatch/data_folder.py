"""What stands where in a data folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder that one engine writes, and others read."""

    path: Path

    @property
    def journal(self) -> Path:
        """The journal: events, alarms, tickets."""
        return self.path / "journal.db"

    @property
    def snapshot(self) -> Path:
        """What the engine remembered a moment ago."""
        return self.path / "engine.snapshot"

    @property
    def history(self) -> Path:
        """The historian: every sample."""
        return self.path / "history"
