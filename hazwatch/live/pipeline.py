"""The pure path of the log: turns batches, ticks and commands into journal records."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from alarms import Command, Ledger, Record
from hazwatch.live.late.review import ReviewOutcome
from hazwatch.site.config import Config
from ingest import Intake, Log
from plant import SampleBatch
from rules import Engine, Event

EVENTS_OF_PART: Final = 100
"""Largest number of events of which the records are made at once."""


class Pipeline:
    """One run of the engine over one log.

    It opens no file, reads no clock and starts no thread, so the same calls always return the same records.
    """

    def __init__(self, config: Config, ledger: Ledger, walked: tuple[Intake, Engine] | None = None) -> None:
        """Continue with an intake and an engine of the last run, or else with the active conditions of the ledger."""
        self.points: Final = config.points
        self.sources: Final = config.sources
        self.ledger: Final = ledger
        self._version: Final = config.rules.version
        if walked is None:
            walked = Intake(config.points, config.site, config.arrival_timed()), Engine(config.rules)
            walked[1].restore(ledger.standing_events(), ledger.last_seq, ledger.recent_events())
        self.intake, self.engine = walked

    def start(self, now: int) -> list[Record]:
        """Begin a run at a time from which staleness is counted. [ns, UTC]."""
        begun = self.ledger.start(now, self._version)
        return [*begun, *(record for part in self._parts(self.intake.start(now), now) for record in part)]

    def feed(self, batch: SampleBatch, now: int) -> tuple[SampleBatch, list[Record]]:
        """Process a batch of one source; return it with its arrival, and the records. [ns, UTC]."""
        stamped, parts = self.feed_in_parts(batch, now)
        return stamped, [record for part in parts for record in part]

    def feed_in_parts(self, batch: SampleBatch, now: int) -> tuple[SampleBatch, Iterator[list[Record]]]:
        """Process a batch as `feed` does; the records are made part by part, as they are taken. [ns, UTC].

        Nothing else may enter, and no snapshot may be taken, before the last part is.
        """
        stamped = batch.stamped(self.intake.stamp(now))
        return stamped, self._parts(self.intake.accept(stamped), now)

    def tick(self, now: int) -> list[Record]:
        """Process the ticks that the clock has passed; return the records. [ns, UTC]."""
        return [record for part in self.tick_in_parts(now) for record in part]

    def tick_in_parts(self, now: int) -> Iterator[list[Record]]:
        """Process ticks as `tick` does; the records are made part by part, as in `feed_in_parts`. [ns, UTC]."""
        log = self.intake.clock(now)
        return self._parts(log, now) if len(log) else iter(())

    def command(self, command: Command, now: int) -> list[Record]:
        """Execute a command of a person.

        Raises
        ------
        alarms.CommandRefusedError, alarms.IllegalTransitionError
            The command is not possible now; nothing changed.

        """
        return self.ledger.command(command, now, in_doubt=self.in_doubt())

    def review(self, outcome: ReviewOutcome, now: int) -> list[Record]:
        """Record the outcome of a review of late data; it changes no condition and no alarm. [ns, UTC]."""
        return self.ledger.review(outcome.anomalies, now, until=outcome.until, samples=outcome.samples)

    def in_doubt(self) -> frozenset[str]:
        """Return the points in doubt: their present values are not evidence of safety."""
        doubtful = self.engine.readings().in_doubt.nonzero()[0]
        return frozenset(self.points.id(int(column)) for column in doubtful)

    def _parts(self, log: Log, now: int) -> Iterator[list[Record]]:
        """Evaluate a piece of the log at once; make the records of its events, EVENTS_OF_PART at a time."""
        # The loss of a large source is tens of thousands of events, and their records take seconds.
        return self._records(iter(self.engine.evaluate(log)), now)

    def _records(self, events: Iterator[Event], now: int) -> Iterator[list[Record]]:
        while part := list(islice(events, EVENTS_OF_PART)):
            yield self.ledger.apply(part, now)
