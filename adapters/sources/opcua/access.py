"""Opens sessions as the site file asks: with its security, at a server that is known, as its user; or refuses."""

from pathlib import Path
from typing import Final

from asyncua import ua
from asyncua.crypto.security_policies import SecurityPolicy
from asyncua.crypto.uacrypto import CertProperties
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.certificates import (
    Certificate,
    CertificateFolder,
    CertificateFolderError,
    OwnCertificate,
    day,
    read_pair,
    read_secret,
)
from adapters.sources.opcua.config import OpcUaSource
from adapters.sources.opcua.endpoints import POLICIES, AccessError, Offer, chosen, token_policy
from adapters.sources.opcua.held import ResumingClient
from adapters.sources.opcua.identity import User
from adapters.sources.opcua.peer import KnownServer, known_peer
from adapters.sources.opcua.refusals import LINK_ERRORS, ODD_ANSWERS, explained, refuses_offer
from adapters.sources.source import Installation
from plant import Message, message_of
from plant.units import DAY, SECOND

WARNED_BEFORE: Final = 30 * DAY
"""How long before its end a certificate is warned of. [ns]"""
CLIENT_NAME: Final = "Hazwatch"
LOCALES: Final = ("zh-CN", "zh", "en")
"""Languages in which the server is asked for names, the best first."""


class SafeClient(ResumingClient):
    """A client that gives a user only to a server that is known, in a way that keeps the secret."""

    def __init__(self, spec: OpcUaSource, watchdog: float) -> None:
        # asyncua spells it so.
        super().__init__(spec.endpoint, timeout=spec.timeout / SECOND, watchdog_intervall=watchdog)
        self.name = self.description = CLIENT_NAME
        self.set_locale(LOCALES)
        self.offer: Final = Offer.of(spec.security)
        self.known: KnownServer | None = None

    def server_policy(self, token_type: ua.UserTokenType) -> ua.UserTokenPolicy:
        """Return how the user is made known; the library asks for it before it gives anything away."""
        if token_type == ua.UserTokenType.Anonymous and not self._policy_ids:
            return super().server_policy(token_type)
        # Without security the library takes the certificate that comes with the session, and encrypts for that one.
        if self.known is not None and self.security_policy.peer_certificate != self.known.certificate.der:
            raise AccessError(Message("the server shows another certificate than a moment ago"))
        return token_policy(self._policy_ids, token_type, self.offer)


class Access:
    """The way of a source into its server; the files of secrets and certificates are read anew for every session."""

    def __init__(self, spec: OpcUaSource, installation: Installation) -> None:
        self._spec: Final = spec
        self._installation: Final = installation
        folder = spec.security.folder
        self._folder: Final = CertificateFolder(installation.certificates if folder is None else Path(folder))
        self._own: OwnCertificate | None = None
        self._known: KnownServer | None = None

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What is tolerated of the server, and which certificates end soon."""
        soon = self._installation.wall() + WARNED_BEFORE
        warnings = [] if self._known is None else [*self._known.tolerated]
        if self._own is not None and self._own.certificate.end < soon:
            warnings.append(self._folder.ends_soon(self._own.certificate))
        if self._known is not None and self._known.certificate.end < soon:
            warnings.append(
                Message(
                    "the certificate of the server ends on {day}; when the server has a new one, trust that",
                    day=day(self._known.certificate.end),
                )
            )
        return tuple(warnings)

    async def connect(self, client: SafeClient) -> None:
        """Open a session.

        Raises
        ------
        AccessError
            The server refuses us, or cannot be reached safely.
        OSError, asyncua.ua.UaError
            The server cannot be reached.

        """
        shown = None
        try:
            shown = await self._prepare(client)
            await client.connect()
        except AccessError:
            raise
        except (*LINK_ERRORS, *ODD_ANSWERS, InvalidSignature) as error:
            if refuses_offer(error):
                chosen(await client.connect_and_get_server_endpoints(), client.offer)
            raise explained(error, self._spec.user, shown, self._folder) or error from None

    async def resume(self, client: SafeClient) -> bool:
        """Go on with the session of a client over another connection; False if the server made a new session.

        Raises
        ------
        AccessError
            Nobody trusts the server any more, or its answers are odd; `connect` finds out why.
        OSError, asyncua.ua.UaError
            The server cannot be reached, or refuses a session.

        """
        if client.known is not None and not self._folder.is_trusted(client.known.certificate):
            raise AccessError(Message("the certificate of the server is no longer trusted"))
        try:
            return await client.resume()
        except (*ODD_ANSWERS, InvalidSignature) as error:
            raise AccessError(Message("an answer that cannot be read: {reason}", reason=message_of(error))) from None

    async def _prepare(self, client: SafeClient) -> Certificate | None:
        """Give a client what the session needs; return the certificate of ours that the server will see."""
        security, user = self._spec.security, self._spec.user
        # Servers without any security may lack the service that lists endpoints.
        if security.policy == "None" and user is None:
            return None
        try:
            self._own = None if security.policy == "None" else self._folder.own(self._installation.wall())
            endpoint = chosen(await client.connect_and_get_server_endpoints(), client.offer)
            client.known = self._known = known_peer(
                endpoint,
                host=client.server_url.hostname or "",
                folder=self._folder,
                tolerate=security.tolerate,
                now=self._installation.wall(),
            )
            if self._own is not None:
                await _protect(client, POLICIES[security.policy], self._own, self._known)
            if user is not None:
                _introduce(client, user)
        except CertificateFolderError as error:
            raise AccessError(message_of(error)) from None
        return None if self._own is None else self._own.certificate


async def _protect(client: SafeClient, policy: type[SecurityPolicy], own: OwnCertificate, known: KnownServer) -> None:
    client.application_uri = own.certificate.application_uris[0]
    await client.set_security(
        policy,
        CertProperties(own.certificate.der, "der"),
        CertProperties(own.key, "pem"),
        server_certificate=CertProperties(known.certificate.der, "der"),
        mode=client.offer.mode,
    )


def _introduce(client: SafeClient, user: User) -> None:
    """Give a client its user."""
    if user.name is not None and user.password_file is not None:
        client.set_user(user.name)
        client.set_password(_password(Path(user.password_file)))
    elif user.certificate is not None and user.key is not None:
        own = read_pair(Path(user.certificate), Path(user.key))
        client.user_certificate = x509.load_der_x509_certificate(own.certificate.der)
        client.user_private_key = load_pem_private_key(own.key, password=None)


def _password(path: Path) -> str:
    """Return the first line of a file."""
    try:
        content = read_secret(path)
    except (OSError, ValueError) as error:
        raise AccessError(message_of(error)) from None
    try:
        password = content.decode("utf-8-sig").split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        # The error of the decoder would repeat bytes of the password.
        raise AccessError(Message("{path}: expected the password in UTF-8", path=path)) from None
    if not password:
        raise AccessError(Message("{path}: expected the password in the first line", path=path))
    return password
