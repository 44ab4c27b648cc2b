"""`hazwatch cert`: makes our certificate, and lists, trusts and rejects those of servers."""

import argparse
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from adapters.certificates import (
    LEAD,
    Certificate,
    CertificateFolder,
    CertificateFolderError,
    PeerStanding,
    day,
    make_certificate,
)
from hazwatch.cli.exit_codes import OK, REFUSED
from hazwatch.cli.options import RefusedError, UsageError, add_data
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.words import both
from plant import Message, message_of
from plant.units import DAY

DAYS: Final = 1825
"""How long a certificate of ours is valid unless the command says otherwise. [days]"""
MOST_DAYS: Final = 7300
HOST: Final = re.compile(r"[A-Za-z0-9._:-]{1,253}")
"""A host name or address. A certificate takes no other letters: names in Chinese have a form of their own in DNS."""
LONGEST_OWNER: Final = 64
"""Length of the longest common name in a certificate (RFC 5280)."""
STANDING_WORDS: Final[Mapping[PeerStanding, Message]] = {"trusted": Message("trusted"), "rejected": Message("rejected")}
MOVES: Final[tuple[tuple[str, PeerStanding, Message], ...]] = (
    ("trust", "trusted", Message("trust the certificate of a server")),
    ("reject", "rejected", Message("no longer trust the certificate of a server")),
)
"""The actions on the certificate of a server, the standing that each gives it, and its purpose."""


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "cert",
        help=both(Message("make our certificate, and trust those of servers")),
        description=both(
            Message("make the certificate by which OPC UA servers know us, and list, trust or reject those of servers")
        ),
        epilog="hazwatch cert make --data data\nhazwatch cert list --data data\n"
        "hazwatch cert trust 0123456789abcdef --data data",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    make = actions.add_parser("make", help=both(Message("make our certificate and its key")))
    make.add_argument(
        "--host", action="append", default=[], metavar="NAME",
        help=both(Message("a name or address of this machine (its host name); may be repeated")),
    )  # fmt: skip
    make.add_argument(
        "--days", type=int, default=DAYS, metavar="N", help=both(Message("how long it is valid, in days (%(default)s)"))
    )
    make.add_argument("--renew", action="store_true", help=both(Message("replace the certificate that is there")))
    make.set_defaults(command=made)
    listing = actions.add_parser("list", help=both(Message("list our certificate and those of servers")))
    listing.set_defaults(command=listed)
    for action, standing, purpose in MOVES:
        moving = actions.add_parser(action, help=both(purpose), description=both(purpose))
        moving.add_argument(
            "certificate", metavar="CERTIFICATE",
            help=both(Message("the first digits of its fingerprint (SHA-256), or its file")),
        )  # fmt: skip
        moving.set_defaults(command=moved, standing=standing)
    for each in actions.choices.values():
        add_data(each)
        each.add_argument(
            "--folder", type=Path, metavar="DIR",
            help=both(Message("folder of certificates, if the site file names one (certificates in the data folder)")),
        )  # fmt: skip


def folder_of(arguments: argparse.Namespace) -> CertificateFolder:
    """Return the folder of certificates that a command line names."""
    return CertificateFolder(arguments.folder or DataFolder(arguments.data).certificates)


def made(arguments: argparse.Namespace) -> int:
    """Make our certificate, or replace it."""
    folder = folder_of(arguments)
    if not 1 <= arguments.days <= MOST_DAYS:
        raise UsageError(Message("--days: expected 1 to {most}", most=MOST_DAYS))
    # Servers trust the old one by its bytes: replacing it by mistake would lock us out of all of them.
    if not arguments.renew and (folder.own_certificate.exists() or folder.own_key.exists()):
        message = Message(
            "{path}: there is a certificate already, which servers may trust; replace it with --renew",
            path=folder.own_certificate,
        )
        raise RefusedError(message)
    hosts, now = arguments.host or [socket.gethostname()], wall()
    for host in hosts:
        if not HOST.fullmatch(host):
            raise UsageError(
                Message("--host: expected a name of letters a to z, or an address; found {host!r}", host=host)
            )
    pair = make_certificate(
        uri=f"urn:{hosts[0]}:hazwatch",
        name=f"Hazwatch {hosts[0]}"[:LONGEST_OWNER],
        hosts=hosts,
        begin=now - LEAD,
        end=now + arguments.days * DAY,
    )
    folder.write_own(*pair)
    sys.stdout.writelines(f"{both(line)}\n" for line in described(Certificate(pair[0]), Message("our certificate")))
    message = Message("copy {path} to the servers, and have them trust it", path=folder.own_certificate)
    sys.stdout.write(f"{both(message)}\n")
    return OK


def listed(arguments: argparse.Namespace) -> int:
    """Print our certificate and those of servers; exit code 1 if ours is missing or cannot be used."""
    folder, code = folder_of(arguments), OK
    try:
        lines = [*described(folder.own(wall()).certificate, Message("our certificate"))]
    except CertificateFolderError as error:
        lines, code = [message_of(error)], REFUSED
    for kept in folder.kept():
        if kept.certificate is None:
            lines.append(Message("{path}: no certificate that can be read", path=kept.path))
        else:
            lines += described(kept.certificate, STANDING_WORDS[kept.standing])
    sys.stdout.writelines(f"{both(line)}\n" for line in lines)
    return code


def moved(arguments: argparse.Namespace) -> int:
    """Trust or reject a certificate of a server."""
    try:
        certificate = folder_of(arguments).move(arguments.certificate, arguments.standing)
    except CertificateFolderError as error:
        raise RefusedError(message_of(error)) from None
    lines = described(certificate, STANDING_WORDS[arguments.standing])
    sys.stdout.writelines(f"{both(line)}\n" for line in lines)
    return OK


def described(certificate: Certificate, standing: Message) -> Iterator[Message]:
    """Yield what a person wants to know of a certificate."""
    yield Message(
        "{standing}: {subject}, valid from {begin} to {end}",
        standing=standing,
        subject=certificate.subject,
        begin=day(certificate.begin),
        end=day(certificate.end),
    )
    yield Message(
        "    application {uris}; hosts {hosts}",
        uris=tuple(certificate.application_uris) or Message("none"),
        hosts=tuple(certificate.hosts) or Message("none"),
    )
    yield Message(
        "    fingerprint SHA-256 {fingerprint}; SHA-1 {thumbprint}",
        fingerprint=certificate.fingerprint,
        thumbprint=certificate.thumbprint,
    )
