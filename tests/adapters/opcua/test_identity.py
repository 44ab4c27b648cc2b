"""The tables `security` and `user`: what does not fit together is refused, and a password is never repeated."""

import pytest
from pydantic import ValidationError

from adapters.sources.opcua import OpcUaSource
from plant import explain

GIVEN = {"id": "ua", "protocol": "opcua", "endpoint": "opc.tcp://127.0.0.1:4840"}
SAFE = {"policy": "Basic256Sha256", "mode": "Sign"}


def problem(**keys: object) -> str:
    with pytest.raises(ValidationError) as caught:
        OpcUaSource.model_validate(GIVEN | keys)
    return "; ".join(str(message) for _, message in explain(caught.value))


@pytest.mark.parametrize(
    ("security", "message"),
    [
        ({"policy": "Basic256Sha256"}, 'expected mode = "SignAndEncrypt" or "Sign" beside the policy'),
        ({"policy": "None", "mode": "Sign"}, 'policy "None" has no mode; leave mode out, or choose another policy'),
        ({"policy": "Basic128Rsa15", "mode": "Sign"}, "expected one of 'None', 'Basic256Sha256', "),
        (SAFE | {"mode": "None"}, "expected one of 'Sign', 'SignAndEncrypt'; found 'None'"),
        (SAFE | {"tolerate": ["all"]}, "expected one of 'expired', 'not_yet_valid', "),
        (SAFE | {"folder": "certificates"}, "expected an absolute path"),
    ],
    ids=str,
)
def test_a_security_that_is_none_is_refused(security: dict[str, object], message: str) -> None:
    assert message in problem(security=security)


@pytest.mark.parametrize(
    "user",
    [
        {"name": "a"},
        {"password_file": "/p"},
        {"certificate": "/c"},
        {"key": "/k"},
        {},
        {"name": "a", "password_file": "/p", "certificate": "/c", "key": "/k"},
    ],
    ids=str,
)
def test_a_user_is_known_by_a_password_or_by_a_certificate(user: dict[str, str]) -> None:
    assert problem(user=user) == "expected either name and password_file, or certificate and key"


@pytest.mark.parametrize("user", ["a:geheim", ["a", "geheim"], {"name": "a", "password": "geheim"}], ids=str)
def test_a_password_in_the_site_file_is_refused_and_not_repeated(user: object) -> None:
    assert "geheim" not in problem(user=user)


def test_what_is_tolerated_is_said_to_the_journal() -> None:
    spec = OpcUaSource.model_validate(GIVEN | {"security": SAFE | {"tolerate": ["host", "expired"]}})
    assert spec.tolerated == ("host", "expired")
    assert OpcUaSource.model_validate(GIVEN).tolerated == ()
