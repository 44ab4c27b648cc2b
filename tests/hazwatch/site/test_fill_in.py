"""What only the engineer knows, and has not filled in, is a mistake wherever it stands."""

from pathlib import Path

from hazwatch.words.fill_in import FILL_IN
from tests.hazwatch.site.mistakes import mistakes

GOOD = (Path(__file__).parents[2] / "cases" / "config" / "face.good.toml").read_text(encoding="utf-8")
WRONG = f"still marked {FILL_IN}; expected what the mine knows"


def test_every_text_that_holds_the_mark_is_refused_by_name_and_place(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    text = GOOD.replace('"140522001"', f'"{FILL_IN}"').replace('"示范煤矿"', f'"mine {FILL_IN}"')
    site.write_text(text.replace('kind = "gas"', f'kind = "{FILL_IN}"'), encoding="utf-8")
    assert mistakes(site) == [
        f"2: site.id: {WRONG}",
        f"3: site.name: {WRONG}",
        f'12: hazard_source "gas-3101".kind: {WRONG}',
    ]


def test_a_table_of_points_that_holds_the_mark_is_refused(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f'points = "points.csv"\n{GOOD}', encoding="utf-8")
    (tmp_path / "points.csv").write_text(f"id,hazard_source,name\nX1,gas-3101,{FILL_IN}\n", encoding="utf-8")
    assert f'points.csv:2: point "X1".name: {WRONG}' in mistakes(site)
