"""Judges the certificate of a peer: its validity, its names and its key."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Literal

from adapters.certificates.certificate import Certificate, day
from plant import Message

CertificateCheck = Literal["expired", "not_yet_valid", "application_uri", "host", "weak_key"]
"""What may be wrong with a certificate that somebody trusts."""


def problems_of(certificate: Certificate, *, uri: str, host: str, now: int) -> Mapping[CertificateCheck, Message]:
    """Return what is wrong with the certificate of a peer.

    Parameters
    ----------
    certificate : Certificate
        The certificate of the peer.
    uri : str
        The application URI that the peer says it has.
    host : str
        The host that was asked.
    now : int
        The time of the installation. [ns, UTC]

    """
    return dict(_problems(certificate, uri, host, now))


def _problems(certificate: Certificate, uri: str, host: str, now: int) -> Iterator[tuple[CertificateCheck, Message]]:
    if now >= certificate.end:
        yield "expired", Message("it expired on {day}", day=day(certificate.end))
    if now < certificate.begin:
        message = Message(
            "it is valid only from {day} on; is the clock of this machine right?", day=day(certificate.begin)
        )
        yield "not_yet_valid", message
    if uri not in certificate.application_uris:
        named = tuple(certificate.application_uris) or Message("none")
        message = Message("it is for the application {named}, and the server calls itself {uri}", named=named, uri=uri)
        yield "application_uri", message
    if not _names(certificate, host):
        named = tuple(certificate.hosts) or Message("none")
        yield "host", Message("it is for the hosts {named}, and the endpoint is {host}", named=named, host=host)
    if (weakness := certificate.weakness) is not None:
        yield "weak_key", weakness


def _names(certificate: Certificate, host: str) -> bool:
    wanted = _canonical(host)
    return any(_canonical(named) == wanted for named in certificate.hosts)


def _canonical(host: str) -> str:
    """Return a host in the one form in which two writings of it are equal."""
    try:
        return ip_address(host.strip("[]")).compressed
    except ValueError:
        return host.rstrip(".").lower()
