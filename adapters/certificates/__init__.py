"""X.509 certificates of this program and of its peers: made, read, judged, trusted and rejected."""

from adapters.certificates.certificate import Certificate, day
from adapters.certificates.checks import CertificateCheck, problems_of
from adapters.certificates.folder import (
    CertificateFolder,
    CertificateFolderError,
    OwnCertificate,
    PeerStanding,
    read_pair,
)
from adapters.certificates.making import KEY_BITS, LEAD, make_certificate
from adapters.certificates.secret_file import read_secret

__all__ = [
    "KEY_BITS",
    "LEAD",
    "Certificate",
    "CertificateCheck",
    "CertificateFolder",
    "CertificateFolderError",
    "OwnCertificate",
    "PeerStanding",
    "day",
    "make_certificate",
    "problems_of",
    "read_pair",
    "read_secret",
]
