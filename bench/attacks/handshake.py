"""Stands between an OPC UA source and a server, and spoils one byte, piece or connection of what the server sends."""

import asyncio
import random
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from adapters.certificates import CertificateFolder
from adapters.sources import Installation
from adapters.sources.cancellation import within
from adapters.sources.opcua.access import Access
from adapters.sources.opcua.held import Held
from adapters.sources.opcua.refusals import LINK_ERRORS
from adapters.sources.opcua.requests import RequestSizes
from adapters.sources.opcua.session.connection import connect
from hazwatch.live.clock import wall
from tests.system.opcua.listening import spec
from tests.system.opcua.meddler import cut, flip, meddler
from tests.system.opcua.node_peer.secured import PASSWORD, USER, make, secured

LONGEST: Final = 20.0
"""Longest time of an attempt whose time-outs are 1 s. [s]"""
FIRST_LENGTH: Final = 6000
"""Bytes that a server sends until the session stands, before the first attempt has shown it."""


def junk(piece: bytearray, at: int) -> bytearray:
    """Send random bytes instead."""
    del at
    return bytearray(random.randbytes(len(piece)))


def twice(piece: bytearray, at: int) -> bytearray:
    """Send the piece twice."""
    del at
    return piece + piece


async def _attempt(folder: CertificateFolder, user: dict[str, str], port: int, length: int) -> tuple[str, int]:
    """Connect through a meddler; return what is wrong with the outcome, if anything, and the bytes that passed."""
    flipped = partial(flip, bit=random.randrange(8))
    meddle, place = random.choice((flipped, flipped, flipped, cut, junk, twice)), random.randrange(length)
    security = {"policy": "Basic256Sha256", "mode": random.choice(("Sign", "SignAndEncrypt"))}
    async with meddler(port, place, meddle) as (way, between):
        asked = spec(f"opc.tcp://127.0.0.1:{way}", security=security, user=user, timeout="1s")
        begin, outcome = asyncio.get_running_loop().time(), ""
        access = Access(asked, Installation(folder.path, wall))
        try:
            async with within(LONGEST), connect(asked, access, RequestSizes(), Held()) as link:
                await link.namespaces()
        except LINK_ERRORS:
            pass
        except Exception as error:
            outcome = repr(error)
        # The attempt has time-outs of its own: that of the attack must not be the one that ends it.
        if asyncio.get_running_loop().time() - begin >= LONGEST:
            outcome = "too slow"
        return outcome and f"byte {place}: {outcome}", between.passed


async def _attack(times: int) -> int:
    wrong, length = 0, FIRST_LENGTH
    folder = CertificateFolder(Path(tempfile.mkdtemp()) / "certificates")
    folder.write_own(*make(uri="urn:mine:hazwatch"))
    server, password = make(), folder.path / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    password.chmod(0o600)
    (folder.path / "server.der").write_bytes(server[0])
    folder.move(str(folder.path / "server.der"), "trusted")
    with secured(folder.path) as servers:
        port = servers.open(server)
        for number in range(times):
            outcome, passed = await _attempt(folder, {"name": USER, "password_file": str(password)}, port, length)
            length = max(length, passed)
            if outcome:
                wrong += 1
                print(f"attack {number}: {outcome}")
    print(f"handshake: {times} attacks, {wrong} wrong")
    return wrong


def main(times: int) -> int:
    return asyncio.run(_attack(times))
