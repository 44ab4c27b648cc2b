"""The pure path of the log: batches, ticks and commands in, journal records out."""

from collections.abc import Sequence
from typing import Final

from alarms import Command, Ledger, Record
from hazwatch.live.late.review import ReviewOutcome
from hazwatch.site.config import Config
from ingest import Intake, Log
from plant import SampleBatch
from rules import Engine, Event


class Pipeline:
    """One run of the engine over one log; whoever feeds it decides nothing.

    It opens nothing, reads no clock and starts no thread: the same calls give the same records.
    """

    def __init__(self, config: Config, ledger: Ledger, walked: tuple[Intake, Engine] | None = None) -> None:
        """Go on with what walked the log of the runs before; without that, with what the ledger has standing."""
        self.points: Final = config.points
        self.ledger: Final = ledger
        self._version: Final = config.rules.version
        if walked is None:
            walked = Intake(config.points, config.site, config.arrival_timed()), Engine(config.rules)
            walked[1].restore(ledger.standing_events(), ledger.last_seq, ledger.recent_events())
        self.intake, self.engine = walked

    def start(self, now: int) -> list[Record]:
        """Begin a run: staleness counts anew. [ns, UTC]."""
        begun = self.ledger.start(now, self._version)
        return [*begun, *self._apply(self.intake.start(now), now)]

    def feed(self, batch: SampleBatch, now: int) -> tuple[SampleBatch, list[Record]]:
        """Take what one source delivered; return it with its arrival, and what it changed. [ns, UTC]."""
        stamped = batch.stamped(self.intake.stamp(now))
        return stamped, self._apply(self.intake.accept(stamped), now)

    def tick(self, now: int) -> list[Record]:
        """Let the ticks in that the clock has passed. [ns, UTC]."""
        log = self.intake.clock(now)
        return self._apply(log, now) if len(log) else []

    def command(self, command: Command, now: int) -> list[Record]:
        """Carry out what a person asked for.

        Raises
        ------
        alarms.CommandRefusedError, alarms.IllegalTransitionError
            It is not possible now; nothing has changed.

        """
        return self.ledger.command(command, now, in_doubt=self.in_doubt())

    def review(self, found: ReviewOutcome, now: int) -> list[Record]:
        """Take what a review found in late data; no condition and no alarm moves by it. [ns, UTC]."""
        return self.ledger.review(found.anomalies, now, until=found.until, samples=found.samples)

    def in_doubt(self) -> frozenset[str]:
        """Return the points whose value says nothing about safety now."""
        doubtful = self.engine.readings().in_doubt.nonzero()[0]
        return frozenset(self.points.id(int(column)) for column in doubtful)

    def _apply(self, log: Log, now: int) -> list[Record]:
        events: Sequence[Event] = self.engine.evaluate(log)
        return self.ledger.apply(events, now) if events else []
