"""The live page in a browser: what a dispatcher sees, does, and must not be able to do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from alarms import Analyse, Rectify
from plant import Text, parse_instant
from tests.conftest import require
from tests.console.conftest import Console
from tests.console.fake_desk import MINUTE, play

SIZES: Final = ((1920, 1080), (1280, 800), (500, 900))
NEVER_CUT: Final = "button, h1, h2, h3, .head span, .st, .steps li, .due, .health li, .counts li, .facts dt, dt, label"

CUT: Final = """selector => [...document.querySelectorAll(selector)]
  .filter(e => e.checkVisibility() && !e.classList.contains("tile"))
  .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
  .map(e => e.className + ": " + e.textContent)"""

OVERLAPS: Final = """() => [...document.querySelectorAll(".row.alarm, .ticket, .row.head")].flatMap(row => {
  const cells = [...row.children].filter(e => e.textContent.trim() !== "" && e.checkVisibility());
  const boxes = cells.map(e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    const box = range.getBoundingClientRect(), own = e.getBoundingClientRect();
    const hidden = getComputedStyle(e.firstElementChild ?? e).overflow === "hidden";
    return hidden ? own : box;
  });
  return boxes.flatMap((a, i) => boxes.slice(i + 1)
    .filter(b => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(() => row.textContent));
})"""

CONTRAST: Final = """() => {
  const channels = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(e).backgroundColor);
      if (a === 1 && r !== undefined) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim() !== "");
    if (!text || !e.checkVisibility() || e.closest("svg, .spoken, :disabled")) continue;
    let opacity = 1;
    for (let p = e; p; p = p.parentElement) opacity *= Number(getComputedStyle(p).opacity);
    const back = ground(e), own = channels(getComputedStyle(e).color).slice(0, 3);
    const ink = own.map((c, i) => c * opacity + back[i] * (1 - opacity));
    const [a, b] = [luminance(ink), luminance(back)].sort((x, y) => y - x);
    found.push({ ratio: (a + 0.05) / (b + 0.05), what: e.className + ": " + e.textContent });
  }
  return found;
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests of this file."""
    program = require("chromium", "apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=program)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def console() -> AsyncIterator[Console]:
    """A console over a mine in a shift with seven alarms."""
    served = Console()
    play(served.desk, "shift")
    await served.start()
    yield served
    await served.stop()


Open = Callable[..., Any]


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser: Browser, console: Console) -> AsyncIterator[Open]:
    """Opens pages; whatever a page complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    async def open_page(
        *, size: tuple[int, int] = (1920, 1080), theme: str = "dark", language: str = "zh", person: str = "王建国"
    ) -> Page:
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="light" if theme == "light" else "dark"
        )
        contexts.append(context)
        page = await context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        chosen = {"language": language, "person": person}
        for key, value in chosen.items():
            if value:
                await page.add_init_script(f"localStorage.setItem('hazwatch.{key}', '{value}')")
        await page.goto(console.url)
        await page.locator(".alarm").first.wait_for()
        return page

    yield open_page
    for context in contexts:
        await context.close()
    away = ("ERR_CONNECTION_REFUSED", "WebSocket connection to", "409 (Conflict)", "ERR_CONNECTION_RESET")
    assert [text for text in complaints if not any(known in text for known in away)] == []


pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


async def order(page: Page) -> list[str]:
    """Return the rows from top to bottom."""
    sort = "sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)"
    found = await page.evaluate(f"() => [...document.querySelectorAll('.alarm')].{sort}.map(e => e.dataset.alarm)")
    return [str(name) for name in found]


async def test_order_is_urgency(opened: Open) -> None:
    page = await opened()
    expected = ["T2.cut", "W1.high", "T1.rise", "D1.alarm", "CO-2208.alarm", "T1.alarm", "P87.warn"]
    assert await order(page) == expected


