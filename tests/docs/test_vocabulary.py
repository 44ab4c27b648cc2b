"""One word per thing, in Chinese as in English."""

import re
from typing import get_args

import pytest

from rules import FEATURES
from rules.spec.features import FeatureName
from tests.docs.pages import DOCS, LANGUAGES, ROOT, both, section, tables

FOLDERS = (
    "docs",
    "hazwatch",
    "console/web/src",
    "simulators",
    "rules",
    "plant",
    "alarms",
    "console/views",
    "adapters",
    "examples",
    "scripts",
)
TEXTS = [
    file
    for folder in FOLDERS
    for file in sorted((ROOT / folder).rglob("*"))
    if file.suffix in (".md", ".py", ".ts", ".tsx", ".toml") and file.name != "vocabulary.md"
]
TOP = [*sorted(ROOT.glob("*.md")), ROOT / "run", ROOT / "docs" / "site.schema.json"]
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
    "未巡检": "不巡检",
    "阈值": "设定值",
}
"""Words that others use, and the word of this project in their place."""
RENAMED = {
    "门禁": "审核条件",
    "不松于": "不低于规程要求",
    "法规": "规程",
    "未扫描": "不巡检",
    "存疑": "数据不可信",
    "上隅角": "回风隅角",
    "格雷厄姆": "格雷哈姆",
    "瓦检员": "瓦斯检查工",
    "隐患单": "治理单",
    "怎么办": "处置措施",
    "数值不变": "数据长时间不变",
    "抖动": "频繁报警",
    "泛滥": "报警洪泛",
    "互校": "对照",
    "联锁": "断电/馈电监督",
    "补传发现": "补传数据超限",
    "特征": "判据",
    "实录": "历史记录",
    "提前量": "预警提前时间",
    "监测引擎": "监控主机",
    "值班员": "调度员",
    "更宽": "放宽；与规程比为宽于规程",
    "期限（小时）": "治理期限（日期、班次）",
    "上隅": "回风隅角",
}
"""Words of earlier versions that a dispatcher or an engineer of a mine would not use."""
IN_CONTEXT = {
    r"(?<!监)测值": "监测值",
    r"(?:GOOD|UNCERTAIN|BAD)[`\"]?[:： （(]*[\"]?[好坏]": "GOOD 正常, UNCERTAIN 可疑, BAD 无效",
    r"质量[为是]?[好坏]": "质量正常, 质量无效",
    r"(?<!治理)(?<!防治)期限": "治理期限",
    r"outburst[`\"]?[:：]? *[\"]?突出": "煤与瓦斯突出",
    r"[`\"]fault[`\"] *[|:：=] *[\"]?传感器故障": "测点故障，以及断线、分站故障、通信中断、不巡检、暂停",
    r"（T\d）|\(T\d\)": "AQ 1029 的标号在单独一栏",
}
"""Words that are wrong in one meaning only, as patterns, and the word in their place."""
FEATURES_OF = {"zh": "### 判据", "en": "### Features"}


@pytest.mark.parametrize("text", both("vocabulary.md").values(), ids=LANGUAGES)
def test_the_vocabulary_has_every_word_that_replaces_another(text: str) -> None:
    assert [word for word in OTHERWISE.values() if word not in text] == []


@pytest.mark.parametrize("word", OTHERWISE)
def test_no_text_uses_another_word_for_the_same(word: str) -> None:
    users = [str(file.relative_to(ROOT)) for file in TEXTS if word in file.read_text(encoding="utf-8")]
    assert users == [], f"{word}: write {OTHERWISE[word]}"


@pytest.mark.parametrize("word", RENAMED)
def test_no_text_uses_a_word_of_earlier_versions(word: str) -> None:
    users = [str(file.relative_to(ROOT)) for file in (*TEXTS, *TOP) if word in file.read_text(encoding="utf-8")]
    assert users == [], f"{word}: write {RENAMED[word]}"


@pytest.mark.parametrize("pattern", IN_CONTEXT)
def test_no_text_uses_a_word_in_a_meaning_that_has_another(pattern: str) -> None:
    users = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in (*TEXTS, *TOP)
        for match in re.finditer(pattern, file.read_text(encoding="utf-8"))
    ]
    assert users == [], f"write {IN_CONTEXT[pattern]}"


def test_every_wrong_term_is_found_where_it_stands() -> None:
    wrong = "门禁 测值 GOOD 好 BAD：坏 质量好 期限 outburst 突出 `fault` | 传感器故障 （T2）"
    assert [pattern for pattern in IN_CONTEXT if not re.search(pattern, wrong)] == []


def test_both_languages_have_the_same_words() -> None:
    chinese, english = (tables(text) for text in both("vocabulary.md").values())
    for rows, others in zip(chinese, english, strict=True):
        words = [set(re.split("[、, ]+", row[0])) for row in rows[1:]]
        names = [set(re.split("[、, ]+", row[1])) for row in others[1:]]
        assert words == names or rows[0][0] == "词"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_feature_has_the_name_of_the_vocabulary(language: str) -> None:
    assert tuple(FEATURES) == get_args(FeatureName)
    (rows,) = tables(section((DOCS / language / "vocabulary.md").read_text(encoding="utf-8"), FEATURES_OF[language]))
    assert {row[0].strip("`"): row[1] for row in rows[1:]} == {name: row.chinese for name, row in FEATURES.items()}
