"""The gate: no foreign host, no foreign origin, nothing from outside the machine."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from console import Hub, create_app
from console.access import LONGEST_BODY
from console.limits import REQUESTS_AT_ONCE
from tests.console.conftest import Console
from tests.console.fake_desk import FakeDesk

STATIC = Path(__file__).parents[2] / "console" / "static"


@pytest.fixture
def client() -> Iterator[TestClient]:
    desk = FakeDesk(Hub())
    with TestClient(
        create_app(desk, desk.hub, hosts=["127.0.0.1", "localhost", "::1"]), base_url="http://127.0.0.1"
    ) as client:
        yield client


GOOD = [
    pytest.param({"host": "127.0.0.1"}, id="no port"),
    pytest.param({"host": "127.0.0.1:8600"}, id="port"),
    pytest.param({"host": "LOCALHOST:8600"}, id="name"),
    pytest.param({"host": "[::1]:8600"}, id="IPv6"),
    pytest.param({"host": "127.0.0.1:8600", "origin": "http://127.0.0.1:8600"}, id="own page"),
]
BAD = [
    pytest.param({"host": "evil.example"}, id="foreign host"),
    pytest.param({"host": "127.0.0.1.evil.example:8600"}, id="host that begins as ours"),
    pytest.param({"host": "evil.example@127.0.0.1:x"}, id="user in the host"),
    pytest.param({"host": "["}, id="no host at all"),
    pytest.param({"host": ""}, id="empty"),
    pytest.param({"host": "127.0.0.1:8600", "origin": "http://evil.example"}, id="foreign origin"),
    pytest.param({"host": "127.0.0.1:8600", "origin": "http://127.0.0.1:9999"}, id="other port"),
    pytest.param({"host": "127.0.0.1:8600", "origin": "https://127.0.0.1:8600"}, id="other scheme"),
    pytest.param({"host": "127.0.0.1:8600", "origin": "http://localhost:8600"}, id="other name"),
    pytest.param({"host": "127.0.0.1:8600", "origin": "null"}, id="null origin"),
]


@pytest.mark.parametrize("headers", GOOD)
def test_own_names_are_let_in(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/api/snapshot", headers=headers).status_code == 200


async def test_own_names_are_let_in_on_the_stream(console: Console) -> None:
    for name, origin in (("127.0.0.1", None), ("localhost", None), ("localhost", f"http://localhost:{console.port}")):
        async with open_stream(console, name, origin) as socket:
            assert "snapshot" in str(await socket.recv())


async def test_foreign_names_are_refused_on_the_stream_before_it_is_open(console: Console) -> None:
    for name, origin in (("evil.example", None), ("127.0.0.1", "http://evil.example"), ("127.0.0.1", "null")):
        with pytest.raises(InvalidStatus, match="403"):
            async with open_stream(console, name, origin):
                pytest.fail("let in")


def open_stream(console: Console, name: str, origin: str | None) -> connect:
    """Ask the server on loopback under any name."""
    given = None if origin is None else Origin(origin)
    return connect(f"ws://{name}:{console.port}/api/stream", host="127.0.0.1", port=console.port, origin=given)


@pytest.mark.parametrize("headers", BAD)
@pytest.mark.parametrize("path", ["/", "/api/snapshot", "/api/site"])
def test_foreign_hosts_and_origins_are_refused(client: TestClient, headers: dict[str, str], path: str) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 403
    assert "示范煤矿" not in answer.text


@pytest.mark.parametrize("headers", BAD)
def test_foreign_hosts_and_origins_are_refused_on_the_stream(client: TestClient, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/api/stream", headers=headers):
        pass


@pytest.mark.parametrize("path", ["/api/stream", "/api/snapshot"])
def test_a_refusal_is_in_the_words_of_the_desk(path: str) -> None:
    desk = FakeDesk(Hub())
    app = create_app(desk, desk.hub, hosts=["127.0.0.1"], say=lambda message: f"不接受 / {message}")
    with TestClient(app, base_url="http://evil.example") as client:
        if path == "/api/snapshot":
            assert client.get(path).text == "不接受 / foreign host or origin\n"
        else:
            with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(path):
                pass
            assert refused.value.reason == "不接受 / foreign host or origin"


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        pytest.param("/api/site", {"sec-fetch-site": "same-origin"}, 200, id="the page itself"),
        pytest.param("/api/site", {"sec-fetch-site": "none"}, 200, id="a person"),
        pytest.param("/api/site", {"sec-fetch-site": "cross-site"}, 403, id="another site"),
        pytest.param("/api/site", {"sec-fetch-site": "same-site"}, 403, id="another port of this machine"),
        pytest.param("/", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403, id="an image"),
        pytest.param(
            "/",
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
            200,
            id="a link to the page",
        ),
        pytest.param(
            "/api/snapshot",
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"},
            403,
            id="a link to something else",
        ),
    ],
)
def test_a_get_from_another_page_is_refused(client: TestClient, path: str, headers: dict[str, str], code: int) -> None:
    assert client.get(path, headers=headers).status_code == code


def test_queries_that_come_too_fast_are_refused_and_leave_room_for_commands(client: TestClient) -> None:
    codes = [client.get("/none").status_code for _ in range(4 * REQUESTS_AT_ONCE)]
    assert codes[:REQUESTS_AT_ONCE] == [404] * REQUESTS_AT_ONCE
    assert 429 in codes
    assert client.post("/api/commands", json={}, headers={"Idempotency-Key": "key-00000001"}).status_code == 422


def test_a_foreign_page_cannot_command(client: TestClient) -> None:
    headers = {"origin": "http://evil.example", "Idempotency-Key": "key-00000001"}
    assert client.post("/api/commands", json={}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b" " * LONGEST_BODY, 422, id="longest"),
        pytest.param(b" " * (LONGEST_BODY + 1), 413, id="longer"),
        pytest.param(iter([b"{}"]), 411, id="of unknown length"),
    ],
)
def test_a_body_has_an_end(client: TestClient, content: bytes | Iterator[bytes], code: int) -> None:
    headers = {"Idempotency-Key": "key-00000001", "Content-Type": "application/json"}
    assert client.post("/api/commands", content=content, headers=headers).status_code == code


@pytest.mark.parametrize("path", ["/", "/api/snapshot", "/none"])
def test_every_answer_is_under_the_policy(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"


def test_hashed_assets_are_kept_by_the_browser(client: TestClient) -> None:
    (script,) = re.findall(r'src="(/assets/[^"]+\.js)"', client.get("/").text)
    assert "immutable" in client.get(script).headers["cache-control"]
    assert client.get("/assets/none.js").headers["cache-control"] == "no-store"


def test_the_built_page_names_no_address_outside_the_machine() -> None:
    namespaces = {"http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"}
    for file in STATIC.rglob("*.*"):
        found = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*", file.read_text(encoding="utf-8")))
        assert found <= namespaces, file.name
