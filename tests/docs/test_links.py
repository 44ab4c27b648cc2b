"""Every link from one page to another leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import LANGUAGES, ROOT, anchors, names

FOLDERS = ("docs", "adapters", "plant", "rules", "alarms", "simulators", "console", "bench", "deploy", "examples")
PAGES = [
    page
    for page in (*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in sorted((ROOT / folder).rglob("*.md"))))
    if "node_modules" not in page.parts
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), f"{link}: leads out of the project"
        assert target.exists(), f"{link}: no such file"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{link}: no such heading"


def test_the_readme_leads_to_every_page_in_both_languages() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [f"(docs/{language}/{name})" for name in names() for language in LANGUAGES]
    assert [link for link in pages if link not in readme] == []


def test_pages_mention_files_that_are_there() -> None:
    for page in PAGES:
        for name in re.findall(
            r"`((?:docs|plant|rules|adapters|hazwatch|simulators|console|bench|tests)/[\w./-]+)`", page.read_text()
        ):
            assert (ROOT / name).exists(), f"{page.relative_to(ROOT)}: {name}"
