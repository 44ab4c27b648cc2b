"""The folder of certificates: our own with its key, and those of peers that somebody trusts or that were refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Final, Literal, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.certificates.certificate import Certificate, day
from adapters.certificates.secret_file import read_secret, write_secret
from adapters.regular_file import read_file
from plant import Message, message_of

MOST_REJECTED: Final = 100
"""Largest number of refused certificates that are kept: a peer may show a new one at every attempt."""
SHORTEST_PREFIX: Final = 8
"""Fewest digits of a fingerprint by which a certificate may be named."""
PeerStanding = Literal["trusted", "rejected"]
PEER_STANDINGS: Final[tuple[PeerStanding, ...]] = ("trusted", "rejected")


class CertificateFolderError(Exception):
    """A certificate or a key is missing or cannot be used; the message says what to do."""


class OwnCertificate(NamedTuple):
    """Our certificate and its private key (PEM)."""

    certificate: Certificate
    key: bytes


class Kept(NamedTuple):
    """A certificate of a peer in the folder; None for a file that is no certificate."""

    path: Path
    standing: PeerStanding
    certificate: Certificate | None


@dataclass(frozen=True, slots=True)
class CertificateFolder:
    """A folder with `own.der`, `own.pem`, `trusted` and `rejected`; every look reads the files anew."""

    path: Path

    @property
    def own_certificate(self) -> Path:
        """The file of our certificate, which is copied to servers."""
        return self.path / "own.der"

    @property
    def own_key(self) -> Path:
        """The file of our private key."""
        return self.path / "own.pem"

    def command(self, action: str) -> str:
        """Return a command of the command line on this folder."""
        return f"hazwatch cert {action} --folder {quote(str(self.path.absolute()))}"

    def own(self, now: int) -> OwnCertificate:
        """Return our certificate and key. [ns, UTC].

        Raises
        ------
        CertificateFolderError
            One of the two is missing, has expired, cannot be read, or belongs to another one.

        """
        if not self.own_certificate.exists() and not self.own_key.exists():
            raise CertificateFolderError(
                Message(
                    "{path}: we have no certificate yet; make one: {command}",
                    path=self.path,
                    command=self.command("make"),
                )
            )
        own = read_pair(self.own_certificate, self.own_key)
        if now >= own.certificate.end:
            raise CertificateFolderError(self.ends_soon(own.certificate))
        if not own.certificate.application_uris:
            raise CertificateFolderError(
                Message(
                    "our certificate {path} names no application URI; replace it: {command}",
                    path=self.own_certificate,
                    command=self.command("make --renew"),
                )
            )
        return own

    def ends_soon(self, own: Certificate) -> Message:
        """Return when our certificate ends, and how to renew it."""
        return Message(
            "our certificate {path} ends on {day}; renew it, and have the servers trust the new one: {command}",
            path=self.own_certificate,
            day=day(own.end),
            command=self.command("make --renew"),
        )

    def write_own(self, certificate: bytes, key: bytes) -> None:
        """Replace our certificate and key; raise OSError if that fails."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_secret(self.own_key, key)
        _replace(self.own_certificate, certificate)

    def is_trusted(self, certificate: Certificate) -> bool:
        """Whether somebody trusts this very certificate."""
        # By its bytes: whoever makes a certificate chooses every name in it.
        return any(kept.certificate == certificate for kept in self._of("trusted"))

    def keep_rejected(self, certificate: Certificate) -> None:
        """Keep a certificate that was refused, so that it can be looked at and trusted; raise OSError if that fails."""
        path = self._file("rejected", certificate)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        oldest = sorted(path.parent.glob("*.der"), key=lambda file: file.stat().st_mtime_ns)
        for file in oldest[: max(0, len(oldest) + 1 - MOST_REJECTED)]:
            file.unlink(missing_ok=True)
        _replace(path, certificate.der)

    def kept(self) -> Iterator[Kept]:
        """Yield the certificates of peers."""
        for standing in PEER_STANDINGS:
            yield from self._of(standing)

    def move(self, named: str, standing: PeerStanding) -> Certificate:
        """Trust or reject the certificate that a file or the begin of a fingerprint names.

        Raises
        ------
        CertificateFolderError
            No certificate, or more than one, has this name.
        OSError
            The folder cannot be written.

        """
        certificate = self._named(named)
        path = self._file(standing, certificate)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, certificate.der)
        # After the new file is there: a kill in between leaves the certificate in both folders, never in none.
        for kept in list(self.kept()):
            if kept.certificate == certificate and kept.path != path:
                kept.path.unlink(missing_ok=True)
        return certificate

    def _named(self, named: str) -> Certificate:
        digits = named.replace(":", "").lower()
        if len(digits) >= SHORTEST_PREFIX and set(digits) <= set("0123456789abcdef"):
            known = {kept.certificate for kept in self.kept() if kept.certificate is not None}
            chosen = [each for each in known if each.fingerprint.startswith(digits)]
            if len(chosen) == 1:
                return chosen[0]
        try:
            return Certificate.of(read_file(Path(named)))
        except FileNotFoundError:
            raise CertificateFolderError(
                Message(
                    "{name}: expected a certificate file, or the first {count} or more digits of the fingerprint of "
                    "one certificate; list them: {command}",
                    name=named,
                    count=SHORTEST_PREFIX,
                    command=self.command("list"),
                )
            ) from None
        except (OSError, ValueError) as error:
            raise CertificateFolderError(_about(Path(named), error)) from None

    def _of(self, standing: PeerStanding) -> Iterator[Kept]:
        try:
            # A kill may have left a file that was being written.
            paths = sorted(path for path in (self.path / standing).iterdir() if path.suffix != ".new")
        except OSError:
            return
        for path in paths:
            try:
                yield Kept(path, standing, Certificate.of(read_file(path)))
            except (OSError, ValueError):
                yield Kept(path, standing, None)

    def _file(self, standing: PeerStanding, certificate: Certificate) -> Path:
        return self.path / standing / f"{certificate.fingerprint}.der"


def read_pair(certificate: Path, key: Path) -> OwnCertificate:
    """Return a certificate of ours with its private key.

    Raises
    ------
    CertificateFolderError
        One of the two cannot be read, may be read by everybody, or belongs to another one.

    """
    try:
        read = Certificate.of(read_file(certificate))
    except (OSError, ValueError) as error:
        raise CertificateFolderError(_about(certificate, error)) from None
    try:
        content = read_secret(key)
        private = load_pem_private_key(content, password=None)
    except OSError as error:
        raise CertificateFolderError(_about(key, error)) from None
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # The library's own words name neither the file nor what to do.
        own_words = bool(error.args) and isinstance(error.args[0], Message)
        message = (
            message_of(error)
            if own_words
            else Message("{path}: expected a private key (PEM) without a password", path=key)
        )
        raise CertificateFolderError(message) from None
    if not isinstance(private, RSAPrivateKey):
        raise CertificateFolderError(Message("{path}: expected a key of the kind RSA", path=key))
    if not read.belongs_to(private.public_key()):
        raise CertificateFolderError(
            Message("{path}: is the key of another certificate than {other}", path=key, other=certificate)
        )
    return OwnCertificate(read, content)


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _about(path: Path, error: Exception) -> Message:
    """Return an error with its file, once."""
    message = message_of(error)
    return message if str(path) in message else Message("{path}: {reason}", path=path, reason=message)
