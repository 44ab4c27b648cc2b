"""The simulated field: serves every source of a site from a trace, at the addresses in the site file."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from hazwatch.live.clock import ScaledClock
from hazwatch.site.config import Config
from plant import Message, SampleBatch, SourceSpec, message_of
from simulators import Faults, LostLink
from simulators.registry import SIMULATORS, SimulatedDevice


class FieldError(Exception):
    """A simulator cannot listen at the address in the site file."""


@asynccontextmanager
async def served(
    config: Config, trace: SampleBatch, clock: ScaledClock, faults: Faults
) -> AsyncIterator[Mapping[str, SimulatedDevice]]:
    """Serve all sources of a site for the duration of the context; yield the servers by the ids of their sources.

    Raises
    ------
    FieldError
        An address is taken or not of this machine, or a simulator cannot serve a source.

    """
    servers: Final[dict[str, SimulatedDevice]] = {}
    async with AsyncExitStack() as stack:
        for spec in config.sources:
            points = config.points_of(spec.id)
            if points:
                try:
                    servers[spec.id] = await stack.enter_async_context(_server(spec, points, trace, clock, faults))
                except OSError as error:
                    message = Message(
                        'source "{source}": cannot listen where the site file says: {reason}',
                        source=spec.id,
                        reason=message_of(error),
                    )
                    raise FieldError(message) from None
                except ValueError as error:
                    message = Message(
                        'source "{source}": cannot be simulated: {reason}', source=spec.id, reason=message_of(error)
                    )
                    raise FieldError(message) from None
        yield servers


def _server(
    spec: SourceSpec, points: list[tuple[int, str]], trace: SampleBatch, clock: ScaledClock, faults: Faults
) -> AbstractAsyncContextManager[SimulatedDevice]:
    serve = SIMULATORS.get(spec.protocol)
    if serve is None:
        message = Message(
            'source "{source}": protocol {protocol!r} has no simulator', source=spec.id, protocol=spec.protocol
        )
        raise FieldError(message)
    return serve(spec, dict(points), trace, clock, faults)


async def simulate(config: Config, trace: SampleBatch, clock: ScaledClock, faults: Faults) -> None:
    """Serve a site until cancelled; cut and restore links according to the faults."""
    async with served(config, trace, clock, faults) as servers, asyncio.TaskGroup() as group:
        for link in faults.lost_links:
            group.create_task(_cut(servers[link.source], link, clock), name=f"lost link {link.source}")
        await asyncio.Event().wait()


async def _cut(server: SimulatedDevice, link: LostLink, clock: ScaledClock) -> None:
    await clock.sleep(link.start - clock.now())
    await server.drop_link()
    await clock.sleep(link.end - clock.now())
    await server.restore_link()
