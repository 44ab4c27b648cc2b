"""`StoreWatch`: runs the copy into each store in its own process, and knows how far each is."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from logging import getLogger
from typing import Final

from adapters.stores import HistoryFileError, JournalError
from hazwatch.live.clock import ScaledClock
from hazwatch.live.data_folder import DataFolder
from hazwatch.live.export.influx_worker import export, prepare
from hazwatch.live.export.store_state import StoreState
from hazwatch.live.late.worker import ApartError, apart
from hazwatch.site.config import Config
from hazwatch.site.specs.stores import InfluxStoreSpec
from plant import Message, message_of

logger = getLogger(__name__)

COPY_PAUSE: Final = 10.0
"""Pause before a copy whose process ended is started again. [s]"""


class StoreWatch:
    """The stores of a run; `run` returns never, and at once if there are none.

    Parameters
    ----------
    config, folder
        Configuration and data folder.
    clock : ScaledClock
        The engine's clock; the run begins now.

    """

    def __init__(self, config: Config, folder: DataFolder, clock: ScaledClock) -> None:
        self._config: Final = config
        self._folder: Final = folder
        self._clock: Final = clock
        self._started: Final = clock.now()
        self._states: Final[dict[str, StoreState]] = {}

    @property
    def states(self) -> Mapping[str, StoreState]:
        """The last known state of each store, by its id; none before its first step."""
        return self._states

    async def run(self) -> None:
        """Copy into all stores until cancelled."""
        async with asyncio.TaskGroup() as group:
            for spec in self._config.stores:
                group.create_task(self._follow(spec), name=f"store {spec.id}")

    async def _follow(self, spec: InfluxStoreSpec) -> None:
        is_prepared = False
        while True:
            try:
                if not is_prepared:
                    await asyncio.to_thread(prepare, self._folder, spec, self._started)
                    is_prepared = True
                now, name = self._clock.now(), f"hazwatch store {spec.id}"
                copy = apart(
                    export, self._config, self._folder, spec, now, self._clock.rate, name=name, expected=(ValueError,)
                )
                async with aclosing(copy) as states:
                    async for state in states:
                        self._note(spec.id, state)
            except (ApartError, OSError, HistoryFileError, JournalError) as error:
                known = self._states.get(spec.id, StoreState(self._started, 0, 0))
                self._note(spec.id, known.stopped(message_of(error)))
            await asyncio.sleep(COPY_PAUSE)

    def _note(self, store: str, state: StoreState) -> None:
        before = self._states.get(store)
        self._states[store] = state
        trouble = None if before is None else before.trouble
        if state.trouble is not None and state.trouble != trouble:
            logger.warning("%s store=%s reason=%s", Message("store cannot be written"), store, state.trouble)
        elif state.trouble is None and trouble is not None:
            logger.info("%s store=%s", Message("store is written again"), store)
        if before is not None and state.refused > before.refused:
            count = state.refused - before.refused
            logger.warning("%s store=%s lines=%d", Message("store refused lines for good"), store, count)
