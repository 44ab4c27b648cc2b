"""Certificates are read, judged and kept; a folder trusts by the bytes alone, and secrets stay secret."""

import os
import stat
from pathlib import Path

import pytest

from adapters.certificates import (
    Certificate,
    CertificateFolder,
    CertificateFolderError,
    make_certificate,
    problems_of,
    read_secret,
)
from adapters.certificates.folder import MOST_REJECTED
from plant.units import DAY, SECOND

NOW = 1_790_000_000 * SECOND
URI = "urn:kj:server"
HOSTS = ["kj.mine", "192.0.2.10", "::1"]


def make(begin: int = NOW - DAY, end: int = NOW + DAY, bits: int = 2048) -> tuple[bytes, bytes]:
    return make_certificate(uri=URI, name="KJ, 采集", hosts=HOSTS, begin=begin, end=end, bits=bits)


PAIR, OTHER = make(), make()


@pytest.fixture
def folder(tmp_path: Path) -> CertificateFolder:
    return CertificateFolder(tmp_path / "certificates")


def kept(folder: CertificateFolder) -> list[tuple[str, str]]:
    return [(each.standing, each.certificate.fingerprint) for each in folder.kept() if each.certificate is not None]


def test_what_was_made_is_read_again() -> None:
    certificate = Certificate.of(PAIR[0])
    assert certificate.subject == "CN=KJ\\, 采集"
    assert (certificate.begin, certificate.end) == (NOW - DAY, NOW + DAY)
    assert (certificate.application_uris, certificate.hosts) == ([URI], HOSTS)
    assert certificate.weakness is None


def test_of_a_chain_the_first_certificate_counts() -> None:
    assert Certificate.of(PAIR[0] + OTHER[0]) == Certificate(PAIR[0])


@pytest.mark.parametrize(
    "content", [b"", b"0", PAIR[0][:-1], b"-----BEGIN CERTIFICATE-----", PAIR[1], b"\x30\x82\xff\xff", b"\xff" * 99]
)
def test_bytes_that_are_no_certificate_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no certificate that can be read"):
        Certificate.of(content)


@pytest.mark.parametrize("place", range(0, len(PAIR[0]), 7))
def test_a_flipped_bit_is_another_certificate_or_none(place: int) -> None:
    flipped = bytearray(PAIR[0])
    flipped[place] ^= 4
    try:
        certificate = Certificate.of(bytes(flipped))
    except ValueError:
        return
    assert certificate != Certificate(PAIR[0])
    assert certificate.fingerprint != Certificate(PAIR[0]).fingerprint


@pytest.mark.parametrize("host", ["kj.mine", "KJ.MINE.", "192.0.2.10", "[::1]", "0:0::1"])
def test_a_host_is_known_in_every_way_of_writing_it(host: str) -> None:
    assert problems_of(Certificate(PAIR[0]), uri=URI, host=host, now=NOW) == {}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"now": NOW + DAY}, "expired"),
        ({"now": NOW - DAY - 1}, "not_yet_valid"),
        ({"uri": "urn:kj"}, "application_uri"),
        ({"host": "mine"}, "host"),
        ({"host": "192.0.2.1"}, "host"),
    ],
)
def test_each_mistake_is_named(changed: dict[str, object], problem: str) -> None:
    asked: dict[str, object] = {"uri": URI, "host": "kj.mine", "now": NOW} | changed
    problems = problems_of(Certificate(PAIR[0]), **asked)  # type: ignore[arg-type]
    assert list(problems) == [problem]


def test_a_short_key_is_weak() -> None:
    weak = Certificate(make(bits=1024)[0])
    assert list(problems_of(weak, uri=URI, host="kj.mine", now=NOW)) == ["weak_key"]


