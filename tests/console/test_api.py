"""The interface of the console: what it answers, and what it refuses and how."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from console import Hub, create_app
from tests.console.fake_desk import MINUTE, START, FakeDesk

BASE = "http://127.0.0.1"


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk(Hub())
    desk.raise_alarm("T2.cut", 1.6)
    return desk


@pytest.fixture
def client(desk: FakeDesk) -> Iterator[TestClient]:
    with TestClient(create_app(desk, desk.hub, hosts=["127.0.0.1"]), base_url=BASE) as client:
        yield client


def acknowledge(desk: FakeDesk, **changed: Any) -> dict[str, Any]:
    alarm = desk.alarms["T2.cut"]
    return {"command": "acknowledge", "alarm": "T2.cut", "episode": alarm["episode"], "by": "王建国"} | changed


def post(client: TestClient, form: Any, key: str = "key-00000001") -> Any:
    return client.post("/api/commands", json=form, headers={"Idempotency-Key": key})


def test_the_site_and_the_present_are_answered_as_the_desk_gives_them(client: TestClient, desk: FakeDesk) -> None:
    assert client.get("/api/site").json()["site"]["name"] == "示范煤矿"
    answer = client.get("/api/snapshot").json()
    assert answer["number"] == desk.hub.number
    assert [alarm["id"] for alarm in answer["snapshot"]["alarms"]] == ["T2.cut"]
    assert answer["snapshot"]["now"] == START


def test_an_acknowledgement_reaches_the_desk_once_however_often_it_is_sent(client: TestClient, desk: FakeDesk) -> None:
    first, again = post(client, acknowledge(desk)), post(client, acknowledge(desk))
    assert (first.status_code, again.status_code) == (200, 200)
    assert [command.by for command in desk.commands] == ["王建国"]
    assert desk.alarms["T2.cut"]["state"] == "acked"


def test_the_lines_of_a_ticket_before_a_record_are_answered(client: TestClient, desk: FakeDesk) -> None:
    (number,) = desk.tickets
    rectify = {"command": "rectify", "ticket": number, "by": "张三", "responsible": "李四", "measures": "m"}
    post(client, rectify, key="key-00000011")
    post(client, {"command": "submit", "ticket": number, "by": "李四"}, key="key-00000012")
    answer = client.get(f"/api/tickets/{number}").json()
    assert (answer["earlier"], [line["change"] for line in answer["lines"]]) == (1, ["rectify", "submit"])
    before = answer["lines"][0]["record"]
    answer = client.get(f"/api/tickets/{number}", params={"before": before}).json()
    assert (answer["earlier"], [line["change"] for line in answer["lines"]]) == (0, ["open"])
    assert client.get("/api/tickets/none").status_code == 404
    assert client.get(f"/api/tickets/{number}", params={"before": 0}).status_code == 422


def test_what_is_already_acknowledged_is_refused_with_409_and_a_reason(client: TestClient, desk: FakeDesk) -> None:
    post(client, acknowledge(desk))
    answer = post(client, acknowledge(desk), key="key-00000002")
    assert answer.status_code == 409
    assert answer.json()["reason"] == "not_accepted"
    assert 'not accepted in state "acknowledged"' in answer.json()["detail"]


def test_an_episode_that_is_over_cannot_be_acknowledged(client: TestClient, desk: FakeDesk) -> None:
    answer = post(client, acknowledge(desk, episode="0123456789abcdef"))
    assert (answer.status_code, answer.json()["reason"]) == (409, "episode_over")


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"command": "acknowledge", "alarm": "none", "episode": "x", "by": "a"}, id="alarm"),
        pytest.param({"command": "submit", "ticket": "none", "by": "a"}, id="ticket"),
    ],
)
def test_an_unknown_name_is_404(client: TestClient, form: dict[str, Any]) -> None:
    assert post(client, form).status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({}, id="empty"),
        pytest.param({"command": "shelve", "alarm": "T2.cut", "by": "a"}, id="unknown command"),
        pytest.param({"command": "acknowledge", "alarm": "T2.cut", "by": "a"}, id="no episode"),
        pytest.param({"command": "acknowledge", "alarm": "T2.cut", "episode": "e", "by": " "}, id="nobody"),
        pytest.param({"command": "acknowledge", "alarm": "T2.cut", "episode": "e", "by": "a", "x": 1}, id="extra"),
        pytest.param([1, 2], id="a list"),
        pytest.param("text", id="a text"),
    ],
)
def test_a_malformed_command_is_422(client: TestClient, form: Any) -> None:
    assert post(client, form).status_code == 422


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"", b'{"command": NaN}'])
def test_what_is_no_json_is_refused_and_not_an_error_of_ours(client: TestClient, body: bytes) -> None:
    headers = {"Idempotency-Key": "key-00000001", "Content-Type": "application/json"}
    assert client.post("/api/commands", content=body, headers=headers).status_code in (400, 422)


@pytest.mark.parametrize("query", ["trend", "trend?point=T1&start=a&end=2&pixels=1", "forecasts?point="])
def test_a_malformed_query_is_refused_with_a_reason_and_a_message(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/{query}").json()
    assert (answer["reason"], answer["message"]["template"]) == ("malformed", "{problems}")
    assert answer["detail"].startswith("query.")


def test_a_command_needs_a_key(client: TestClient, desk: FakeDesk) -> None:
    assert client.post("/api/commands", json=acknowledge(desk)).status_code == 422
    assert post(client, acknowledge(desk), key="short").status_code == 422
    assert desk.commands == []


def test_forecasts_are_answered_as_the_desk_gives_them(client: TestClient, desk: FakeDesk) -> None:
    desk.foresee("W1.soon", reason="flat")
    answer = client.get("/api/forecasts", params={"point": "W1"}).json()
    assert answer == orjson.loads(orjson.dumps(desk.forecast["W1"]))
    assert client.get("/api/forecasts", params={"point": "T1"}).json() == []
    assert client.get("/api/forecasts", params={"point": "none"}).status_code == 404


def test_a_trend_is_answered_and_its_questions_are_checked(client: TestClient) -> None:
    good: dict[str, str | int] = {"point": "T2", "start": START - 120 * MINUTE, "end": START, "pixels": 300}
    trend = client.get("/api/trend", params=good).json()
    assert len(trend["time"]) == len(trend["last"]) == len(trend["quality"]) <= 300
    assert {line["id"] for line in trend["limits"]} == {"T2.cut", "T2.alarm"}
    wrongs: tuple[dict[str, str | int], ...] = (
        {"point": ""},
        {"start": START},
        {"start": "nan"},
        {"end": 10**18},
        {"pixels": 0},
        {"pixels": 10**6},
    )
    for wrong in wrongs:
        assert client.get("/api/trend", params=good | wrong).status_code == 422
    assert client.get("/api/trend", params=good | {"point": "none"}).status_code == 404


def test_a_ticket_goes_its_way_and_its_rectifier_may_not_accept_it(client: TestClient, desk: FakeDesk) -> None:
    number = next(iter(desk.tickets))
    steps = [
        ({"command": "submit", "by": "李"}, 409),
        ({"command": "rectify", "by": "王", "responsible": "李", "measures": "加强通风", "due": str(10**18)}, 200),
        ({"command": "submit", "by": "李"}, 200),
        ({"command": "accept", "by": "李"}, 409),
        ({"command": "refuse", "by": "王", "reason": "未完"}, 200),
        ({"command": "submit", "by": "李"}, 200),
        ({"command": "accept", "by": "王"}, 200),
    ]
    for index, (form, status) in enumerate(steps):
        assert post(client, form | {"ticket": number}, key=f"key-{index:08d}").status_code == status
    assert desk.tickets == {}


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/..%2f..%2fpyproject.toml", "/none"])
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (
        404,
        {
            "reason": "unknown_address",
            "detail": "nothing is at this address",
            "message": {"template": "nothing is at this address", "arguments": {}},
        },
    )


@pytest.mark.parametrize("path", ["/", "/api/site", "/none"])
def test_a_request_of_another_method_is_405_with_a_reason(client: TestClient, path: str) -> None:
    answer = client.post(path)
    assert (answer.status_code, answer.json()["reason"]) == (405, "unknown_method")
    assert answer.json()["message"]["template"] == answer.json()["detail"]
    assert "GET" in answer.headers["allow"]


def test_a_body_that_is_no_text_is_400_with_a_reason(client: TestClient) -> None:
    headers = {"Idempotency-Key": "key-00000001", "Content-Type": "application/json"}
    answer = client.post("/api/commands", content=b"\xff", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed")
