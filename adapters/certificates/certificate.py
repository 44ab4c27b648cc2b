"""What a certificate says: its owner, its hosts, its validity, and its key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha1, sha256
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding

from plant import Message
from plant.units import SECOND

FEWEST_BITS: Final = 2048
"""Length of the shortest RSA key that still protects."""
NO_CERTIFICATE: Final = (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
"""Errors of the library for bytes that are no certificate, or one with parts that it does not know."""
PEM: Final = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True)
class Certificate:
    """A certificate, by its bytes (DER)."""

    der: bytes

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Return the first certificate of a file or a chain, in DER or PEM.

        Raises
        ------
        ValueError
            The bytes are no certificate.

        """
        try:
            if PEM in content:
                certificate = cls(x509.load_pem_x509_certificate(content).public_bytes(Encoding.DER))
            else:
                certificate = cls(_first(content))
            # The library reads some parts of a certificate only when they are asked for.
            _ = certificate.end, certificate.begin, certificate.subject, certificate.hosts, certificate.weakness
        except NO_CERTIFICATE:
            raise ValueError(Message("no certificate that can be read")) from None
        return certificate

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, by which it is trusted. [hexadecimal]."""
        return sha256(self.der).hexdigest()

    @property
    def thumbprint(self) -> str:
        """SHA-1 of the certificate, which many servers show; nothing is decided by it. [hexadecimal]."""
        return sha1(self.der, usedforsecurity=False).hexdigest()

    @property
    def subject(self) -> str:
        """The name of the owner."""
        return self._x509.subject.rfc4514_string()

    @property
    def begin(self) -> int:
        """Start of the validity. [ns, UTC]."""
        return _nanoseconds(self._x509.not_valid_before_utc)

    @property
    def end(self) -> int:
        """End of the validity. [ns, UTC]."""
        return _nanoseconds(self._x509.not_valid_after_utc)

    @property
    def application_uris(self) -> list[str]:
        """The URIs of the application that it names."""
        names = self._names
        return [] if names is None else names.get_values_for_type(x509.UniformResourceIdentifier)

    @property
    def hosts(self) -> list[str]:
        """The names and addresses of the hosts that it names."""
        names = self._names
        if names is None:
            return []
        addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
        return [*names.get_values_for_type(x509.DNSName), *addresses]

    @property
    def weakness(self) -> Message | None:
        """What is weak about its key or its signature; None if nothing is."""
        key = self._x509.public_key()
        if not isinstance(key, RSAPublicKey):
            return Message("its key is not of the kind RSA")
        if key.key_size < FEWEST_BITS:
            return Message("its key has {bits} bits, fewer than {least}", bits=key.key_size, least=FEWEST_BITS)
        signed = self._x509.signature_hash_algorithm
        if isinstance(signed, SHA1 | MD5):
            return Message("it is signed with {algorithm}, which can be forged", algorithm=signed.name.upper())
        return None

    def belongs_to(self, key: object) -> bool:
        """Whether this is the certificate of a public key."""
        return self._x509.public_key() == key

    @cached_property
    def _x509(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)

    @property
    def _names(self) -> x509.SubjectAlternativeName | None:
        try:
            return self._x509.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return None


def day(time: int) -> str:
    """Return the day of a time, in UTC. [ns, UTC]."""
    return f"{datetime.fromtimestamp(time // SECOND, UTC):%Y-%m-%d}"


def _first(chain: bytes) -> bytes:
    """Return the first certificate of a chain: servers may send those of their issuers behind their own."""
    # A sequence (0x30) whose length takes two bytes (0x82), as that of every certificate does.
    if chain[:2] != b"\x30\x82":
        return chain
    return chain[: 4 + int.from_bytes(chain[2:4], "big")]


def _nanoseconds(time: datetime) -> int:
    return int((time - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * SECOND
