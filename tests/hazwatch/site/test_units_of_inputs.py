"""`hazwatch check` refuses a formula whose inputs are in mixed units, and takes the mend that it prints."""

import re
from pathlib import Path

import pytest

from hazwatch.cli.main import main
from tests import sites

GRAHAM = "100 * CO / where(0.265 * N2 - O2 > 0.3, 0.265 * N2 - O2, nan)"
POINTS = (
    sites.point("CO", unit="ppm"),
    sites.point("N2", unit="%"),
    sites.point("O2", unit="%"),
    sites.point("graham", expression=GRAHAM),
)


def test_a_graham_ratio_fed_with_ppm_is_an_error_of_check_with_its_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.toml"
    text = sites.text(sites.mine(), sites.gas(), *POINTS)
    file.write_text(text, encoding="utf-8")
    assert main(["check", str(file)]) == 1
    out = capsys.readouterr().out
    line = text[: text.index("expression")].count("\n") + 1
    assert f'{file}:{line}: point "graham".expression: “CO”的单位是“ppm”，“N2”的是“%”' in out
    mend = re.search(r"inputs = \{[^}]*\}", out)
    assert mend is not None
    file.write_text(f"{text}{mend[0]}\n", encoding="utf-8")
    assert main(["check", str(file)]) == 0


@pytest.mark.parametrize("inputs", ["inputs = 3", "inputs = { CO = 1 }", 'inputs = "%"'])
def test_inputs_that_are_no_units_are_refused_at_their_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], inputs: str
) -> None:
    file = tmp_path / "site.toml"
    file.write_text(f"{sites.text(sites.mine(), sites.gas(), *POINTS)}{inputs}\n", encoding="utf-8")
    assert main(["check", str(file)]) == 1
    assert 'point "graham".inputs' in capsys.readouterr().out
