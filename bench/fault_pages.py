"""The pages docs/*/faults.md: the text by hand, the table from the runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

DOCS: Final = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- faults -->\n", "<!-- end -->\n"
Language = Literal["zh", "en"]
HEAD: Final[Mapping[Language, str]] = {
    "en": "| fault | history | runs | until BAD | until data | rows lost | rows twice | told | memory | tracebacks |\n",
    "zh": "| 故障 | 历史 | 次数 | 到 BAD | 到数据 | 丢失行 | 重复行 | 报出 | 内存 | 异常栈 |\n",
}
YES: Final[Mapping[Language, tuple[str, str]]] = {"en": ("no", "yes"), "zh": ("无", "有")}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    english: str
    chinese: str
    history: bool
    runs: int
    until_bad: str
    until_data: str
    lost: str
    twice: str
    told: str
    memory: str
    tracebacks: str

    def row(self, language: Language) -> str:
        name = self.english if language == "en" else self.chinese
        cells = (
            name, YES[language][self.history], str(self.runs), self.until_bad, self.until_data, self.lost, self.twice,
            self.told, self.memory, self.tracebacks,
        )  # fmt: skip
        return f"| {' | '.join(cells)} |"


def write_pages(lines: Sequence[Line]) -> None:
    """Put lines into the tables of both pages: each in the place of the line of the same fault and history."""
    for language in HEAD:
        path = DOCS / language / "faults.md"
        before, rest = path.read_text(encoding="utf-8").split(BEGIN)
        table, after = rest.split(END)
        rows = {tuple(row.split(" | ")[:2]): row for row in table.splitlines()[2:]}
        for line in lines:
            row = line.row(language)
            rows[tuple(row.split(" | ")[:2])] = row
        table = (
            HEAD[language] + "|---" * HEAD[language].count(" |") + "|\n" + "".join(f"{row}\n" for row in rows.values())
        )
        path.write_text(before + BEGIN + table + END + after, encoding="utf-8")
