"""The page over a real engine and real simulators: alarms arrive, are decided on, and outlive the engine's death."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from adapters.stores import JournalReader
from alarms import RecordKind
from hazwatch.cli.exit_codes import UNAVAILABLE
from hazwatch.live.clock import wall
from hazwatch.live.data_folder import DataFolder
from hazwatch.site.config import load
from plant import SampleBatch, write_trace
from plant.units import SECOND
from tests import sites
from tests.ports import free_port
from tests.system.processes import answers, hazwatch, running, wait_until

CROSSINGS = {"T1": 15, "T2": 18, "T3": 20}
"""When each point goes above its limit, from the start of the simulator on. [s]"""
SOON = 40_000
"""Until the simulator is up, the engine is linked to it and the value has crossed. [ms]"""
DETECTED = 4_000
"""The page says that the engine is lost after 3 s; a second for the machine. [ms]"""
BACK = 60_000
"""Until an engine is up again and the page has found it. [ms]"""

GAS = sites.gas(id="gas-3101", name="3101 综采工作面瓦斯")
SENSOR = {
    "hazard_source": "gas-3101", "quantity": "CH4", "unit": "%", "range": [0.0, 4.0], "resolution": 0.01,
    "stale_after": "10m", "fault": {"on_delay": "10m"}, "source": "ua",
}  # fmt: skip
ALARM = {
    "high": 1.0, "message": "甲烷超限", "message_en": "Methane above its limit", "response": "停止工作, 查明原因",
    "response_en": "Stop work, find the cause", "ticket": True,
}  # fmt: skip

Records = list[dict[str, Any]]
Engine = subprocess.Popen[bytes]


def site(port: int) -> str:
    levels = zip(CROSSINGS, ("red", "orange", "yellow"), strict=True)
    tables = [sites.mine(), GAS, sites.opcua(port, publishing="100ms")]
    for name, level in levels:
        tables.append(sites.point(name, **SENSOR, address=f"ns=2;s={name}"))
        tables.append(sites.limit(f"{name}.alarm", name, **ALARM, level=level))
    return sites.text(*tables)


def write_story(file: Path, trace: Path) -> None:
    """Write a trace that begins now: each point at 0.60, and above its limit from its moment on."""
    begin = wall()
    rows = [
        (column, begin + second * SECOND, 1.23 if second >= at else 0.6)
        for second in range(600)
        for column, at in enumerate(CROSSINGS.values())
    ]
    points, times, values = zip(*rows, strict=True)
    with trace.open("w", encoding="utf-8") as out:
        out.writelines(write_trace(SampleBatch.of(points, times, values), load(file).points))


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    """A dispatcher's browser; the page's own errors fail the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        opened = browser.new_page(viewport={"width": 1920, "height": 1080})
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.add_init_script("localStorage.setItem('hazwatch.person', '王建国')")
        yield opened
        browser.close()
    assert complaints == []


def wait_for(engine: Engine, address: str, log: Path) -> None:
    """Wait until an engine serves its page; one that died says why."""
    wait_until(lambda: answers(address) or engine.poll() is not None, "the page answers", 100)
    assert engine.poll() is None, log.read_text(encoding="utf-8")


def row(page: Page, point: str) -> Locator:
    return page.locator(f"[data-alarm='{point}.alarm']")


def journaled(data: Path, kind: RecordKind, change: str) -> Records:
    """Return the records of a kind that the engine has on its disk."""
    records = JournalReader(DataFolder(data).journal).read(kinds=(kind,))
    return [body for body in (json.loads(record.text()) for record in records) if body["change"] == change]


@pytest.mark.timeout(300)
def test_what_a_dispatcher_decides_outlives_the_death_of_the_engine(tmp_path: Path, page: Page) -> None:
    field_port, page_port = free_port(), free_port()
    file, data = tmp_path / "site.toml", tmp_path / "data"
    file.write_text(site(field_port), encoding="utf-8")
    address = f"http://127.0.0.1:{page_port}"
    run = ("run", file, "--data", data, "--port", page_port)
    banner = page.locator(".banner")

    with running(*run, log=tmp_path / "engine.log") as engine:
        wait_for(engine, address, tmp_path / "engine.log")
        page.goto(address)
        expect(page.locator(".counts [data-level=unknown] b")).to_have_text("3")
        expect(page.locator(".alarm")).to_have_count(0)
        write_story(file, tmp_path / "trace.csv")
        with running("simulate", file, "--trace", tmp_path / "trace.csv", log=tmp_path / "field.log"):
            see_alarms_arrive(page)
            acknowledge(page, data)
            rectify(page, data)
            engine.kill()
            engine.wait()
            expect(banner).to_contain_text("与监控主机失去连接", timeout=DETECTED)
            nothing_can_be_decided(page, data)
            with running(*run, log=tmp_path / "again.log"):
                expect(banner).to_have_count(0, timeout=BACK)
                everything_is_as_before(page)
                row(page, "T3").get_by_role("button").click()
                expect(row(page, "T3").locator(".st")).to_have_text("已确认")
                read_in_english(page)
    assert len(journaled(data, "alarm", "activate")) == len(journaled(data, "ticket", "open")) == len(CROSSINGS)
    assert hazwatch("verify", "--data", data).returncode == 0


