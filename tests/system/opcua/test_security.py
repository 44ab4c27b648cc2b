"""The OPC UA source against servers that are not ours, with every policy, mode and user; what is unsafe is refused."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from adapters.certificates import Certificate, CertificateFolder
from adapters.sources import Installation
from adapters.sources.opcua.access import Access
from adapters.sources.opcua.endpoints import POLICIES
from adapters.sources.opcua.held import Held
from adapters.sources.opcua.refusals import LINK_ERRORS
from adapters.sources.opcua.requests import RequestSizes
from adapters.sources.opcua.session.connection import connect
from hazwatch.cli.main import main
from hazwatch.live.clock import ScaledClock, wall
from plant import Quality, message_of
from tests.system.opcua.listening import listening, open_source, spec
from tests.system.opcua.meddler import Meddling, cut, flip, meddler
from tests.system.opcua.node_peer.secured import PASSWORD, USER, Secured, make, secured

pytestmark = pytest.mark.live

T1 = "ns=1;s=T1"
SAFE = {"policy": "Basic256Sha256", "mode": "SignAndEncrypt"}
SERVER, OURS = make(), make(uri="urn:mine:hazwatch")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured(tmp_path_factory.mktemp("secured")) as process:
        yield process


@pytest.fixture(scope="module")
def port(servers: Secured) -> int:
    """A server that offers everything, also no security, and trusts every client."""
    return servers.open(SERVER)


@pytest.fixture
def folder(tmp_path: Path) -> CertificateFolder:
    """Certificates of ours, and of the server, which is trusted."""
    folder = CertificateFolder(tmp_path / "certificates")
    folder.write_own(*OURS)
    trust(folder, SERVER)
    return folder


def trust(folder: CertificateFolder, pair: tuple[bytes, bytes]) -> None:
    file = folder.path / "server.der"
    file.write_bytes(pair[0])
    folder.move(str(file), "trusted")


def access(folder: CertificateFolder, port: int, host: str = "127.0.0.1", **keys: Any) -> Access:
    return Access(spec(f"opc.tcp://{host}:{port}", **keys), Installation(folder.path, wall))


async def tried(folder: CertificateFolder, port: int, host: str = "127.0.0.1", **keys: Any) -> str:
    """Return what comes of a connection: "read", or why there is none."""
    asked = spec(f"opc.tcp://{host}:{port}", **keys)
    try:
        async with connect(asked, Access(asked, Installation(folder.path, wall)), RequestSizes(), Held()) as link:
            assert await link.namespaces()
            return "read"
    except LINK_ERRORS as error:
        return message_of(error)


def password_file(folder: Path, content: str = PASSWORD + "\n", mode: int = 0o600) -> str:
    path = folder / "password"
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize("policy", POLICIES)
async def test_every_policy_and_mode_is_spoken(folder: CertificateFolder, port: int, policy: str, mode: str) -> None:
    assert await tried(folder, port, security={"policy": policy, "mode": mode}) == "read"


@pytest.mark.parametrize(
    "security", [SAFE, {"policy": "Aes256Sha256RsaPss", "mode": "Sign"}, {"policy": "None"}], ids=str
)
async def test_a_user_is_let_in_by_its_password(
    folder: CertificateFolder, port: int, tmp_path: Path, security: dict[str, str]
) -> None:
    user = {"name": USER, "password_file": password_file(tmp_path)}
    assert await tried(folder, port, security=security, user=user) == "read"


async def test_a_user_is_let_in_by_a_certificate(folder: CertificateFolder, port: int, tmp_path: Path) -> None:
    certificate, key = make(uri="urn:miner")
    (tmp_path / "user.der").write_bytes(certificate)
    (tmp_path / "user.pem").write_bytes(key)
    (tmp_path / "user.pem").chmod(0o600)
    user = {"certificate": str(tmp_path / "user.der"), "key": str(tmp_path / "user.pem")}
    assert await tried(folder, port, security=SAFE, user=user) == "read"


async def test_a_wrong_password_is_said_with_its_file_and_without_the_password(
    folder: CertificateFolder, port: int, tmp_path: Path
) -> None:
    user = {"name": USER, "password_file": password_file(tmp_path, "not-the-password")}
    said = await tried(folder, port, security=SAFE, user=user)
    assert said.startswith(f"the server refuses the user {USER}, or the password in {user['password_file']}")
    assert "not-the-password" not in said


@pytest.mark.parametrize(
    ("content", "mode", "problem"),
    [
        (PASSWORD, 0o604, "other users of this machine may read or change it; run: chmod 600 {path}"),
        (PASSWORD, 0o640, "other users of this machine may read or change it; run: chmod 600 {path}"),
        ("\n", 0o600, "{path}: expected the password in the first line"),
        (None, 0o600, "{path}: no such file or directory"),
    ],
    ids=["open to all", "open to its group", "empty", "missing"],
)
async def test_a_password_file_that_is_no_secret_is_refused_before_the_server_is_told(
    folder: CertificateFolder, port: int, tmp_path: Path, content: str | None, mode: int, problem: str
) -> None:
    path = str(tmp_path / "missing") if content is None else password_file(tmp_path, content, mode)
    said = await tried(folder, port, security=SAFE, user={"name": USER, "password_file": path})
    assert said.endswith(problem.format(path=path))


async def test_an_unknown_server_is_refused_and_kept_until_the_command_that_is_said_trusts_it(
    tmp_path: Path, port: int
) -> None:
    folder = CertificateFolder(tmp_path / "certificates")
    folder.write_own(*OURS)
    said = await tried(folder, port, security=SAFE)
    assert "nobody has trusted it yet" in said
    assert [kept.standing for kept in folder.kept()] == ["rejected"]
    command = said.rsplit("trust it: hazwatch ", 1)[1]
    assert main(command.split()) == 0
    assert await tried(folder, port, security=SAFE) == "read"


async def test_a_password_is_not_given_to_an_unknown_server_that_needs_no_security(tmp_path: Path, port: int) -> None:
    folder = CertificateFolder(tmp_path / "certificates")
    user = {"name": USER, "password_file": password_file(tmp_path)}
    assert "nobody has trusted it yet" in await tried(folder, port, user=user)


async def test_a_server_that_does_not_trust_us_is_said_with_the_file_that_it_must_trust(
    servers: Secured, folder: CertificateFolder
) -> None:
    strict = servers.open(SERVER, trusts=False)
    said = await tried(folder, strict, security=SAFE)
    assert said.startswith("the server probably does not trust our certificate")
    assert str(folder.own_certificate) in said


async def test_without_a_certificate_of_ours_the_command_that_makes_one_is_said(tmp_path: Path, port: int) -> None:
    said = await tried(CertificateFolder(tmp_path / "none"), port, security=SAFE)
    assert said.endswith(f"we have no certificate yet; make one: hazwatch cert make --folder {tmp_path / 'none'}")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"begin": -9, "end": -1}, "it expired on "),
    "not_yet_valid": ({"begin": 2}, "it is valid only from "),
    "application_uri": (
        {"uri": "urn:other"},
        "it is for the application urn:other, and the server calls itself urn:peer",
    ),
    "host": ({"host": "192.0.2.7"}, "it is for the hosts 192.0.2.7, and the endpoint is 127.0.0.1"),
    "weak_key": ({"bits": 1024}, "its key has 1024 bits, fewer than 2048"),
}


@pytest.mark.parametrize("check", WRONG)
async def test_a_trusted_certificate_with_a_mistake_is_refused_in_words_unless_that_is_tolerated(
    servers: Secured, folder: CertificateFolder, check: str
) -> None:
    keys, problem = WRONG[check]
    wrong = make(**keys)
    trust(folder, wrong)
    port = servers.open(wrong)
    try:
        said = await tried(folder, port, security=SAFE)
        assert problem in said
        assert said.endswith(f'if that is meant to be so, write: tolerate = ["{check}"]')
        way = access(folder, port, security=SAFE | {"tolerate": [check]})
        asked = spec(f"opc.tcp://127.0.0.1:{port}", security=SAFE | {"tolerate": [check]})
        async with connect(asked, way, RequestSizes(), Held()):
            assert any("is tolerated" in warning and problem in warning for warning in way.warnings)
    finally:
        servers.close(port)


async def test_a_security_that_the_server_lacks_is_refused_with_what_it_offers(
    servers: Secured, folder: CertificateFolder
) -> None:
    port = servers.open(SERVER, plain=False)
    said = await tried(folder, port)
    servers.close(port)
    assert said == (
        "the server does not offer the security None; it offers: Aes128Sha256RsaOaep Sign, Aes128Sha256RsaOaep "
        "SignAndEncrypt, Aes256Sha256RsaPss Sign, Aes256Sha256RsaPss SignAndEncrypt, Basic256Sha256 Sign, "
        "Basic256Sha256 SignAndEncrypt; write one of these as `security`"
    )


async def test_the_address_of_the_site_file_is_used_whatever_the_server_advertises(
    servers: Secured, folder: CertificateFolder
) -> None:
    behind = make(host="127.0.0.1")
    trust(folder, behind)
    port = servers.open(behind, host="plc.behind.invalid")
    assert await tried(folder, port, security=SAFE) == "read"
    assert await tried(folder, port) == "read"
    servers.close(port)


async def test_a_new_certificate_of_the_server_is_refused_and_said_once_until_it_is_trusted(
    servers: Secured, folder: CertificateFolder, caplog: pytest.LogCaptureFixture
) -> None:
    port = servers.open(SERVER)
    asked = spec(f"opc.tcp://127.0.0.1:{port}", security=SAFE)
    source = open_source(asked, [(0, T1)], ScaledClock(), Installation(folder.path, wall))
    async with listening(source) as heard:
        await heard.until(lambda heard: len(heard.of(0)) and heard.of(0).quality[-1] == Quality.GOOD)
        assert source.report.trouble is None
        servers.close(port)
        renewed = make()
        servers.open(renewed, port=port)
        await heard.until(lambda _: "nobody has trusted it" in str(source.report.trouble))
        caplog.clear()
        count = len(heard.of(0))
        await asyncio.sleep(3)
        assert not caplog.records
        assert len(heard.of(0)) == count
        trust(folder, renewed)
        await heard.until(lambda heard: heard.of(0).quality[-1] == Quality.GOOD)
        assert source.report.trouble is None
    servers.close(port)


@pytest.mark.parametrize("place", range(20, 1000, 97))
@pytest.mark.parametrize("meddle", [flip, cut], ids=["flip", "cut"])
async def test_spoiled_answers_are_a_lost_link_and_nothing_else(
    folder: CertificateFolder, port: int, place: int, meddle: Meddling
) -> None:
    async with meddler(port, place, meddle) as (way, _):
        assert await tried(folder, way, security=SAFE, timeout="500ms")


async def test_a_server_that_is_rejected_while_it_is_away_is_not_gone_on_with(
    servers: Secured, folder: CertificateFolder
) -> None:
    port = servers.open(SERVER)
    async with AsyncExitStack() as stack:
        way, between = await stack.enter_async_context(meddler(port, -1, cut))
        asked = spec(f"opc.tcp://127.0.0.1:{way}", security=SAFE)
        source = open_source(asked, [(0, T1)], ScaledClock(), Installation(folder.path, wall))
        heard = await stack.enter_async_context(listening(source))
        await heard.until(lambda heard: len(heard.of(0)) and heard.of(0).quality[-1] == Quality.GOOD)
        folder.move(Certificate(SERVER[0]).fingerprint, "rejected")
        await between.cut()
        await heard.until(lambda _: "nobody has trusted it" in str(source.report.trouble))
    servers.close(port)


async def test_certificates_that_end_soon_are_warned_of(servers: Secured, tmp_path: Path) -> None:
    folder = CertificateFolder(tmp_path)
    folder.write_own(*make(uri="urn:mine:hazwatch", end=20))
    ending = make(end=20)
    trust(folder, ending)
    port = servers.open(ending)
    way = access(folder, port, security=SAFE)
    async with connect(spec(f"opc.tcp://127.0.0.1:{port}", security=SAFE), way, RequestSizes(), Held()):
        ours, theirs = way.warnings
    servers.close(port)
    assert ours.startswith(f"our certificate {folder.own_certificate} ends on ")
    assert theirs.startswith("the certificate of the server ends on ")
