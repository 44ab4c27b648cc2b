"""Back-tests of random records, and suggestions for them: the numbers of the reports that the command line writes."""

import json
import random
import re
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, Final

from hazwatch.cli.main import main
from tests.logs.random_logs import BEGIN, Case, S, random_case
from tests.logs.steady_logs import steady_case
from tests.unchanged.site_files import Tables, tables_of, write_samples, write_site

REPORTS: Final = [f"random {seed}" for seed in range(40)] + [f"calm {seed}" for seed in range(20)]
NAME: Final = re.compile(r"[\w.:+/-]*", re.ASCII)
"""Matches ids and codes. Any other text is prose, which may change."""


def backtest_of(name: str, folder: Path) -> list[str]:
    """Return the report of a back-test that compares the rules of a site with a candidate, without prose."""
    case = _case(name)
    site, trace = _files(case, folder)
    candidate = write_site(case, candidate_tables(case), folder / "candidate.toml")
    incidents = folder / "incidents.csv"
    rows = [f"h,{BEGIN + second * S},{BEGIN + (second + 15) * S},x" for second in (10, 40)]
    incidents.write_text("\n".join(["hazard_source,start,end,what", *rows]), encoding="utf-8")
    words = ["backtest", site, "--candidate", candidate, "--trace", trace, "--incidents", incidents, "--gate"]
    return _report(words, folder)


def suggestions_of(name: str, folder: Path) -> list[str]:
    """Return the suggestions for the first point of a site, without prose."""
    site, trace = _files(_case(name), folder)
    return _report(["suggest", site, "--point", "P0", "--trace", trace], folder)


def candidate_tables(case: Case) -> Tables:
    """Return the tables of a site file with other limits."""
    chance, tables = random.Random(case.seed), tables_of(case)
    used = {member for vote in case.votes for member in vote.of} | {interlock.cut for interlock in case.interlocks}
    tables["limit"] = [limit for limit in tables["limit"] if limit["id"] in used or chance.random() < 0.8]
    grid = {point["id"]: point.get("resolution", 0.01) for point in tables["point"]}
    for limit in tables["limit"]:
        if chance.random() < 0.5:
            limit["on_delay"] = chance.choice(("0s", "1s", "4s"))
        if chance.random() < 0.3:
            limit["level"] = chance.choice(("red", "yellow"))
        if chance.random() < 0.3 and "clear" not in limit:
            # one step of the resolution: any other number would be refused
            side = "high" if "high" in limit else "low"
            limit[side] = round(limit[side] + chance.choice((-1, 1)) * grid[limit["point"]], 9)
    return tables


def _case(name: str) -> Case:
    kind, seed = name.split()
    return random_case(int(seed), seconds=120) if kind == "random" else steady_case(int(seed), seconds=3600)


def _files(case: Case, folder: Path) -> tuple[Path, Path]:
    return write_site(case, tables_of(case), folder / "site.toml"), write_samples(case.rows(), folder / "trace.csv")


def _report(words: list[object], folder: Path) -> list[str]:
    path = folder / "report.json"
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as messages:
        code = main([*map(str, words), "--json", str(path)])
    if not path.exists():
        raise ValueError(f"no report: exit code {code}, {messages.getvalue()}")
    content = json.loads(path.read_bytes())
    # These keys are younger than the hashes. A trace has no damages, and the points of random sites have no quantity.
    assert content.pop("damages", []) == []
    # So is the warning of calculated points without a delay of `fault`.
    if "warnings" in content:
        content["warnings"] = [warning for warning in content["warnings"] if "calculated from" not in warning]
    if content.get("gate"):
        assert len(content["gate"].pop("versions")) == 2
        assert [check.pop("unexplained") for check in content["gate"]["checks"] if check["name"] == "looser"] == [[]]
        checks = content["gate"]["checks"]
        assert all(check["found"] == 0 for check in checks if check["name"] == "presentation")
        content["gate"]["checks"] = [check for check in checks if check["name"] != "presentation"]
    document = {"exit code": code} | _without_prose(content)
    path.unlink()
    return [json.dumps(document, sort_keys=True)]


def _without_prose(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: _without_prose(value) for key, value in document.items()}
    if isinstance(document, list):
        return [_without_prose(value) for value in document]
    return "" if isinstance(document, str) and not NAME.fullmatch(document) else document
