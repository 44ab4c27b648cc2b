"""The file of anchors: lines that a machine signs, to be kept where whoever can write the data folder cannot write.

Each line is a JSON object with the mine, the time, the journal, number and hash of its last record, the public key of
the machine, and the signature of all that before it (Ed25519, RFC 8032).
"""

import errno
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from adapters.regular_file import open_file, read_file
from adapters.stores.anchor import Anchor
from plant import Message, message_of, reason_of

SIGNATURE: Final = "signature"


NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
"""Errors of a file system without hard links."""


class AnchorFileError(Exception):
    """The file of anchors or the key of the machine cannot be read or written."""


@dataclass(frozen=True, slots=True)
class AnchorLine:
    """One line of the file.

    Attributes
    ----------
    line : int
        Its number, from 1.
    site : str
        Id of the mine.
    time : int
        When it was written. [ns, UTC]
    anchor : Anchor
        The head of the journal.
    key : str
        Public key of the machine that signed it, hexadecimal.

    """

    line: int
    site: str
    time: int
    anchor: Anchor
    key: str


class AnchorKey:
    """The private key of a machine; the first use makes it, readable for its owner alone.

    Raises
    ------
    AnchorFileError
        The key cannot be read or made.

    """

    def __init__(self, path: Path) -> None:
        try:
            key = load_pem_private_key(_content(path), None) if path.exists() else _make(path)
        except OSError as error:
            raise _unusable(path, error) from None
        except (ValueError, TypeError):
            reason = Message("expected a private key in PEM")
            raise AnchorFileError(Message("{path}: {reason}", path=path, reason=reason)) from None
        if not isinstance(key, Ed25519PrivateKey):
            reason = Message("expected a private key in PEM")
            raise AnchorFileError(Message("{path}: {reason}", path=path, reason=reason))
        self._key: Final = key
        self.public: Final = key.public_key().public_bytes_raw().hex()

    def append(self, path: Path, site: str, time: int, anchor: Anchor) -> None:
        """Append a signed line to a file and flush it; raise AnchorFileError if that fails. [ns, UTC]."""
        fields = {
            "site": site, "time": time, "journal": anchor.journal.hex(), "number": anchor.number,
            "hash": anchor.digest.hex(), "key": self.public,
        }  # fmt: skip
        line = json.dumps(fields | {SIGNATURE: self._key.sign(_signed(fields)).hex()}, ensure_ascii=False)
        try:
            with open_file(path, appending=True) as file:
                file.write(line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except (OSError, ValueError) as error:
            raise _unusable(path, error) from error


def read_anchors(path: Path) -> Iterator[AnchorLine | int]:
    """Yield the lines of a file; the number of a line that no machine signed as it is now.

    Raises
    ------
    AnchorFileError
        The file cannot be read.

    """
    for number, line in enumerate(_content(path).splitlines(), start=1):
        try:
            yield _read(number, line)
        except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature, RecursionError):
            yield number


def _content(path: Path) -> bytes:
    try:
        return read_file(path)
    except (OSError, ValueError) as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError | ValueError) -> AnchorFileError:
    reason = reason_of(error) if isinstance(error, OSError) else message_of(error)
    return AnchorFileError(Message("{path}: {reason}", path=path, reason=reason))


def _read(number: int, line: bytes) -> AnchorLine:
    fields = json.loads(line)
    signature = bytes.fromhex(fields.pop(SIGNATURE))
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(fields["key"])).verify(signature, _signed(fields))
    anchor = Anchor(bytes.fromhex(fields["journal"]), int(fields["number"]), bytes.fromhex(fields["hash"]))
    return AnchorLine(number, str(fields["site"]), int(fields["time"]), anchor, fields["key"])


def _signed(fields: dict[str, object]) -> bytes:
    """Return what a signature covers: the fields in their order, without blanks."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _make(path: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # A kill leaves no key or a whole one. The link is exclusive: another process that makes the key at the same moment
    # must not get a second one.
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            _create(path, text)
    return key


def _create(path: Path, content: bytes) -> None:
    """Create a file where there are no links, as on FAT; another process cannot create it, too."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor has no path
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
