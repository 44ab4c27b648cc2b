"""Makes the certificate and the key of an application, signed by itself."""

from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from plant.units import DAY, SECOND

KEY_BITS: Final = 3072
"""Length of the RSA key: enough beyond 2030, and every policy of OPC UA takes it."""
LEAD: Final = DAY
"""How long before it was made a certificate is valid, for servers whose clock is behind. [ns]"""


def make_certificate(
    *, uri: str, name: str, hosts: Iterable[str], begin: int, end: int, bits: int = KEY_BITS
) -> tuple[bytes, bytes]:
    """Return a certificate (DER) and its private key (PEM).

    Parameters
    ----------
    uri : str
        The application URI.
    name : str
        The name of the owner, for people.
    hosts : iterable of str
        Names and addresses of the hosts on which the application runs.
    begin, end : int
        The validity. [ns, UTC]
    bits : int
        Length of the RSA key.

    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    owner = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(owner)
        .issuer_name(owner)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(begin // SECOND, UTC))
        .not_valid_after(datetime.fromtimestamp(end // SECOND, UTC))
    )
    # The extensions that OPC 10000-6, 6.2.2, asks of an application.
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri), *map(_host, hosts)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_cert_sign=True,  # it is signed by itself
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    for extension, critical in (
        (names, False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (purposes, False),
        (identifier, False),
        (issuer, False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(key, SHA256()).public_bytes(Encoding.DER)
    return certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