async def test_an_alarm_that_comes_while_the_page_is_open_appears_and_is_spoken(opened: Open, console: Console) -> None:
    page = await opened()
    console.desk.raise_alarm("T9.alarm", 0.8)
    row = page.locator("[data-alarm='T9.alarm']")
    await expect(row).to_contain_text("0.80 ≥ 0.75")
    await expect(row).to_contain_text("未确认")
    await expect(page.locator("[aria-live=polite]")).to_contain_text("甲烷超限")
    await expect(page.locator("[data-source='gas-return'] .sym")).to_have_class("sym yellow")


async def test_acknowledging_reaches_the_desk_and_comes_back_as_a_state(opened: Open, console: Console) -> None:
    page = await opened()
    row = page.locator("[data-alarm='T2.cut']")
    await row.get_by_role("button").click()
    await expect(row.locator(".st")).to_have_text("已确认")
    assert console.desk.alarms["T2.cut"]["acked_by"] == "王建国"
    await expect(page.locator(".ep")).to_contain_text("王建国 确认")
    await expect(page.locator(".act .primary")).to_be_disabled()


async def test_a_command_that_is_refused_as_one_too_many_is_tried_again(browser: Browser, console: Console) -> None:
    context = await browser.new_context(base_url=console.url)
    page = await context.new_page()
    keys: list[str] = []

    async def refuse_two(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        await (route.fulfill(status=429, body="too many\n") if len(keys) < 3 else route.continue_())

    await page.route("**/api/commands", refuse_two)
    await page.add_init_script("localStorage.setItem('hazwatch.person', '王建国')")
    await page.goto(console.url)
    row = page.locator("[data-alarm='T2.cut']")
    await row.get_by_role("button").click()
    await expect(row.locator(".st")).to_have_text("已确认")
    assert (len(keys), len(set(keys))) == (3, 1)
    await context.close()


async def test_a_page_that_is_shown_gives_way_to_no_other(
    opened: Open, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await opened()
    await page.locator("[data-alarm='T2.cut']").get_by_role("button").click()
    await expect(page.locator("[data-alarm='T2.cut'] .st")).to_have_text("已确认")
    monkeypatch.setattr("console.hub.STREAMS", 1)
    assert not console.hub.make_room("127.0.0.1")


async def test_the_keyboard_alone_is_enough(opened: Open, console: Console) -> None:
    page = await opened()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("a")
    await expect(page.locator("[data-alarm='W1.high'] .st")).to_have_text("已确认")
    await page.keyboard.press("2")
    await expect(page.locator(".alarm")).to_have_count(3)
    await page.keyboard.press("2")
    await page.keyboard.press("/")
    await page.keyboard.type("水仓")
    await expect(page.locator(".alarm")).to_have_count(1)
    await expect(page.locator(".filtered")).to_contain_text("筛选隐藏 6 条")
    await page.keyboard.press("Escape")
    await expect(page.locator(".alarm")).to_have_count(7)
    await page.keyboard.press("?")
    await expect(page.locator("dialog")).to_contain_text("确认选中的报警")
    assert [command.command for command in console.desk.commands] == ["acknowledge"]


async def test_who_acknowledges_is_asked_once(opened: Open, console: Console) -> None:
    page = await opened(person="")
    await page.locator("[data-alarm='T2.cut'] button").click()
    await page.locator("dialog input").fill("李志强")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-alarm='T2.cut'] .st")).to_have_text("已确认")
    await page.locator("[data-alarm='W1.high'] button").click()
    await expect(page.locator("[data-alarm='W1.high'] .st")).to_have_text("已确认")
    assert [command.by for command in console.desk.commands] == ["李志强", "李志强"]
    await expect(page.locator("nav")).to_contain_text("李志强")


async def test_a_refusal_is_said_in_the_readers_words(opened: Open, console: Console) -> None:
    page = await opened()
    console.desk.alarms["T2.cut"]["episode"] = "another"
    await page.locator("[data-alarm='T2.cut'] button").click()
    await expect(page.locator(".failure")).to_contain_text("这次报警已经结束")
    assert console.desk.commands == []


async def test_no_row_moves_under_the_pointer(opened: Open, console: Console) -> None:
    page = await opened()
    before = await order(page)
    await page.locator("[data-alarm='W1.high']").hover()
    console.desk.raise_alarm("T9.alarm", 0.8)
    console.desk.raise_alarm("T2.alarm", 1.6)
    console.desk.return_alarm("T1.alarm", 0.6)
    await expect(page.locator(".arrived")).to_contain_text("2 条新报警")
    await expect(page.locator("[data-alarm='T1.alarm'] .st")).to_have_text("已恢复")
    assert await order(page) == before
    await page.mouse.move(5, 5)
    await expect(page.locator(".arrived")).to_have_count(0)
    after = await order(page)
    assert "T9.alarm" in after
    assert after.index("T2.alarm") < after.index("T1.rise")
    assert "T1.alarm" not in after


async def test_no_row_moves_under_the_keyboard_until_it_lets_go(opened: Open, console: Console) -> None:
    page = await opened()
    await page.keyboard.press("ArrowDown")
    console.desk.raise_alarm("T2.alarm", 1.6)
    await expect(page.locator(".arrived")).to_contain_text("1 条新报警")
    await page.keyboard.press("Escape")
    await expect(page.locator(".alarm")).to_have_count(8)
    await expect(page.locator("[aria-selected=true]")).to_have_attribute("data-alarm", "W1.high")


async def test_an_alarm_that_is_over_leaves_its_point_in_focus_and_no_other_alarm_to_the_keys(
    opened: Open, console: Console
) -> None:
    page = await opened()
    await page.locator("[data-alarm='T1.alarm']").click()
    await page.mouse.move(5, 5)
    console.desk.return_alarm("T1.alarm", 0.6)
    await expect(page.locator("[data-alarm='T1.alarm']")).to_have_count(0)
    await expect(page.locator("aside select")).to_have_value("T1")
    await expect(page.locator("aside .big")).to_contain_text("0.6")
    await page.keyboard.press("a")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[aria-selected=true]")).to_have_attribute("data-alarm", "T2.cut")
    assert console.desk.commands == []


async def test_what_moves_in_its_list_is_drawn_in_its_new_state(opened: Open, console: Console) -> None:
    page = await opened()
    striped = "e => getComputedStyle(e.querySelector('.c-sign'), '::before').content !== 'none'"
    for name in ("W1.high", "T1.rise", "T2.cut"):
        row = page.locator(f"[data-alarm='{name}']")
        assert await row.evaluate(striped)
        console.desk.return_alarm(name, 0.5)
        await expect(row.locator(".st")).to_have_text("已恢复 · 未确认")
        assert not await row.evaluate(striped), name
    tile = page.locator("[data-source='gas-return']")
    console.desk.raise_alarm("T9.alarm", 0.8)
    await expect(tile.locator(".sym")).to_have_class("sym yellow")
    colours = "e => [getComputedStyle(e).borderLeftColor, getComputedStyle(e.querySelector('.sym')).color]"
    stripe, symbol = await tile.evaluate(colours)
    assert stripe == symbol


async def test_numbers_of_a_slope_are_those_of_its_raise_in_the_resolution_of_its_point(
    opened: Open, console: Console
) -> None:
    page = await opened()
    await expect(page.locator("[data-alarm='T1.rise'] .c-value")).to_contain_text("报警时")
    shown = await page.locator("[data-alarm='T1.rise'] .compared").inner_text()
    decimals = [len(number.partition(".")[2]) for number in shown.split() if number[0].isdigit()]
    assert decimals == [2, 2], shown


async def test_a_value_that_waits_for_its_clear_value_says_so(opened: Open, console: Console) -> None:
    page = await opened()
    value = page.locator("[data-alarm='W1.high'] .c-value")
    await expect(value).to_contain_text("≥ 3.20")
    console.desk.read("W1", 3.1)
    await expect(value).to_have_text("3.10 m解除 < 3.00")
    console.desk.read("W1", 2.99)
    await expect(value).to_have_text("2.99 < 3.20 m")
    console.desk.read("W1", 3.0)
    await expect(value).to_have_text("3.00 m解除 < 3.00")
    console.desk.read("W1", 3.2)
    await expect(value).to_have_text("3.20 ≥ 3.20 m")


async def test_chinese_that_has_no_english_is_marked_as_chinese(
    opened: Open, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = console.desk.site()
    limit = next(limit for limit in site["limits"] if limit["id"] == "W1.high")
    limit["basis"] = Text("本矿规定", "本矿规定")
    monkeypatch.setattr(console.desk, "site", lambda: site)
    page = await opened(language="en")
    await page.locator("[data-alarm='W1.high']").click()
    await expect(page.locator(".why [lang='zh-CN']")).to_have_text("本矿规定。")
    await expect(page.locator("[data-alarm='W1.high'] b")).not_to_have_attribute("lang", "zh-CN")


async def test_a_lost_engine_is_said_over_everything_and_nothing_old_can_be_decided(
    opened: Open, console: Console
) -> None:
    page = await opened()
    await console.stop()
    banner = page.locator(".banner")
    await expect(banner).to_contain_text("画面停在 18:09:32，不是当前数据", timeout=6000)
    assert await banner.get_attribute("role") == "alert"
    assert await page.locator(".alarm button:enabled, .act .primary:enabled").count() == 0
    await page.keyboard.press("a")
    console.begin()  # another engine, with another story
    console.desk.clock += 60 * MINUTE
    console.desk.raise_alarm("D1.alarm", 4.4)
    await console.start()
    await expect(banner).to_have_count(0, timeout=8000)
    await expect(page.locator(".alarm")).to_have_count(1)
    await expect(page.locator(".live")).to_contain_text("19:09:32")
    await page.locator("[data-alarm='D1.alarm'] button").click()
    await expect(page.locator("[data-alarm='D1.alarm'] .st")).to_have_text("已确认")
    assert len(console.desk.commands) == 1


async def test_every_source_says_whether_it_is_there_and_what_its_clock_says(opened: Open) -> None:
    page = await opened(language="en")
    sources = page.locator("#sources")
    await expect(sources).to_have_attribute("title", "kj-ua: connected, clock exact\npump-mb: connected")


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
async def test_what_the_sources_brought_and_lack_is_one_click_away(opened: Open, size: tuple[int, int]) -> None:
    page = await opened(size=size)
    await page.locator("#sources").click()
    row = page.locator("tr[data-source='kj-ua']")
    await expect(row).to_contain_text("≥ 889\u2009920")
    await expect(row.locator("td").nth(7)).to_have_text("2\u20098840.3 %")
    await expect(page.locator("dialog .says").nth(1)).to_contain_text("巡检落后：60 个测点中有 12 个超过 20 s 没有读到")
    await expect(page.locator(".gaps-of tbody tr").first).to_contain_text("设备的历史")
    await row.locator("button").click()
    await expect(page.locator(".points-of tbody th")).to_have_count(3)
    for part in await page.locator("dialog .scroll").all():
        assert await part.evaluate("e => e.scrollWidth <= e.clientWidth")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)


async def test_a_missed_number_is_noticed_and_asked_for(opened: Open, console: Console) -> None:
    page = await opened()
    console.hub.number += 5  # five deltas that never came
    console.desk.raise_alarm("T9.alarm", 0.8)
    await expect(page.locator("[data-alarm='T9.alarm']")).to_have_count(1)
    await expect(page.locator(".banner")).to_have_count(0)


async def test_a_value_in_doubt_is_never_shown_as_a_number(opened: Open, console: Console) -> None:
    page = await opened()
    console.desk.lose("T2", ago=MINUTE)
    for place in ("[data-alarm='T2.cut'] .c-value", "[data-source='gas-3101'] .v", "aside .big"):
        await expect(page.locator(place)).to_contain_text("未知")
        assert "1.6" not in await page.locator(place).inner_text()
    await expect(page.locator(".facts")).to_contain_text("18:08:32 起不可信")


async def test_a_warning_that_stands_is_forecast_with_what_is_behind_it(opened: Open, console: Console) -> None:
    console.desk.raise_alarm("W1.soon", 3.71)
    page = await opened()
    await expect(page.locator(".forecast")).to_have_count(0)
    await page.locator("[data-alarm='W1.soon']").click()
    await expect(page.locator(".forecast")).to_contain_text("6–9 min 后")
    await expect(page.locator(".forecast")).to_contain_text("58 个样本")
    console.desk.lose("W1")
    await expect(page.locator(".forecast")).to_have_count(0)


async def test_that_there_is_no_forecast_is_said_and_nothing_is_once_the_warning_is_over(
    opened: Open, console: Console
) -> None:
    console.desk.raise_alarm("W1.soon", 3.71)
    console.desk.foresee("W1.soon", reason="flat")
    page = await opened(language="en")
    await page.locator("[data-alarm='W1.soon']").click()
    await expect(page.locator(".forecast")).to_contain_text("No forecast: the rise is not significant.")
    console.desk.return_alarm("W1.soon", 3.4)
    await expect(page.locator(".forecast")).to_have_count(0)


async def test_the_trend_is_read_for_the_chosen_range_and_zooms(opened: Open) -> None:
    page = await opened()
    await expect(page.locator(".chart")).to_have_attribute("aria-label", "T2 回风流甲烷 2 h趋势")
    async with page.expect_request(lambda asked: "/api/trend" in asked.url and "point=T2" in asked.url) as asked:
        await page.get_by_role("button", name="8 h", exact=True).click()
    query = (await asked.value).url
    start, end = (int(query.split(f"{name}=")[1].split("&")[0]) for name in ("start", "end"))
    assert end - start == 480 * MINUTE
    box = await page.locator(".u-over").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 100, box["y"] + 50)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 200, box["y"] + 50, steps=4)
    await page.mouse.up()
    await expect(page.locator(".chart")).to_have_attribute("aria-label", "T2 回风流甲烷 放大趋势")
    await expect(page.locator(".readout")).to_contain_text("%")
    await page.locator(".u-over").dblclick()
    await expect(page.locator(".chart")).to_have_attribute("aria-label", "T2 回风流甲烷 8 h趋势")


