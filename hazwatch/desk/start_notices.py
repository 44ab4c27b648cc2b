"""The notices of a start, and of what a run finds out about its journal and about the clock of the machine."""

import logging
from typing import Final
from zoneinfo import ZoneInfo

from adapters.stores import Damage
from alarms import Ledger
from console import LevelName
from hazwatch.live.anchors.keeper import AnchorKeeper
from hazwatch.live.clock import ScaledClock
from hazwatch.live.clock_watch import MOVE_TOLERANCE, ClockMove
from hazwatch.live.journal_watch import JournalWatch
from hazwatch.live.judgements import judgement_notice
from hazwatch.site.config import Config
from hazwatch.words import text
from hazwatch.words.breaks import lost_notice
from hazwatch.words.clocks import behind_records_notice, moved_notice
from hazwatch.words.damages import damage_message
from plant import NO_ARRIVAL, Message, Text
from plant.units import HOUR

logger = logging.getLogger(__name__)

MOVE_REMEMBERED: Final = HOUR
"""Time for which the page shows that the clock was moved; the program's log keeps it. [ns]"""


class StartNotices:
    """Called, it returns level and text of each notice by its name."""

    def __init__(
        self, config: Config, watch: JournalWatch, keeper: AnchorKeeper, ledger: Ledger, *, clock: ScaledClock
    ) -> None:
        self._config: Final = config
        self._watch: Final = watch
        self._keeper: Final = keeper
        self._ledger: Final = ledger
        self._clock: Final = clock
        self._begun = clock.now()
        self._site: Text | None = None
        self._time: Text | None = None
        self._lost: Text | None = None

    def begin(self, site: Text | None, before: int, move: ClockMove | None, lost: Damage | None) -> None:
        """Take what is to be said of the site file, and how the clock of the machine came to its time.

        Parameters
        ----------
        site : Text or None
            What is to be said of the site file.
        before : int
            Time of the last entry of earlier runs; NO_ARRIVAL if there were none. [ns, UTC]
        move : ClockMove or None
            The move of the clock that ended the run before this one.
        lost : Damage or None
            The end of the history, if it was gone before the start.

        """
        if lost is not None:
            message = damage_message(lost, ZoneInfo(self._config.site.timezone))
            logger.error("%s", message)
            self._lost = text(message)
        self._site = site
        if move is not None:
            self._time = text(moved_notice(move.by, slept=move.is_sleep))
        elif before != NO_ARRIVAL and before > self._begun + MOVE_TOLERANCE:
            self._time = text(behind_records_notice(before - self._begun))

    def __call__(self) -> dict[str, tuple[LevelName, Text]]:
        """Return the notices that stand."""
        notices: dict[str, tuple[LevelName, Text]] = {}
        if self._site is not None:
            notices["site"] = ("orange", self._site)
        if self._time is not None and self._clock.now() < self._begun + MOVE_REMEMBERED:
            notices["clock moved"] = ("orange", self._time)
        if self._lost is not None:
            notices["history end"] = ("orange", self._lost)
        if self._config.judgements:
            notices["judgements"] = ("orange", text(judgement_notice(self._config.judgements)))
        if self._watch.trouble is not None:
            notices["journal changed"] = ("red", text(self._watch.trouble))
        elif self._ledger.lost:
            notices["journal records"] = ("orange", text(lost_notice(self._ledger.lost)))
        if self._keeper.trouble is not None:
            notices["anchors"] = (
                "yellow",
                text(Message("no anchor of the journal: {reason}", reason=self._keeper.trouble)),
            )
        return notices
