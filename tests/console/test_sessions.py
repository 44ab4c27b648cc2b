"""Pages of one address have limits of their own, by a cookie; programs without one share what is left."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from console import Hub, create_app
from console.limits import NEW_SESSIONS_AT_ONCE, SESSION_STREAMS
from console.sessions import COOKIE, Sessions
from tests.console.fake_desk import FakeDesk

AT_ONCE = 5


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client that may ask five times at once; it has a session once it has opened the page."""
    monkeypatch.setattr("console.access.REQUESTS_AT_ONCE", AT_ONCE)
    monkeypatch.setattr("console.access.REQUEST_RATE", 0.001)  # a slow machine would never reach the limit
    desk = FakeDesk(Hub())
    with TestClient(create_app(desk, desk.hub, hosts=["testserver"])) as opened:
        yield opened


def codes(client: TestClient, times: int) -> list[int]:
    return [client.get("/none").status_code for _ in range(times)]


def test_a_program_without_a_session_uses_up_the_limit_of_no_page(client: TestClient) -> None:
    assert client.get("/").headers["set-cookie"].endswith("Path=/; HttpOnly; SameSite=Strict")
    session = client.cookies[COOKIE]
    client.cookies.clear()
    assert codes(client, 2 * AT_ONCE)[-1] == 429
    client.cookies[COOKIE] = session
    assert codes(client, AT_ONCE) == [404] * AT_ONCE
    assert codes(client, 2 * AT_ONCE)[-1] == 429
    client.cookies[COOKIE] = "made up"
    assert codes(client, 2 * AT_ONCE)[-1] == 429


def test_a_page_keeps_its_session(client: TestClient) -> None:
    client.get("/")
    assert "set-cookie" not in client.get("/").headers


@pytest.mark.parametrize("cookie", ["", "hazwatch", "hazwatch=", 'hazwatch="', "other=1", "hazwatch=\xff", ";;=;"])
def test_a_cookie_that_names_no_session_is_none(cookie: str) -> None:
    sessions = Sessions()
    sessions.begin("127.0.0.1", 0.0)
    assert sessions.of(Headers({"cookie": cookie})) is None


def test_an_address_begins_few_sessions_at_once() -> None:
    sessions = Sessions()
    begun = [sessions.begin("127.0.0.1", 0.0) for _ in range(2 * NEW_SESSIONS_AT_ONCE)]
    assert [cookie is not None for cookie in begun].count(True) == NEW_SESSIONS_AT_ONCE
    assert sessions.begin("127.0.0.1", 3600.0) is not None
    assert all(sessions.of(Headers({"cookie": cookie})) for cookie in begun if cookie is not None)


def test_programs_without_a_session_leave_streams_to_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.hub.CLIENT_STREAMS", 1)
    hub = Hub()
    with ExitStack() as stack:
        stack.enter_context(hub.subscribed("a")).is_silent = False
        assert not hub.make_room("a")
        assert hub.make_room("a", "session")
        for _ in range(SESSION_STREAMS):
            stack.enter_context(hub.subscribed("a", "session")).is_silent = False
        assert not hub.make_room("a", "session")
        assert hub.make_room("a", "another")
