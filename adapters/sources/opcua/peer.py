"""Judges the certificate that a server shows: whether somebody trusts it, and whether it is what it should be."""

from collections.abc import Collection
from typing import NamedTuple

from asyncua import ua

from adapters.certificates import Certificate, CertificateCheck, CertificateFolder, problems_of
from adapters.sources.opcua.endpoints import AccessError
from plant import Message, message_of


class KnownServer(NamedTuple):
    """The certificate of a server that may be talked to, and what is wrong with it and tolerated."""

    certificate: Certificate
    tolerated: tuple[Message, ...]


def known_peer(
    endpoint: ua.EndpointDescription,
    *,
    host: str,
    folder: CertificateFolder,
    tolerate: Collection[CertificateCheck],
    now: int,
) -> KnownServer:
    """Return the certificate of an endpoint.

    Parameters
    ----------
    endpoint : asyncua.ua.EndpointDescription
        The endpoint, as the server describes it.
    host : str
        The host that was asked.
    folder : CertificateFolder
        The certificates that somebody trusts; one that is refused is kept there.
    tolerate : collection of CertificateCheck
        What may be wrong with it.
    now : int
        The time of the installation. [ns, UTC]

    Raises
    ------
    AccessError
        Nobody trusts it, or something is wrong with it that is not tolerated.

    """
    try:
        certificate = Certificate.of(bytes(endpoint.ServerCertificate or b""))
    except ValueError as error:
        raise AccessError(Message("the certificate of the server: {reason}", reason=message_of(error))) from None
    problems = problems_of(certificate, uri=str(endpoint.Server.ApplicationUri), host=host, now=now)
    refused = {check: message for check, message in problems.items() if check not in tolerate}
    # All at once: a person who mends one thing at a time would ask the server's administrator several times.
    reasons = [*refused.values()]
    if not folder.is_trusted(certificate):
        reasons.insert(0, _unknown(certificate, folder))
    elif refused:
        reasons.append(Message("if that is meant to be so, write: tolerate = [{names}]", names=_quoted(problems)))
    if reasons:
        raise AccessError(
            Message(
                "the certificate of the server ({subject}) is refused: {reasons}",
                subject=certificate.subject,
                reasons=tuple(reasons),
            )
        )
    return KnownServer(
        certificate,
        tuple(
            Message("a mistake of the server's certificate is tolerated: {problem}", problem=message)
            for message in problems.values()
        ),
    )


def _unknown(certificate: Certificate, folder: CertificateFolder) -> Message:
    try:
        folder.keep_rejected(certificate)
    except OSError as error:
        return Message("nobody has trusted it yet, and it cannot be kept: {reason}", reason=message_of(error))
    return Message(
        "nobody has trusted it yet; if its SHA-1 is {thumbprint} on the server, too, trust it: {command}",
        thumbprint=certificate.thumbprint,
        command=folder.command(f"trust {certificate.fingerprint[:16]}"),
    )


def _quoted(names: Collection[str]) -> tuple[str, ...]:
    return tuple(f'"{name}"' for name in names)
