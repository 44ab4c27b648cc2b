"""A table whose header is missing is read as what its keys tell, and nothing else is taken for one."""

from pathlib import Path

import pytest

from hazwatch.site.lost_headers import put_back_headers
from tests import sites

LIMIT = sites.limit("T1.alarm", "T1", high=1.0, level="orange")
FEED = sites.table("interlock", id="cut", cut="T1.alarm", feed="K", level="red")
SITE = sites.text(sites.mine(), sites.gas(), sites.opcua(4840), sites.point("T1", unit="%"), LIMIT, FEED)


@pytest.mark.parametrize("header", ["[[hazard_source]]", "[[source]]", "[[point]]", "[[limit]]", "[[interlock]]"])
@pytest.mark.parametrize("gap", ["", "# 备注 / remark"])
def test_a_lost_header_is_put_back_in_its_gap(header: str, gap: str) -> None:
    lines = SITE.split("\n")
    number = lines.index(header)
    lines[number] = gap
    text, mistakes = put_back_headers(Path("site.toml"), "\n".join(lines))
    assert text == SITE
    (mistake,) = mistakes
    assert (mistake.line, mistake.message.startswith(f"expected {header} above this line")) == (number + 2, True)


def test_the_first_table_is_that_of_the_mine() -> None:
    text, mistakes = put_back_headers(Path("site.toml"), SITE.replace("[site]", "#", 1))
    assert text == SITE
    assert len(mistakes) == 1


@pytest.mark.parametrize(
    "text",
    [
        SITE,
        SITE.replace("high = 1.0", "\n# 设定值 / setpoint\nhigh = 1.0"),
        SITE.replace('unit = "%"', 'unit = "%"\n\n[point.flatline]\n\nwindow = "1h"\nepsilon = 0.0'),
        'points = "points.csv"\n\n' + SITE,
        SITE.replace('level = "orange"', 'level = "orange"\nmessage = """\n\nid = 1\n"""'),
    ],
    ids=["sound", "a remark inside", "an inner table", "points", "text of several lines"],
)
def test_a_sound_file_is_left_alone(text: str) -> None:
    assert put_back_headers(Path("site.toml"), text) == (text, [])