async def test_a_ticket_goes_through_its_steps_in_the_dialog(opened: Open, console: Console) -> None:
    page = await opened()
    await page.keyboard.press("t")
    dialog = page.locator("dialog")
    await expect(dialog).to_contain_text("YH-2026-1183")
    due = (("治理期限（日期）", "2026-03-05"), ("治理期限（班次结束时刻）", "08:00"))
    for label, text in (("责任人", "通风队"), ("治理措施", "加强通风"), *due):
        await dialog.get_by_label(label).fill(text)
    await dialog.get_by_role("button", name="开始治理").click()
    await expect(dialog).to_contain_text("治理中")
    await expect(page.locator("[data-ticket='YH-2026-1183'] .due")).to_have_text("剩余 13 h 50 min")
    await dialog.get_by_role("button", name="提交验收").click()
    await dialog.get_by_role("button", name="验收销号").click()
    await expect(dialog).to_contain_text("已销号")
    assert "YH-2026-1183" not in console.desk.tickets
    due_of = [command.due for command in console.desk.commands if isinstance(command, Rectify)]
    assert due_of == [parse_instant("2026-03-05T08:00:00+08:00")]


async def test_rules_and_presentation_in_force_are_shown_with_who_stands_for_it(opened: Open, console: Console) -> None:
    page = await opened()
    button = page.locator("#rules")
    await expect(button).to_have_text("规则")
    await expect(button).to_have_attribute("title", "规则集 0123456789ab")
    await button.click()
    told = [
        "0123456789ab",
        "2026-03-01 18:09:32",
        "张工",
        "李总",
        "2026-02-28 18:09:32",
        "回风流瓦斯稳定, 延时改为 10 s",
        "ba9876543210",
        "2026-03-02 18:09:32",
        "王工",
        "赵总",
        "2026-03-01 18:09:32",
        "改写处置措施",
    ]
    await expect(page.locator("dialog dd")).to_have_text(told)


