"""Appends the head of the journal to the file of anchors: at a start that needs it, and then once a day."""

import asyncio
from datetime import datetime
from logging import getLogger
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from adapters.stores import AnchorFileError, AnchorKey, AnchorLine, Journal, read_anchors
from hazwatch.live.anchors.witnesses import Witness
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import Config
from plant import Message, message_of
from plant.units import SECOND

logger = getLogger(__name__)

ANCHOR_EVERY: Final = 60.0
"""Time between two looks at the date. [s]"""

ONLY_INSIDE: Final = Message(
    "anchors are only kept in the data folder, and nothing disproves an older copy of the whole folder: name a place "
    "outside with file in [anchors]"
)


def anchor_file(config: Config, folder: DataFolder) -> Path:
    """Return the file of anchors of a site."""
    return folder.anchors if config.anchors.file is None else Path(config.anchors.file)


def key_file(config: Config, folder: DataFolder) -> Path:
    """Return the file with the key of the machine."""
    return folder.anchor_key if config.anchors.key is None else Path(config.anchors.key)


def last_line(config: Config, folder: DataFolder) -> AnchorLine | None:
    """Return the last anchor of a mine that this machine signed; None if there is none.

    Raises
    ------
    AnchorFileError
        File or key cannot be read.

    """
    path, key = anchor_file(config, folder), key_file(config, folder)
    if not path.exists() or not key.exists():
        return None
    public = AnchorKey(key).public
    lines = [line for line in read_anchors(path) if isinstance(line, AnchorLine)]
    own = [line for line in lines if (line.site, line.key) == (config.site.id, public)]
    return own[-1] if own else None


def anchor_witness(config: Config, folder: DataFolder) -> tuple[Witness, ...]:
    """Return what the last anchor knows of the journal; nothing if the file is out of reach."""
    try:
        line = last_line(config, folder)
    except AnchorFileError as error:
        logger.warning("%s reason=%s", Message("the anchors cannot be read"), message_of(error))
        return ()
    name = Message("the last anchor in {path}", path=anchor_file(config, folder))
    return () if line is None else (Witness(name, line.anchor),)


class AnchorKeeper:
    """Keeps the file of anchors of a running engine; `trouble` says why it cannot be written."""

    def __init__(self, config: Config, folder: DataFolder, journal: Journal) -> None:
        self.trouble: Message | None = None
        self._config: Final = config
        self._folder: Final = folder
        self._journal: Final = journal

    async def run(self) -> None:
        """Append an anchor whenever the last one is of another day, until cancelled."""
        if self._config.anchors.file is None:
            logger.warning("%s path=%s", ONLY_INSIDE, self._folder.anchors)
        while True:
            await asyncio.to_thread(self.append_if_due, wall())
            await asyncio.sleep(ANCHOR_EVERY)

    def append_if_due(self, now: int) -> None:
        """Append the head of the journal unless the file has a right one of this day. [ns, UTC]."""
        anchor = self._journal.anchor
        try:
            last = last_line(self._config, self._folder)
            if anchor is None or (last is not None and self._is_of_today(last, now)):
                return
            key = AnchorKey(key_file(self._config, self._folder))
            key.append(anchor_file(self._config, self._folder), self._config.site.id, now, anchor)
        except AnchorFileError as error:
            if self.trouble is None:
                logger.warning("%s reason=%s", Message("no anchor of the journal"), message_of(error))
            self.trouble = message_of(error)
        else:
            self.trouble = None

    def _is_of_today(self, last: AnchorLine, now: int) -> bool:
        zone = ZoneInfo(self._config.site.timezone)
        days = {datetime.fromtimestamp(time // SECOND, zone).date() for time in (last.time, now)}
        return len(days) == 1 and self._journal.compare(last.anchor) == "agrees"
