"""`hazwatch cert` makes our certificate once, and lists, trusts and rejects those of servers."""

from pathlib import Path

import pytest

from adapters.certificates import Certificate, CertificateFolder, make_certificate
from hazwatch.cli.exit_codes import OK, REFUSED, USAGE
from hazwatch.cli.main import main
from hazwatch.live.clock import wall
from plant.units import DAY


@pytest.fixture
def folder(tmp_path: Path) -> CertificateFolder:
    return CertificateFolder(tmp_path / "data" / "certificates")


def cert(tmp_path: Path, *words: str) -> int:
    return main(["cert", *words, "--data", str(tmp_path / "data")])


def test_a_certificate_is_made_once_and_replaced_on_request_alone(
    tmp_path: Path, folder: CertificateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cert(tmp_path, "make", "--host", "hazwatch.mine", "--host", "192.0.2.5", "--days", "30") == OK
    made = folder.own(wall()).certificate
    assert made.application_uris == ["urn:hazwatch.mine:hazwatch"]
    assert made.hosts == ["hazwatch.mine", "192.0.2.5"]
    assert 29 * DAY < made.end - wall() < 31 * DAY
    assert made.thumbprint in capsys.readouterr().out
    assert cert(tmp_path, "make") == REFUSED
    assert "--renew" in capsys.readouterr().err
    assert folder.own(wall()).certificate == made
    assert cert(tmp_path, "make", "--renew") == OK
    assert folder.own(wall()).certificate != made


@pytest.mark.parametrize("words", [("--days", "0"), ("--days", "99999"), ("--host", "")])
def test_a_certificate_that_makes_no_sense_is_not_made(
    tmp_path: Path, folder: CertificateFolder, words: tuple[str, ...]
) -> None:
    assert cert(tmp_path, "make", *words) == USAGE
    assert not folder.path.exists()


def test_a_host_that_a_certificate_cannot_name_is_refused_in_both_languages(
    tmp_path: Path, folder: CertificateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cert(tmp_path, "make", "--host", "kj-ua", "--host", "矿井") == USAGE
    chinese, _, english = capsys.readouterr().err.partition(" / ")
    assert "主机名，或地址；实际为 '矿井'" in chinese
    assert english == "expected a name of letters a to z, or an address; found '矿井'\n"
    assert not folder.path.exists()


def test_a_long_host_name_is_cut_in_the_name_of_the_owner_alone(tmp_path: Path, folder: CertificateFolder) -> None:
    host = f"{'m' * 63}.mine"
    assert cert(tmp_path, "make", "--host", host) == OK
    made = folder.own(wall()).certificate
    assert made.subject == f"CN=Hazwatch {'m' * 55}"
    assert made.hosts == [host]


def test_certificates_are_listed_trusted_and_rejected(
    tmp_path: Path, folder: CertificateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cert(tmp_path, "list") == REFUSED
    assert f"hazwatch cert make --folder {folder.path}" in capsys.readouterr().out
    now = wall()
    pair = make_certificate(uri="urn:kj", name="KJ", hosts=["kj"], begin=now, end=now + DAY, bits=2048)
    server = Certificate(pair[0])
    folder.keep_rejected(server)
    assert cert(tmp_path, "trust", server.fingerprint[:16]) == OK
    assert folder.is_trusted(server)
    assert cert(tmp_path, "make") == OK
    capsys.readouterr()
    assert cert(tmp_path, "list") == OK
    listed = capsys.readouterr().out
    assert "我们的证书" in listed
    assert "trusted: CN=KJ" in listed
    assert server.fingerprint in listed
    assert cert(tmp_path, "reject", server.fingerprint[:16]) == OK
    assert not folder.is_trusted(server)
    assert cert(tmp_path, "trust", "00000000") == REFUSED
