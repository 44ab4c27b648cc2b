"""`hazwatch discover` looks at a server that is not ours, and what it writes is a site file to start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.certificates import CertificateFolder
from hazwatch.cli.exit_codes import OK, REFUSED, UNAVAILABLE, USAGE
from hazwatch.cli.main import main
from hazwatch.site.config import load
from hazwatch.words.fill_in import FILL_IN
from tests.ports import free_port
from tests.system.opcua.node_peer.secured import PASSWORD, USER, make, secured

pytestmark = pytest.mark.live

SERVER = make()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with secured(tmp_path_factory.mktemp("secured")) as servers:
        yield f"opc.tcp://127.0.0.1:{servers.open(SERVER)}"


def filled(folder: Path) -> Path:
    """Fill in what is marked, as an engineer would."""
    site = folder / "site.toml"
    text = site.read_text(encoding="utf-8")
    for key, value in (("kind", "gas"), ("grade", "II")):
        text = text.replace(f'{key} = "{FILL_IN}"', f'{key} = "{value}"')
    site.write_text(text.replace(FILL_IN, "x"), encoding="utf-8")
    return site


def test_points_are_written_with_their_units_ranges_and_lasting_addresses(url: str, tmp_path: Path) -> None:
    assert main(["discover", url, "--out", str(tmp_path / "new")]) == OK
    points = {point.id: point for point in load(filled(tmp_path / "new")).points.points}
    assert list(points) == ["T1", "3101.CH4", "3101.3102.CH4", "fan", "SUM(A1)"]
    near, far = points["3101.CH4"], points["3101.3102.CH4"]
    assert (near.name, near.unit, near.range) == ("3101 工作面 甲烷", "%", (0.0, 4.0))
    assert far.name == "3102 甲烷"
    assert far.address == "nsu=urn:kj:mine;s=3102;CH4"
    assert points["fan"].address == "nsu=urn:kj:mine;i=7"
    assert {point.quantity for point in points.values()} == {""}


def test_what_is_marked_must_be_filled_in_and_nothing_is_overwritten(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["discover", url, "--out", str(tmp_path)]) == OK
    assert "2 variables are no single number: left out" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "site.toml")]) == REFUSED
    before = (tmp_path / "points.csv").read_bytes()
    assert main(["discover", url, "--out", str(tmp_path)]) == REFUSED
    (tmp_path / "site.toml").unlink()
    assert main(["discover", url, "--out", str(tmp_path)]) == REFUSED
    assert (tmp_path / "points.csv").read_bytes() == before
    assert not (tmp_path / "site.toml").exists()


@pytest.mark.parametrize(
    ("bound", "count", "remark"),
    [
        (("--most", "2"), 2, "more than 2 points or nodes: the others are left out"),
        (("--depth", "2"), 2, "nodes deeper than 2 steps are left out"),
        (("--within", "0"), 0, "not finished within 0 s: the others are left out"),
    ],
    ids=["points", "depth", "time"],
)
def test_a_look_is_bounded_and_says_so(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], bound: tuple[str, str], count: int, remark: str
) -> None:
    assert main(["discover", url, "--out", str(tmp_path), *bound]) == OK
    assert len((tmp_path / "points.csv").read_text(encoding="utf-8").splitlines()) == 1 + count
    assert remark in (tmp_path / "site.toml").read_text(encoding="utf-8")
    assert remark in capsys.readouterr().out


def test_security_and_user_are_used_and_written_without_the_password(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, secret = tmp_path / "data", tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o600)
    words = [
        "discover",
        url,
        "--out",
        str(tmp_path),
        "--data",
        str(data),
        "--user",
        USER,
        "--password-file",
        str(secret),
    ]
    words += ["--security", "Basic256Sha256", "SignAndEncrypt"]
    folder = CertificateFolder(data / "certificates")
    folder.write_own(*make(uri="urn:mine:hazwatch"))
    assert main(words) == UNAVAILABLE
    assert "nobody has trusted it yet" in capsys.readouterr().err
    (kept,) = folder.kept()
    assert kept.certificate is not None
    assert main(["cert", "trust", kept.certificate.fingerprint, "--data", str(data)]) == OK
    assert main(words) == OK
    (source,) = load(filled(tmp_path)).sources
    assert source.model_dump(exclude_defaults=True)["security"] == {
        "policy": "Basic256Sha256",
        "mode": "SignAndEncrypt",
    }
    assert PASSWORD not in (tmp_path / "site.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["http://127.0.0.1"], USAGE),
        (["opc.tcp://127.0.0.1"], USAGE),
        (["opc.tcp://127.0.0.1:4840", "--security", "Basic256", "Sign"], USAGE),
        (["opc.tcp://127.0.0.1:4840", "--user", "a"], USAGE),
        (["modbus://127.0.0.1:502", "--units", "1-256"], USAGE),
        (["modbus://127.0.0.1"], USAGE),
        ([f"opc.tcp://127.0.0.1:{free_port()}"], UNAVAILABLE),
    ],
    ids=["scheme", "port", "policy", "no password", "units", "no port", "nobody there"],
)
def test_what_cannot_be_looked_at_leaves_no_files(tmp_path: Path, words: list[str], code: int) -> None:
    assert main(["discover", *words, "--out", str(tmp_path / "new")]) == code
    assert not (tmp_path / "new").exists()
