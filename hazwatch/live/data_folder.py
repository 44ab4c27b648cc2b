"""The layout of a data folder."""

from dataclasses import dataclass
from pathlib import Path

from adapters.stores import is_blank


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder that one engine writes and other processes read."""

    path: Path

    @property
    def journal(self) -> Path:
        """The journal: events, alarms, tickets."""
        return self.path / "journal.db"

    @property
    def lost_journal(self) -> bool:
        """Whether the journal is missing although other files of an earlier run are there."""
        # An engine would then start from nothing, and the alarms that stood would be forgotten without a word.
        if self.journal.is_file() and not is_blank(self.journal):
            return False
        return (
            self.state.is_file() or self.site_copy.is_file() or (self.history.is_dir() and any(self.history.iterdir()))
        )

    @property
    def state(self) -> Path:
        """The state after one of the journal's records."""
        return self.path / "journal.state"

    @property
    def snapshot(self) -> Path:
        """The latest snapshot of the engine."""
        return self.path / "engine.snapshot"

    @property
    def sources(self) -> Path:
        """What sources keep over restarts."""
        return self.path / "sources"

    @property
    def stores(self) -> Path:
        """How far other stores have history and journal, and what they refused."""
        return self.path / "stores"

    @property
    def anchors(self) -> Path:
        """The file of anchors, unless the site file names another."""
        return self.path / "anchors.jsonl"

    @property
    def anchor_key(self) -> Path:
        """The key of the machine that signs them, unless the site file names another."""
        return self.path / "anchors.key"

    @property
    def certificates(self) -> Path:
        """The folder of certificates, unless the table of a source names another."""
        return self.path / "certificates"

    @property
    def history(self) -> Path:
        """The historian: every sample."""
        return self.path / "history"

    @property
    def approval(self) -> Path:
        """The approval of a rule-set that waits for the next start."""
        return self.path / "approved.json"

    @property
    def in_force(self) -> Path:
        """The folder with a copy of the last start's site file and point table, from which the engine can start."""
        return self.path / "in-force"

    @property
    def site_copy(self) -> Path:
        """The copy of the site file."""
        return self.in_force / "site.toml"

    @property
    def point_table(self) -> Path:
        """The table of points in there."""
        return self.in_force / "points.csv"