async def test_a_rule_set_that_nobody_approved_is_shown_as_one(opened: Open, console: Console) -> None:
    desk = console.desk
    desk.rule_set = {**desk.rule_set, "author": None, "approver": None, "reason": None, "approved": None}
    page = await opened(language="en", size=(1280, 800))
    await expect(page.locator("#rules")).to_have_text("Rules ?")
    await page.locator("#rules").click()  # the first click wakes the sound: nothing may move under it
    unknown = ["0123456789ab", "2026-03-01 18:09:32", "unknown", "unknown", "—", "—"]
    await expect(page.locator("dialog dl").first.locator("dd")).to_have_text(unknown)
    await expect(page.locator("dialog")).to_contain_text("nobody approved it")


async def test_five_thousand_alarms_cost_as_much_as_twenty(opened: Open, console: Console) -> None:
    play(console.desk, "flood", 5000)
    page = await opened()
    await expect(page.locator(".rows")).to_have_attribute("aria-rowcount", "5007")
    assert await page.locator(".alarm").count() < 40
    await page.evaluate("() => document.getElementById('rows').scrollTop = 200000")
    await expect(page.locator("[aria-rowindex='3455']")).to_be_visible()
    assert await page.locator(".alarm").count() < 40


async def test_a_flood_leaves_the_page_open_and_current(opened: Open, console: Console) -> None:
    page = await opened()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    play(console.desk, "flood", 2000)
    await expect(page.locator(".rows")).to_have_attribute("aria-rowcount", "2007")
    console.desk.raise_alarm("T9.alarm", 0.8)
    await expect(page.locator(".rows")).to_have_attribute("aria-rowcount", "2008")
    await expect(page.locator(".banner")).to_have_count(0)
    assert (console.hub.clients, sockets) == (1, [])


