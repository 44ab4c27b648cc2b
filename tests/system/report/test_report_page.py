"""The report of a back-test of the longwall in a browser: its axes, versions and pairs are those computed here."""

import csv
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, sync_playwright

from hazwatch.site.config import load
from hazwatch.site.presentation import Presentation
from tests import sites
from tests.longwall import RECORDING
from tests.system.processes import hazwatch

pytestmark = [pytest.mark.live, pytest.mark.slow]

LIMIT = {"high": 0.5, "clear": 0.45, "level": "orange"}
STRICTER = LIMIT | {"high": 0.55, "clear": 0.5}
Episodes = list[tuple[datetime, datetime]]


def text_of(limit: dict[str, object]) -> str:
    point = sites.point("MM31", unit="%", resolution=0.01, stale_after="30m")
    return sites.text(
        sites.mine(timezone="Europe/Warsaw"), sites.gas(), point, sites.limit("MM31.alarm", "MM31", **limit)
    )


def rows() -> list[tuple[datetime, float]]:
    with RECORDING.open(encoding="utf-8", newline="") as file:
        return [
            (datetime.fromisoformat(row["time"]), float(row["MM31"])) for row in csv.DictReader(file) if row["MM31"]
        ]


def episodes(samples: list[tuple[datetime, float]], setpoint: float, clear: float) -> Episodes:
    """Return begin and end of each alarm, by a five-line definition of a limit without delays."""
    result, begin = [], None
    for time, value in samples:
        if begin is None and value >= setpoint - 0.005:
            begin = time
        elif begin is not None and value < clear - 0.005:
            result.append((begin, time))
            begin = None
    return result if begin is None else [*result, (begin, samples[-1][0])]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not RECORDING.is_file():
        pytest.skip(f"the recording is not beside the project: {RECORDING}")
    folder = tmp_path_factory.mktemp("report")
    (folder / "site.toml").write_text(text_of(LIMIT), encoding="utf-8")
    (folder / "new.toml").write_text(text_of(STRICTER), encoding="utf-8")
    trace = folder / "longwall.csv"
    with RECORDING.open(encoding="utf-8", newline="") as file:
        trace.write_text("time,MM31\n" + "".join(f"{row['time']},{row['MM31']}\n" for row in csv.DictReader(file)))
    arguments = (folder / "site.toml", "--candidate", folder / "new.toml", "--trace", trace)
    made = hazwatch("backtest", *arguments, "--html", folder / "report.html")
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def page(folder: Path, chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page()
        page.goto((folder / "report.html").as_uri())
        page.locator("label[for=en]").click()
        yield page
        browser.close()


def test_a_label_of_an_axis_stands_where_its_value_is_drawn(page: Page) -> None:
    marks = page.locator(".curve > .y")
    labels = {float(mark.inner_text()): mark.bounding_box() for mark in marks.all()}
    plot = page.locator(".curve svg").bounding_box()
    assert plot is not None
    low, high = min(labels), max(labels)
    values = [value for _, value in rows()]
    assert low <= min(values)
    assert high >= max(values)
    for value, box in labels.items():
        assert box is not None
        middle = box["y"] + box["height"] / 2
        expected = plot["y"] + (high - value) / (high - low) * plot["height"]
        assert middle == pytest.approx(expected, abs=1.5), value
    names = {name.inner_text(): name.bounding_box() for name in page.locator(".curve > .name").all()}
    (box,) = (box for name, box in names.items() if name == "alarm 0.55")
    assert box is not None
    expected = plot["y"] + (high - 0.55) / (high - low) * plot["height"]
    assert box["y"] + box["height"] / 2 == pytest.approx(expected, abs=1.5)


def test_a_label_of_the_time_axis_stands_at_its_time(page: Page) -> None:
    samples = rows()
    begin, end = samples[0][0], samples[-1][0]
    plot = page.locator(".curve svg").bounding_box()
    assert plot is not None
    labels = page.locator(".times span").all()
    assert len(labels) >= 3
    day = "03-02"
    for label in labels:
        box, text = label.bounding_box(), label.inner_text()
        assert box is not None
        # A label is the day at its midnight, or a time of the day; Warsaw is an hour ahead of UTC.
        day = text if "-" in text else day
        time = datetime.fromisoformat(f"2014-{day}T{'00:00' if '-' in text else text}:00+01:00")
        expected = plot["x"] + (time - begin) / (end - begin) * plot["width"]
        assert box["x"] + box["width"] / 2 == pytest.approx(expected, abs=2), text


def test_both_versions_of_both_files_are_named(page: Page, folder: Path) -> None:
    text = page.locator("aside").inner_text()
    for name in ("site.toml", "new.toml"):
        config = load(folder / name)
        assert name in text
        assert config.rules.version in text
        assert Presentation.of(config).version in text


def test_the_alarms_of_both_rule_sets_are_those_computed_by_hand(page: Page) -> None:
    samples = rows()
    current, candidate = episodes(samples, 0.5, 0.45), episodes(samples, 0.55, 0.5)
    assert (len(current), len(candidate)) == (67, 66)
    # Each lane draws one bar an episode.
    lanes = [path.get_attribute("d") or "" for path in page.locator(".lane path").all()]
    assert [lane.count("M") for lane in lanes] == [len(current), len(candidate)]
    begin, end = samples[0][0], samples[-1][0]
    for lane, alarms in zip(lanes, (current, candidate), strict=True):
        starts = [float(x) for x in re.findall(r"M([\d.]+) ", lane)]
        expected = [(start - begin) / (end - begin) * 2000 for start, _ in alarms]
        assert starts == pytest.approx(expected, abs=0.2)


def test_the_pairs_are_the_alarms_that_overlap(page: Page) -> None:
    samples = rows()
    alarms = [(begin, end, 0) for begin, end in episodes(samples, 0.5, 0.45)]
    alarms += [(begin, end, 1) for begin, end in episodes(samples, 0.55, 0.5)]
    groups: list[list[tuple[datetime, datetime, int]]] = []
    for alarm in sorted(alarms):
        if groups and alarm[0] <= max(end for _, end, _ in groups[-1]):
            groups[-1].append(alarm)
        else:
            groups.append([alarm])
    expected = {}
    for group in groups:
        start = group[0][0].astimezone(ZoneInfo("Europe/Warsaw"))
        counts = [sum(side == wanted for *_, side in group) for wanted in (0, 1)]
        expected[f"{start:%m-%d %H:%M:%S}"] = [str(count or "—") for count in counts]
    table = page.locator("section#c0 .wide tbody tr")
    shown = [[cell.inner_text() for cell in row.locator("td").all()] for row in table.all()]
    assert len(shown) == 12, "as many as the page shows"
    for text, current, _, candidate, *_ in shown:
        assert [current, candidate] == expected[text], text
