"""Chooses the endpoint of a server by its security, and how a user is made known there; never one that is weaker."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from asyncua import ua
from asyncua.crypto import security_policies

from adapters.sources.opcua.identity import PolicyName, Security
from plant import Message, Template

POLICIES: Final[Mapping[PolicyName, type[security_policies.SecurityPolicy]]] = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}
NO_POLICY: Final = security_policies.SecurityPolicyNone.URI
SAFE: Final = frozenset(policy.URI for policy in POLICIES.values())
"""The policies by which a password may be encrypted, or a user certificate may sign."""
POLICY_NAMES: Final[Mapping[str, str]] = {NO_POLICY: "None"} | {policy.URI: name for name, policy in POLICIES.items()}
MODES: Final[Mapping[str | None, ua.MessageSecurityMode]] = {
    None: ua.MessageSecurityMode.None_,
    "Sign": ua.MessageSecurityMode.Sign,
    "SignAndEncrypt": ua.MessageSecurityMode.SignAndEncrypt,
}
TOKENS: Final[Mapping[ua.UserTokenType, Template]] = {
    ua.UserTokenType.Anonymous: Template("anonymous"),
    ua.UserTokenType.UserName: Template("user name and password"),
    ua.UserTokenType.Certificate: Template("certificate of a user"),
    ua.UserTokenType.IssuedToken: Template("token of another service"),
}


class AccessError(ua.UaError):
    """The server refuses us, or cannot be reached safely; the message says why and what to do."""


class Offer(NamedTuple):
    """The security of an endpoint."""

    policy: str
    mode: ua.MessageSecurityMode

    @classmethod
    def of(cls, security: Security) -> "Offer":
        """Return what the site file asks for."""
        return cls(NO_POLICY if security.policy == "None" else POLICIES[security.policy].URI, MODES[security.mode])

    @property
    def words(self) -> str:
        """The policy and the mode as the site file writes them; a policy that we do not have by its own name."""
        name = POLICY_NAMES.get(self.policy) or self.policy.rsplit("#", 1)[-1]
        return name if self.policy == NO_POLICY else f"{name} {self.mode.name}"


def chosen(endpoints: Sequence[ua.EndpointDescription], wanted: Offer) -> ua.EndpointDescription:
    """Return the endpoint with the security that is wanted.

    Its address is not looked at: a server often advertises a name that only its own network knows. The connection goes
    to the address of the site file.

    Raises
    ------
    AccessError
        No endpoint has it.

    """
    usable = [endpoint for endpoint in endpoints if str(endpoint.EndpointUrl).startswith("opc.tcp:")]
    offers = [_offer(endpoint) for endpoint in usable]
    if wanted in offers:
        return usable[offers.index(wanted)]
    words = tuple(sorted({offer.words for offer in offers})) or Message("nothing")
    raise AccessError(
        Message(
            "the server does not offer the security {wanted}; it offers: {offers}; write one of these as `security`",
            wanted=wanted.words,
            offers=words,
        )
    )


def _offer(endpoint: ua.EndpointDescription) -> Offer:
    return Offer(str(endpoint.SecurityPolicyUri), endpoint.SecurityMode)


def token_policy(policies: Iterable[ua.UserTokenPolicy], kind: ua.UserTokenType, channel: Offer) -> ua.UserTokenPolicy:
    """Return how a user is made known: of several ways the first that keeps the secret.

    Raises
    ------
    AccessError
        The server does not take this kind of user, or would have a password cross the network unencrypted.

    """
    offered = list(policies)
    ways = [each for each in offered if each.TokenType == kind]
    if not ways:
        raise AccessError(_not_taken(offered, kind))
    if kind == ua.UserTokenType.Anonymous:
        return ways[0]
    for way in ways:
        # An empty policy means that of the channel.
        uri = str(way.SecurityPolicyUri or channel.policy)
        if uri in SAFE:
            return replace(way, SecurityPolicyUri=uri)
    if kind == ua.UserTokenType.UserName and channel.mode == ua.MessageSecurityMode.SignAndEncrypt:
        plain = [way for way in ways if way.SecurityPolicyUri == NO_POLICY]
        if plain:
            return plain[0]
    raise AccessError(
        Message(
            "the server would take the {kind} without encryption, where everybody on the network can read it; write a "
            'security with mode = "SignAndEncrypt"',
            kind=Message(TOKENS[kind]),
        )
    )


def _not_taken(offered: Sequence[ua.UserTokenPolicy], kind: ua.UserTokenType) -> Message:
    taken = [Message(TOKENS[each]) for each in dict.fromkeys(policy.TokenType for policy in offered) if each in TOKENS]
    return Message(
        "the server does not take: {kind}; it takes: {taken}; write it as `user`",
        kind=Message(TOKENS[kind]),
        taken=tuple(taken) or Message("nothing"),
    )