async def test_nothing_scrolls_at_full_size_with_twelve_alarms(opened: Open, console: Console) -> None:
    for index in range(5):
        console.desk.raise_alarm("D1.alarm", 4.4, suffix=f"#{index}")
    page = await opened()
    await expect(page.locator(".alarm")).to_have_count(12)
    overflow = (
        "s => [...document.querySelectorAll(s)].filter(e => e.scrollHeight > e.clientHeight + 1).map(e => e.className)"
    )
    assert await page.evaluate(overflow, "html, body, .sources, .rows, aside") == []


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_text_has_contrast(opened: Open, theme: str) -> None:
    page = await opened(theme=theme)
    for act in (None, "t", "?"):
        if act is not None:
            await page.keyboard.press("Escape")
            await expect(page.locator("dialog")).to_have_count(0)
            await page.keyboard.press(act)
            await page.locator("dialog").wait_for()
        found = await page.evaluate(CONTRAST)
        assert len(found) > 80
        assert [one["what"] for one in found if one["ratio"] < 4.5] == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_nothing_is_cut_in_either_language(opened: Open, size: tuple[int, int], language: str) -> None:
    page = await opened(size=size, language=language)
    assert await page.evaluate(CUT, NEVER_CUT) == []
    assert await page.evaluate(OVERLAPS) == []
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    header = page.locator("header")
    assert await header.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    await page.keyboard.press("Enter")
    await page.locator("aside .primary").wait_for()
    assert await page.evaluate(CUT, NEVER_CUT) == []


