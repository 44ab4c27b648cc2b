"""The walk-throughs of the page for developers work: followed in a copy, they give a feature and a health kind."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import sites
from tests.docs.pages import ROOT, code_blocks, page

PACKAGES = ("plant", "ingest", "rules", "alarms", "adapters", "simulators", "console", "hazwatch")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "web", "static")
FEW = 4
"""Files of the product that a feature or a health kind may touch."""
CODE = [
    block.removeprefix("```python\n").removesuffix("\n```")
    for block in code_blocks(page("developing.md", "en"))
    if block.startswith("```python")
]
ROW_OF_FEATURE, COMPUTE, KEY, ROW_OF_KIND, VERDICT, CALL = CODE
(CHINESE,) = [
    block.removeprefix("```text\n").removesuffix("\n```")
    for block in code_blocks(page("developing.md", "en"))
    if block.startswith('```text\n"')
]
SITE = sites.text(
    sites.mine(),
    sites.gas(),
    sites.point("T1", range=[-1.0, 4.0], resolution=0.01, zero_drift=0.05),
    sites.limit("T1.median", "T1", feature="median", window="5s", high=1.0, level="blue"),
)
CASES = """
[[case]]
name = "a median ignores one spike and follows three"
series.T1 = "0.5x5 1.5x1 0.5x5 1.5x3 0.5x5"
conditions = ["T1.median"]
expect = [
  { at = "13s", condition = "T1.median", transition = "raise", value = 1.5 },
  { at = "16s", condition = "T1.median", transition = "clear" },
]

[[case]]
name = "a reading below zero is a drift of the zero point"
series.T1 = "0.1x5 -0.10x5 0.0x5"
conditions = ["zero_drift:T1"]
expect = [
  { at = "5s", condition = "zero_drift:T1", transition = "raise", value = 0.1 },
  { at = "10s", condition = "zero_drift:T1", transition = "clear" },
]
"""

Edit = Callable[[str], str]


def between(text: str, begin: str, end: str = "") -> str:
    """Return a part of a code block: from the first text to the last one, or to the end."""
    after = begin + text.split(begin, 1)[1]
    return after.split(end, 1)[0] if end else after


def before(anchor: str, code: str) -> Edit:
    """Put code before the first occurrence of an anchor."""
    return lambda text: text.replace(anchor, code + anchor, 1)


def instead(pattern: str, code: str) -> Edit:
    """Put code in the place of what a pattern matches."""
    return lambda text: re.sub(pattern, lambda _: code, text, count=1, flags=re.MULTILINE | re.DOTALL)


FEATURE: dict[str, list[Edit]] = {
    "rules/spec/features.py": [
        instead(r"^FeatureName = .*?^\]\n", between(ROW_OF_FEATURE, "FeatureName", "VALUE")),
        instead(r"^VALUE, COUNT[^\n]*", between(ROW_OF_FEATURE, "VALUE, COUNT", "\n")),
        before('    "mean": Feature(', between(ROW_OF_FEATURE, '    "median": Feature(') + "\n"),
    ],
    "rules/engine/features/feature.py": [
        before("MEAN, ", "MEDIAN, "),
        before("    return float(count) if feature == COUNT", between(COMPUTE, "    if feature ==", "\n\n\n") + "\n"),
        before("@compiled\ndef _over_span", between(COMPUTE, "@compiled") + "\n\n\n"),
    ],
}
HEALTH_KIND: dict[str, list[Edit]] = {
    "plant/point.py": [before("    discrepancy: Discrepancy | None", KEY + "\n")],
    "plant/health_kinds.py": [
        instead(r'"discrepancy"\]', '"discrepancy", "zero_drift"]'),
        instead(r"^STALE, FAULT[^\n]*", between(ROW_OF_KIND, "STALE, FAULT", "\n")),
        instead(r"^\}\n(?!.*^\}\n)", between(ROW_OF_KIND, '    "zero_drift": Health(') + "\n}\n"),
    ],
    "rules/engine/health.py": [
        before("@compiled\ndef _difference(", VERDICT + "\n\n\n"),
        instead(r"STEP$", "STEP, ZERO_DRIFT"),
        before("    return NO_EVIDENCE\n\n\n@compiled\ndef step_verdict", CALL + "\n"),
    ],
    "hazwatch/words/catalogue/schema.toml": [before('"Level of its health conditions."', CHINESE + "\n")],
}


def follow(steps: dict[str, list[Edit]], product: Path) -> None:
    """Carry out the edits of a walk-through; each must change its file."""
    for name, edits in steps.items():
        for number, edit in enumerate(edits):
            text = (product / name).read_text(encoding="utf-8")
            changed = edit(text)
            assert changed != text, f"{name}: edit {number} of the walk-through finds no place"
            (product / name).write_text(changed, encoding="utf-8")


@pytest.mark.live
def test_the_walk_throughs_give_a_feature_and_a_health_kind(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=LEFT_OUT)
    follow(FEATURE, tmp_path)
    follow(HEALTH_KIND, tmp_path)
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    (tmp_path / "site.cases.toml").write_text(CASES, encoding="utf-8")
    command = [sys.executable, "-m", "hazwatch", "test", "site.toml"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, timeout=110, check=False
    )
    assert (done.returncode, "2 passed, 0 failed" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize("steps", [FEATURE, HEALTH_KIND], ids=["feature", "health kind"])
def test_a_walk_through_touches_few_files_and_names_them(steps: dict[str, list[Edit]]) -> None:
    text = page("developing.md", "en")
    assert len(steps) <= FEW
    assert [name for name in steps if f"`{name}`" not in text] == []
