"""Asks an endpoint one request after the other, over whichever connection stands."""

import asyncio
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.link import HungUpError, LinkLostError, ModbusLink, ModbusRefusedError
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

    async def read(self, request: Request) -> NDArray[np.uint16]:
        """Send a request and return its registers, or its bits as 0 and 1.

        A device that hangs up is asked once more over a new connection: some close after every answer. One that is busy
        is asked once more after a pause.

        Raises
        ------
        LinkLostError
            No connection can be made.
        SilentError
            No answer in time, or the device hung up again.
        ModbusRefusedError
            An exception response, or an answer that does not match the request.

        """
        try:
            return await self._read_once(request)
        except HungUpError:
            return await self._read_once(request)
        except ModbusRefusedError as error:
            if error.code not in BUSY:
                raise
        await asyncio.sleep(BUSY_PAUSE)
        return await self._read_once(request)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._link is not None:
            self._link.close()
            self._link = None

    async def _read_once(self, request: Request) -> NDArray[np.uint16]:
        link = await self._connected()
        await asyncio.sleep(self._spec.pause / SECOND)
        try:
            return await link.read(request)
        except LinkLostError as error:
            self.close()
            raise HungUpError(message_of(error)) from None

    async def _connected(self) -> ModbusLink:
        if self._link is None or not self._link.connected:
            self.close()
            self._link = ModbusLink(self._spec.host, self._spec.port, self._spec.timeout / SECOND)
            if not await self._link.open():
                raise LinkLostError(Message("no connection"))
            await asyncio.sleep(self._spec.settle / SECOND)
        return self._link
