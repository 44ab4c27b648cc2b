"""Opens the journal of a data folder for writing; a new one states which journals it succeeds."""

from collections.abc import Iterator

from adapters.stores import Journal
from hazwatch.live.anchors.keeper import anchor_witness
from hazwatch.live.anchors.witnesses import all_witnesses
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config


def open_to_write(config: Config, folder: DataFolder) -> Journal:
    """Open the journal of a site for writing; raise the errors of `Journal`."""
    return Journal(folder.journal, mine=config.site.id, earlier=lambda: _known_journals(config, folder))


def _known_journals(config: Config, folder: DataFolder) -> Iterator[bytes]:
    """Yield the identity of the journal that each file of a data folder knows."""
    for witness in (*all_witnesses(folder), *anchor_witness(config, folder)):
        yield witness.anchor.journal
