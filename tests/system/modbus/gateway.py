"""A gateway with units on a line behind it, some of which fall ill; it knows when it gave each of its answers."""

import asyncio
import struct
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final, Literal

from tests.system.modbus.serving import serving

Illness = Literal["silent", "slow", "hangs up", "exception"]
LINE: Final = 0.004
"""How long a unit takes to answer. [s]"""
OF_ITS_OWN: Final = 0.5
"""How long the gateway waits for a silent unit. [s]"""
SLOWNESS: Final = 0.7
"""How long a slow unit takes. [s]"""


class Gateway:
    """Every unit has one register, the number of its answer; `given` has the time of each by unit and number."""

    def __init__(self, illness: Illness, *, one_at_a_time: bool) -> None:
        self.ill: set[int] = set()
        self.given: dict[tuple[int, int], float] = {}
        self.connected = 0
        self._illness: Final = illness
        self._counts: Final[dict[int, int]] = {}
        self._line: Final = asyncio.Lock() if one_at_a_time else None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other."""
        self.connected += 1
        while True:
            transaction, _, _, unit, function, _, _ = struct.unpack(">HHHBBHH", await reader.readexactly(12))
            async with self._line or nullcontext():
                body = await self._body(unit, function)
            if body == b"hang up":
                return
            if body is not None:
                writer.write(struct.pack(">HHHB", transaction, 0, 1 + len(body), unit) + body)

    async def _body(self, unit: int, function: int) -> bytes | None:
        illness = self._illness if unit in self.ill else None
        waits = {"silent": OF_ITS_OWN, "slow": SLOWNESS}.get(illness or "", LINE)
        await asyncio.sleep(waits)
        if illness == "hangs up":
            return b"hang up"
        if illness == "exception":
            return struct.pack(">BB", function | 0x80, 4)
        if illness == "silent":
            return None
        number = self._counts[unit] = (self._counts.get(unit, 0) + 1) % 65536
        self.given[unit, number] = asyncio.get_running_loop().time()
        return struct.pack(">BBH", function, 2, number)


def listening(gateway: Gateway) -> AbstractAsyncContextManager[str]:
    """Serve a gateway on loopback; yield its endpoint."""
    return serving(gateway.serve)
