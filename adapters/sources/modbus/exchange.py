"""Asks an endpoint one request after the other, over whichever connection stands."""

import asyncio
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.frames import GarbledError, HungUpError, LinkLostError, ModbusRefusedError, SilentError
from adapters.sources.modbus.link import ModbusLink, framing_of
from adapters.sources.modbus.plan import Request
from plant import Message, message_of
from plant.units import SECOND

BUSY: Final = (5, 6)
"""Exception codes of a device that has no time now; it is asked again after `BUSY_PAUSE`."""
BUSY_PAUSE: Final = 0.1
"""[s, real time]"""


class Exchange:
    """Asks an endpoint, one request after the other; it connects when needed, and again when the device hangs up."""

    def __init__(self, spec: ModbusSource) -> None:
        self._spec: Final = spec
        self._link: ModbusLink | None = None
        self._framing = framing_of(spec)
        self._free: Final = asyncio.Lock()

    async def read(self, request: Request, patience: float | None = None) -> NDArray[np.uint16]:
        """Send a request and return its registers, or its bits as 0 and 1; wait at most `patience` if given. [s].

        A device that hangs up is asked once more over a new connection: some close after every answer. So is one whose
        answer is damaged, and one that is busy, after a pause.

        Raises
        ------
        LinkLostError
            No connection can be made.
        SilentError
            No answer in time, or the device hung up again.
        ModbusRefusedError
            An exception response, or an answer that does not match the request.

        """
        async with self._free:
            try:
                return await self._read_once(request, patience)
            except (HungUpError, GarbledError):
                return await self._read_once(request, patience)
            except ModbusRefusedError as error:
                if error.code not in BUSY:
                    raise
            await asyncio.sleep(BUSY_PAUSE)
            return await self._read_once(request, patience)

    async def connect(self) -> None:
        """Connect unless a connection stands; raise LinkLostError if none can be made."""
        async with self._free:
            await self._connected()

    async def is_answered(self, request: Request) -> bool:
        """Tell whether a request is answered in any way; False if no connection can be made or the device hangs up."""
        try:
            await self.read(request)
        except (HungUpError, LinkLostError):
            return False
        except (SilentError, ModbusRefusedError):
            return True
        return True

    async def reconnect(self) -> None:
        """Make another connection; raise LinkLostError if none can be made."""
        async with self._free:
            self.close()
            await self._connected()

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._link is not None:
            self._link.close()
            self._link = None

    async def _read_once(self, request: Request, patience: float | None) -> NDArray[np.uint16]:
        link = await self._connected()
        if self._spec.pause:
            await asyncio.sleep(self._spec.pause / SECOND)
        try:
            return await link.read(request, patience)
        except LinkLostError as error:
            self.close()
            raise HungUpError(message_of(error)) from None

    async def _connected(self) -> ModbusLink:
        if self._link is None or not self._link.connected:
            self.close()
            if self._spec.transport == "tcp":
                self._framing = framing_of(
                    self._spec
                )  # on a line of RTU late answers may come over the next connection
            self._link = ModbusLink(self._spec, self._framing)
            if not await self._link.open():
                raise LinkLostError(Message("no connection"))
            if self._spec.settle:
                await asyncio.sleep(self._spec.settle / SECOND)
        return self._link