def test_a_certificate_is_trusted_by_its_bytes_and_rejected_again(folder: CertificateFolder) -> None:
    certificate, other = Certificate(PAIR[0]), Certificate(OTHER[0])
    folder.keep_rejected(certificate)
    assert not folder.is_trusted(certificate)
    assert folder.move(certificate.fingerprint[:8].upper(), "trusted") == certificate
    assert folder.is_trusted(certificate)
    assert not folder.is_trusted(other)
    assert kept(folder) == [("trusted", certificate.fingerprint)]
    folder.move(certificate.fingerprint, "rejected")
    assert kept(folder) == [("rejected", certificate.fingerprint)]


def test_a_file_that_is_no_certificate_trusts_nobody_and_hides_nobody(folder: CertificateFolder) -> None:
    folder.keep_rejected(Certificate(PAIR[0]))
    folder.move(Certificate(PAIR[0]).fingerprint[:8], "trusted")
    (folder.path / "trusted" / "0.der").write_bytes(b"x")
    (folder.path / "trusted" / "1.der").mkdir()
    (folder.path / "trusted" / "2.new").write_bytes(OTHER[0])
    assert not folder.is_trusted(Certificate(OTHER[0]))
    assert folder.is_trusted(Certificate(PAIR[0]))
    assert sorted(each.certificate is None for each in folder.kept()) == [False, True, True]


@pytest.mark.parametrize("named", ["", "0", "ffffffff", "nowhere.der", "*"])
def test_what_names_no_certificate_is_refused_with_the_command_that_lists_them(
    folder: CertificateFolder, named: str
) -> None:
    folder.keep_rejected(Certificate(PAIR[0]))
    with pytest.raises(CertificateFolderError):
        folder.move(named, "trusted")
    assert kept(folder) == [("rejected", Certificate(PAIR[0]).fingerprint)]


def test_refused_certificates_do_not_fill_the_disk(folder: CertificateFolder) -> None:
    (folder.path / "rejected").mkdir(parents=True)
    for number in range(MOST_REJECTED + 5):
        (folder.path / "rejected" / f"{number}.der").write_bytes(b"x")
    folder.keep_rejected(Certificate(PAIR[0]))
    assert len(list((folder.path / "rejected").iterdir())) == MOST_REJECTED
    assert kept(folder) == [("rejected", Certificate(PAIR[0]).fingerprint)]


def test_our_key_is_ours_alone_and_fits_the_certificate(folder: CertificateFolder) -> None:
    folder.write_own(*PAIR)
    assert stat.S_IMODE(folder.own_key.stat().st_mode) == 0o600
    assert folder.own(NOW).certificate == Certificate(PAIR[0])
    with pytest.raises(CertificateFolderError, match="ends on 2026"):
        folder.own(NOW + DAY)
    folder.own_certificate.write_bytes(OTHER[0])
    with pytest.raises(CertificateFolderError, match="is the key of another certificate"):
        folder.own(NOW)


@pytest.mark.parametrize("content", [b"", b"x", PAIR[0], PAIR[1][:200]])
def test_a_key_that_is_none_is_refused_without_its_content(folder: CertificateFolder, content: bytes) -> None:
    folder.write_own(PAIR[0], content)
    with pytest.raises(CertificateFolderError) as caught:
        folder.own(NOW)
    assert str(caught.value) == f"{folder.own_key}: expected a private key (PEM) without a password"


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o640, 0o620])
def test_a_secret_that_is_open_to_other_users_is_refused_with_the_mend(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a b"
    path.write_text("secret")
    path.chmod(mode)
    with pytest.raises(ValueError, match=f"chmod 600 '{path}'"):
        read_secret(path)
    path.chmod(0o400)
    assert read_secret(path) == b"secret"


def test_the_mend_of_a_secret_of_another_owner_gives_it_to_this_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    path.write_text("secret")
    path.chmod(0o640)
    reader = path.stat().st_uid + 1
    monkeypatch.setattr(os, "geteuid", lambda: reader)
    with pytest.raises(ValueError, match=f"run: sudo chown {reader} {path} && sudo chmod 600 {path}$"):
        read_secret(path)
