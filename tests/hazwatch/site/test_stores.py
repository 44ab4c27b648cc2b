"""Wrong [[store]] tables are named with what to write instead, all in one report."""

from pathlib import Path

import pytest

from hazwatch.site.config import ConfigError, load
from tests import sites

KEPT = {"kind": "influxdb", "url": "http://127.0.0.1:8086", "org": "mine", "bucket": "field"}


def problems(folder: Path, *stores: dict[str, str]) -> list[str]:
    path = folder / "site.toml"
    path.write_text(sites.text(sites.HEAD, *(sites.table("store", **store) for store in stores)), encoding="utf-8")
    try:
        load(path)
    except ConfigError as error:
        return [str(mistake) for mistake in error.mistakes]
    return []


def test_stores_with_ids_of_their_own_are_read(tmp_path: Path) -> None:
    assert problems(tmp_path, KEPT, KEPT | {"id": "second"}) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"url": "ftp://x"}, "expected an address"), ({"url": "http://me:secret@x"}, "without a name"),
        ({"url": "http://x?token=1"}, "without a name"), ({"org": ""}, "not empty"), ({"bucket": ""}, "not empty"),
        ({"token_file": "influx.token"}, "absolute path"), ({"kind": "kafka"}, "influxdb"),
        ({"naming": "grafana"}, "telegraf"), ({"token": "x"}, "unknown key"),
    ],
)  # fmt: skip
def test_each_mistake_says_what_to_write(tmp_path: Path, change: dict[str, str], problem: str) -> None:
    (named,) = problems(tmp_path, KEPT | change)
    assert problem in named


@pytest.mark.parametrize("others", [({}, {}), ({}, {"id": "influxdb"}), ({"id": "influxdb"}, {})])
def test_two_stores_never_share_a_position(tmp_path: Path, others: tuple[dict[str, str], ...]) -> None:
    (named,) = problems(tmp_path, *(KEPT | other for other in others))
    assert "an id of its own" in named or "duplicate id" in named
