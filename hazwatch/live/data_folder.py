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
    def lost_journal(self) -> bool:
        """Whether there is no journal, and what a run leaves beside it is there."""
        if self.journal.is_file() and self.journal.stat().st_size:
            return False
        return self.site_copy.is_file() or (self.history.is_dir() and any(self.history.iterdir()))

    @property
    def snapshot(self) -> Path:
        """What the engine remembered a moment ago."""
        return self.path / "engine.snapshot"

    @property
    def history(self) -> Path:
        """The historian: every sample."""
        return self.path / "history"

    @property
    def approval(self) -> Path:
        """The approval of a rule-set that comes into force with the next start."""
        return self.path / "approved.json"

    @property
    def in_force(self) -> Path:
        """The site file of the last start, and its table of points: what a start can always go on with."""
        return self.path / "in-force"

    @property
    def site_copy(self) -> Path:
        """The site file in there."""
        return self.in_force / "site.toml"
