"""The tables `security` and `user` of an OPC UA source: how the channel is protected, and who we are to the server."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adapters.certificates import CertificateCheck
from adapters.regular_file import absolute, check_place
from plant import Entity, Inconsistency, Line, Message, check_consistent

PolicyName = Literal["None", "Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss"]
ModeName = Literal["Sign", "SignAndEncrypt"]
BY_NAME: Final = frozenset(("name", "password_file"))
BY_CERTIFICATE: Final = frozenset(("certificate", "key"))


FilePath = Annotated[Line, AfterValidator(absolute("/etc/hazwatch/kj-ua.password")), AfterValidator(check_place)]


class Security(Entity):
    """The protection of the channel to an OPC UA server."""

    policy: PolicyName = Field(description="Security policy of the channel; it is used or refused, never replaced.")
    mode: ModeName | None = Field(
        default=None, description="Whether messages are only signed, or also encrypted; needed unless `policy` is None."
    )
    folder: Annotated[Line, AfterValidator(absolute("/etc/hazwatch/certificates"))] | None = Field(
        default=None, description="Folder of certificates; `certificates` in the data folder unless given."
    )
    tolerate: tuple[CertificateCheck, ...] = Field(
        default=(), description="What may be wrong with a trusted certificate of the server; recorded in the journal."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_consistent(self._inconsistencies())
        return self

    def _inconsistencies(self) -> list[Inconsistency]:
        keys = ("policy", "mode")
        if self.policy == "None" and self.mode is not None:
            return [Inconsistency(keys, Message('policy "None" has no mode; leave mode out, or choose another policy'))]
        if self.policy != "None" and self.mode is None:
            return [Inconsistency(keys, Message('expected mode = "SignAndEncrypt" or "Sign" beside the policy'))]
        return []


class User(Entity):
    """Who we are to an OPC UA server: a name with a password, or a certificate with its key."""

    name: Line | None = Field(default=None, min_length=1, description="User name, with `password_file`.")
    password_file: FilePath | None = Field(
        default=None, description="File whose first line is the password; only its owner may read it."
    )
    certificate: FilePath | None = Field(default=None, description="Certificate of the user, with `key`.")
    key: FilePath | None = Field(default=None, description="Private key (PEM) of that certificate.")

    @model_validator(mode="before")
    @classmethod
    def _no_password(cls, written: object) -> object:
        # pydantic's own messages would repeat what stands there.
        if not isinstance(written, dict | cls):
            example = '{ name = "hazwatch", password_file = "/etc/hazwatch/kj-ua.password" }'
            raise ValueError(Message("expected a table, such as {example}", example=example))  # noqa: TRY004
        if isinstance(written, dict) and "password" in written:
            raise ValueError(
                Message("a password does not belong in the site file: put it into a file, and name it as password_file")
            )
        return written

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_consistent(self._inconsistencies())
        return self

    def _inconsistencies(self) -> list[Inconsistency]:
        if {key for key, value in self if value is not None} in (BY_NAME, BY_CERTIFICATE):
            return []
        message = Message("expected either name and password_file, or certificate and key")
        return [Inconsistency((*sorted(BY_NAME), *sorted(BY_CERTIFICATE)), message)]
