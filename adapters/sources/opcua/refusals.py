"""Says in words why a server refuses a session, and what to do about it."""

import struct
from typing import Final

from asyncua import ua
from cryptography.exceptions import InvalidSignature

from adapters.certificates import Certificate, CertificateFolder
from adapters.sources.opcua.endpoints import AccessError
from adapters.sources.opcua.identity import User
from plant import Message, message_of

LINK_ERRORS: Final = (OSError, ua.UaError)
"""Errors of a connection that is lost or refused."""
ODD_ANSWERS: Final = (AssertionError, AttributeError, LookupError, TypeError, ValueError, struct.error)
"""How the library stumbles over an answer that it does not expect, such as a refusal of the secure channel."""
OTHER_SECURITY: Final = (ua.uaerrors.BadSecurityPolicyRejected, ua.uaerrors.BadSecurityModeRejected)
"""How servers refuse a policy or a mode that they do not offer."""
OUR_CERTIFICATE: Final = (
    ua.uaerrors.BadSecurityChecksFailed,
    ua.uaerrors.BadCertificateUntrusted,
    ua.uaerrors.BadCertificateInvalid,
    ua.uaerrors.BadCertificateTimeInvalid,
    ua.uaerrors.BadCertificateUriInvalid,
    ua.uaerrors.BadCertificateHostNameInvalid,
    ua.uaerrors.BadCertificateUseNotAllowed,
    ua.uaerrors.BadCertificateChainIncomplete,
    ua.uaerrors.BadCertificateRevocationUnknown,
    ua.uaerrors.BadCertificateRevoked,
)
"""How servers refuse the certificate of a client."""
OUR_USER: Final = (
    ua.uaerrors.BadUserAccessDenied,
    ua.uaerrors.BadIdentityTokenInvalid,
    ua.uaerrors.BadIdentityTokenRejected,
    ua.uaerrors.BadUserSignatureInvalid,
)
"""How servers refuse a user."""


class UserRefusedError(AccessError):
    """The server refuses our user: a further attempt soon would be refused as well, and counted."""


def refuses_offer(error: BaseException) -> bool:
    """Whether a server that was asked without security does not offer that."""
    # The library has no class of its own for an endpoint that it does not find.
    return isinstance(error, OTHER_SECURITY) or (type(error) is ua.UaError and str(error).startswith("No matching end"))


def explained(
    error: Exception, user: User | None, own: Certificate | None, folder: CertificateFolder
) -> AccessError | None:
    """Return why a server refused a session; None if it is no matter of security. `own` is what we showed."""
    if isinstance(error, OUR_USER):
        return UserRefusedError(_user_refused(error, user))
    if isinstance(error, InvalidSignature):
        return AccessError(Message("the server does not have the key of the certificate that it shows"))
    is_closed = isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError)
    if own is not None and (is_closed or isinstance(error, (*OUR_CERTIFICATE, *ODD_ANSWERS))):
        reason = Message("the channel was closed without a reason")
        return AccessError(
            Message(
                "the server probably does not trust our certificate ({reason}); have it trust {path}, "
                "SHA-1 {thumbprint}",
                reason=_code_of(error) if isinstance(error, ua.UaError) else reason,
                path=folder.own_certificate,
                thumbprint=own.thumbprint,
            )
        )
    if isinstance(error, ODD_ANSWERS):
        return AccessError(Message("an answer that cannot be read: {reason}", reason=message_of(error)))
    return None


def reason_of(error: BaseException) -> Message:
    """Return why a request over a connection failed."""
    return Message("no answer in time") if isinstance(error, TimeoutError) else message_of(error)


def _user_refused(error: Exception, user: User | None) -> Message:
    reason = _code_of(error)
    if user is None:
        return Message("the server refuses an anonymous session ({reason}); write a `user`", reason=reason)
    if user.name is not None:
        return Message(
            "the server refuses the user {name}, or the password in {path} ({reason})",
            name=user.name,
            path=user.password_file,
            reason=reason,
        )
    return Message(
        "the server refuses the user certificate {path}; have it trust that one ({reason})",
        path=user.certificate,
        reason=reason,
    )


def _code_of(error: Exception) -> str:
    """Return the name of a status code, which people can look up; its text in the library is English alone."""
    return type(error).__name__
