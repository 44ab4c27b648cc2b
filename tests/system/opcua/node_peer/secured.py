"""Runs foreign servers with all policies and modes, whose certificates the test makes."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from adapters.certificates import Certificate, make_certificate
from hazwatch.live.clock import wall
from plant.units import DAY
from tests.system.opcua.node_peer.peer import FOLDER, installed

URI = "urn:peer"
USER, PASSWORD = "miner", "瓦斯 123"
BITS = 2048


def make(
    *, uri: str = URI, host: str = "127.0.0.1", begin: int = -1, end: int = 365, bits: int = BITS
) -> tuple[bytes, bytes]:
    """Return a certificate (DER) that is valid from one day to another, counted from today, and its key (PEM)."""
    now = wall()
    return make_certificate(uri=uri, name=uri, hosts=[host], begin=now + begin * DAY, end=now + end * DAY, bits=bits)


class Secured:
    """A process with servers at ports of 127.0.0.1."""

    def __init__(self, folder: Path, sent: IO[str], answers: IO[str]) -> None:
        self._folder, self._sent, self._answers, self._numbers = folder, sent, answers, count()

    def open(self, pair: tuple[bytes, bytes], *, port: int = 0, **options: Any) -> int:
        """Start a server with a certificate and key; return its port."""
        name = str(self._folder / f"server-{next(self._numbers)}")
        Path(f"{name}.crt").write_bytes(load_der_x509_certificate(pair[0]).public_bytes(Encoding.PEM))
        Path(f"{name}.key").write_bytes(pair[1])
        paths = {"certificate": f"{name}.crt", "key": f"{name}.key"}
        said = self._ask({"open": {"port": port, "trusts": True, "plain": True} | paths | options}).split()
        assert said[0] == "listening", said
        return int(said[1])

    def close(self, port: int) -> None:
        assert self._ask({"close": port}) == "done"

    def _ask(self, order: dict[str, Any]) -> str:
        self._sent.write(json.dumps(order) + "\n")
        self._sent.flush()
        return self._answers.readline().strip()


@contextmanager
def secured(folder: Path) -> Iterator[Secured]:
    """Run the process while the block lasts."""
    pipe, node = subprocess.PIPE, installed()
    words = [node, str(FOLDER / "secured.js"), str(folder)]
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, encoding="utf-8") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Secured(folder, process.stdin, process.stdout)
        finally:
            process.kill()


def fingerprint(pair: tuple[bytes, bytes]) -> str:
    return Certificate(pair[0]).fingerprint