def see_alarms_arrive(page: Page) -> None:
    """The page that was opened before shows them within seconds, spoken too, without being loaded again."""
    page.evaluate("window.loadedOnce = true")
    first = row(page, "T1")
    expect(first).to_contain_text("未确认", timeout=SOON)
    expect(first).to_contain_text("1.23 ≥ 1.00 %")
    seen = page.evaluate("Date.now()")
    raised = page.evaluate("fetch('/api/snapshot').then(a => a.json()).then(a => a.snapshot.alarms[0].since)")
    assert seen - raised < SOON
    expect(page.locator("[aria-live=polite]")).to_contain_text("甲烷超限")
    expect(row(page, "T3")).to_contain_text("未确认", timeout=SOON)
    assert page.evaluate("window.loadedOnce") is True


def acknowledge(page: Page, data: Path) -> None:
    """One with the mouse, one with the keyboard; the disk has it when the page says it."""
    row(page, "T1").get_by_role("button").click()
    expect(row(page, "T1").locator(".st")).to_have_text("已确认")
    assert [(body["alarm"], body["command"]["by"]) for body in journaled(data, "alarm", "acknowledge")] == [
        ("T1.alarm", "王建国")
    ]
    page.mouse.move(5, 5)
    expect(page.locator(".alarm").nth(0)).to_have_attribute("data-alarm", re.compile("T.[.]alarm"))
    while row(page, "T2").get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowUp")
    page.keyboard.press("a")
    expect(row(page, "T2").locator(".st")).to_have_text("已确认")
    assert [body["alarm"] for body in journaled(data, "alarm", "acknowledge")] == ["T1.alarm", "T2.alarm"]
    page.keyboard.press("Escape")


def rectify(page: Page, data: Path) -> None:
    """The ticket that the alarm opened goes from 登记 to 治理."""
    row(page, "T1").click()
    page.keyboard.press("t")
    dialog = page.locator("dialog")
    due = (("治理期限（日期）", "2099-12-31"), ("治理期限（班次结束时刻）", "16:00"))
    for label, text in (("责任人", "通风队"), ("治理措施", "加强通风"), *due):
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name="开始治理").click()
    expect(dialog).to_contain_text("治理中")
    assert [body["command"]["responsible"] for body in journaled(data, "ticket", "rectify")] == ["通风队"]
    page.keyboard.press("Escape")
    page.mouse.move(5, 5)


def nothing_can_be_decided(page: Page, data: Path) -> None:
    """What the page still shows is old: neither the buttons nor the keys take a decision on it."""
    assert page.locator(".alarm button:enabled, .act .primary:enabled").count() == 0
    row(page, "T3").click()
    page.keyboard.press("a")
    page.mouse.move(5, 5)
    assert len(journaled(data, "alarm", "acknowledge")) == 2


def everything_is_as_before(page: Page) -> None:
    """The page has found the new engine by itself."""
    assert page.evaluate("window.loadedOnce") is True
    for point, state in (("T1", "已确认"), ("T2", "已确认"), ("T3", "未确认")):
        expect(row(page, point).locator(".st")).to_have_text(state)
    expect(page.locator(".ticket")).to_have_count(3)
    expect(page.locator(".ticket", has_text="剩余").locator("[aria-current=step]")).to_have_text("治理")
    expect(row(page, "T1")).to_contain_text("1.23 ≥ 1.00 %", timeout=BACK)  # the engine hears the field again


def read_in_english(page: Page) -> None:
    page.locator("#language").click()
    expect(row(page, "T1")).to_contain_text("Acknowledged")
    expect(row(page, "T1")).to_contain_text("Methane above its limit")
    expect(page.locator(".ticket [aria-current=step]", has_text="Rectify")).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == "en"


def refused(port: int, method: str, path: str, **headers: str) -> int:
    """Return how a request with these headers is answered."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_strangers_are_refused_and_a_taken_port_is_said(tmp_path: Path) -> None:
    port = free_port()
    file = tmp_path / "site.toml"
    file.write_text(site(free_port()), encoding="utf-8")
    own, foreign = f"127.0.0.1:{port}", "http://mine.example"
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    upgrade |= {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    log = tmp_path / "engine.log"
    with running("run", file, "--data", tmp_path / "data", "--port", port, log=log) as engine:
        wait_for(engine, f"http://{own}", log)
        assert refused(port, "GET", "/api/snapshot", Host=own) == 200
        assert refused(port, "GET", "/", Host="mine.example") == 403
        assert refused(port, "POST", "/api/commands", Host=own, Origin=foreign) == 403
        assert refused(port, "GET", "/api/stream", Host=own, Origin=foreign, **upgrade) == 403
        assert refused(port, "GET", "/api/stream", Host=own, Origin=f"http://{own}", **upgrade) == 101

        second = hazwatch("run", file, "--data", tmp_path / "other", "--port", port)
        assert second.returncode == UNAVAILABLE
        said = re.search(rf"port {port} is taken; (\d+) is free", second.stderr)
        assert said is not None, second.stderr
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", int(said[1])))