async def test_languages_and_themes_change_at_once_and_are_kept(opened: Open) -> None:
    page = await opened(language="")
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("[data-alarm='T2.cut']")).to_contain_text("Methane at power-cut value")
    assert await page.locator("html").get_attribute("lang") == "en"
    await page.get_by_role("button", name="Theme").click()
    assert await page.locator("html").get_attribute("data-theme") == "light"
    await page.reload()
    await expect(page.locator("[data-alarm='T2.cut']")).to_contain_text("Methane at power-cut value")
    assert await page.locator("html").get_attribute("data-theme") == "light"


async def test_who_wants_less_motion_sees_none(browser: Browser, console: Console) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(console.url)
    await page.locator(".alarm.unacked.red").first.wait_for()
    blink = await page.evaluate(
        "() => getComputedStyle(document.querySelector('.unacked.red .c-sign'), '::before').animationName"
    )
    assert blink == "none"
    await context.close()


async def test_many_pages_watch_at_once(opened: Open, console: Console) -> None:
    pages = await asyncio.gather(*(opened() for _ in range(3)))
    console.desk.raise_alarm("T9.alarm", 0.8)
    for page in pages:
        await expect(page.locator("[data-alarm='T9.alarm']")).to_have_count(1)


async def test_what_was_found_late_is_listed_apart_and_waits_for_its_analysis(opened: Open, console: Console) -> None:
    page = await opened()
    await expect(page.locator(".found")).to_have_count(0)
    spoken, levels = await page.locator(".spoken").inner_text(), await page.locator(".counts").inner_text()
    rows = await page.locator(".row.alarm").count()
    find = console.desk.find("T2.alarm", 1.2, ago=125 * MINUTE)
    console.desk.find("W1.high", 3.4, ago=20 * MINUTE, of="93a597c44913daff")
    own = page.locator(f"[data-found='{find['id']}']")
    await expect(page.locator(".found h2")).to_contain_text("补传数据超限 2")
    await expect(own).to_contain_text("甲烷超限")
    await expect(own).to_contain_text("16:04:32 – 16:05:32")
    await expect(own).to_contain_text("发现于 18:09:32")
    await expect(own).to_contain_text("1.20 ≥ 1.00 %")
    await expect(page.locator(".find", has_text="报警实际始于 17:49:32")).to_have_count(1)
    assert await page.locator(".spoken").inner_text() == spoken
    assert await page.locator(".counts").inner_text() == levels
    assert await page.locator(".row.alarm").count() == rows
    await own.get_by_role("button", name="分析").click()
    dialog = page.locator("dialog")
    await expect(dialog).to_contain_text("没有因此改变任何报警和治理单")
    await dialog.get_by_label("分析结论").fill("放炮后瓦斯涌出")
    await dialog.get_by_role("button", name="分析").click()
    await expect(own).to_have_count(0)
    await expect(dialog).to_contain_text("已分析")
    (command,) = console.desk.commands
    assert isinstance(command, Analyse)
    assert (command.found, command.by, command.note) == (find["id"], "王建国", "放炮后瓦斯涌出")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_was_found_late_fits_beside_all_else(opened: Open, console: Console, language: str) -> None:
    for number in range(5):
        console.desk.find("T2.alarm", 1.2, ago=(125 + number) * MINUTE)
    console.desk.find("W1.high", 3.4, ago=20 * MINUTE, of="93a597c44913daff")
    for size in SIZES[:2]:
        page = await opened(language=language, size=size)
        await expect(page.locator(".find")).to_have_count(6)
        assert await page.evaluate(CUT, ".find button, .find .when, .find .c-value, .found h2") == []
        assert await page.evaluate(OVERLAPS.replace(".ticket,", ".ticket, .find,")) == []
        assert await page.locator(".row.alarm").count() >= 4
        if size == SIZES[0]:
            assert min(one["ratio"] for one in await page.evaluate(CONTRAST)) >= 4.5


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 1500, 1600, 1680, 1800, 1801, 1920])
async def test_what_an_alarm_says_has_room_at_every_width(opened: Open, language: str, width: int) -> None:
    page = await opened(language=language, size=(width, 900))
    for part, least in ((".alarm .c-what", 170), (".ticket > :nth-child(2)", 140)):
        box = await page.locator(part).first.bounding_box()
        assert box is not None
        assert box["width"] >= least, part
