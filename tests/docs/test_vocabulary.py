"""One word per thing, in Chinese as in English."""

import re
from pathlib import Path
from typing import get_args

import pytest

from rules import FEATURES
from rules.spec.features import FeatureName

ROOT = Path(__file__).parents[2]
VOCABULARY = ROOT / "docs" / "vocabulary.md"
TEXTS = [
    file
    for folder in ("docs", "hazwatch", "console/web/src", "simulators", "rules", "plant", "alarms")
    for file in sorted((ROOT / folder).rglob("*"))
    if file.suffix in (".md", ".py", ".ts", ".tsx", ".toml") and file != VOCABULARY
]
OTHERWISE = {
    "轨迹": "测点记录",
    "死区": "回差",
    "恢复值": "解除值",
    "清除": "解除",
    "延时恢复": "解除延时",
    "延时报警": "报警延时",
    "窗口": "时间窗",
    "法规限值": "规程限值",
    "规则版本": "规则集",
    "陈旧": "数据中断",
    "未巡检": "未扫描",
    "阈值": "设定值",
}
"""Words that others use, and what is said here in their place."""


def test_the_vocabulary_has_every_word_that_is_said_in_place_of_another() -> None:
    said = VOCABULARY.read_text(encoding="utf-8")
    assert [word for word in OTHERWISE.values() if word not in said] == []


@pytest.mark.parametrize("word", OTHERWISE)
def test_no_text_says_the_same_in_another_word(word: str) -> None:
    found = [str(file.relative_to(ROOT)) for file in TEXTS if word in file.read_text(encoding="utf-8")]
    assert found == [], f"{word}: say {OTHERWISE[word]}"


def test_every_feature_has_the_name_of_the_vocabulary() -> None:
    assert tuple(FEATURES) == get_args(FeatureName)
    table = VOCABULARY.read_text(encoding="utf-8")
    assert dict(re.findall(r"\| `(\w+)` \| (\S+) (?=\|)", table)) == {
        name: row.chinese for name, row in FEATURES.items()
    }
