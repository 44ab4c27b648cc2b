"""Writes the tables of docs/*/law.md from the profiles and articles; with --compare it only compares."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from plant import Text  # noqa: E402
from plant.law import articles, required_sensors  # noqa: E402
from plant.profiles import Profile, profiles  # noqa: E402

Language = Literal["zh", "en"]
BEGIN: Final = "<!-- scripts/law_page.py -->"
END: Final = "<!-- end -->"
SIGNS: Final = {"high": "≥", "low": "≤", "above": ">", "below": "<"}
OUT: Final = {"high": "<", "low": ">", "above": "≤", "below": "≥"}
FORCES: Final = {"must": Text("必须", "must"), "should": Text("应当", "should")}


def page(path: Path, language: Language) -> str:
    """Return the text of a page with tables that are as the profiles are now."""
    head, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n\n" + "\n".join(_sections(language)) + f"\n{END}{tail}"


def _sections(language: Language) -> Iterator[str]:
    in_use = [one for one in profiles().values() if not one.is_example]
    examples = [one for one in profiles().values() if one.is_example]
    yield from _section(
        language,
        Text("数值", "Numbers"),
        (
            Text("规程限值", "profile"), Text("地点", "place"), Text("限值", "limit"), Text("数值", "number"),
            Text("条文", "article"), Text("版本", "edition"), Text("效力", "force"), Text("标记", "mark"),
        ),
        (row for one in in_use for row in _numbers(one)),
    )  # fmt: skip
    yield from _section(
        language,
        Text("测点和断电范围", "Points and what is cut"),
        (
            Text("规程限值", "profile"), Text("`quantity`", "`quantity`"), Text("`unit`", "`unit`"),
            Text("AQ 1029 标号", "label in AQ 1029"), Text("断电范围", "what is cut"),
        ),
        (_point(one) for one in in_use),
    )  # fmt: skip
    yield from _section(
        language,
        Text("处置措施", "Responses"),
        (Text("处置措施", "response"), Text("限值", "limits"), Text("条文", "article")),
        _responses(in_use),
    )
    yield from _section(
        language,
        Text("应设的传感器", "Required sensors"),
        (Text("条文", "article"), Text("传感器", "sensor"), Text("在哪里找", "looked for in"), Text("效力", "force")),
        (
            (
                _plain(str(sensor.article.number)), sensor.what,
                Text("全矿", "the mine") if sensor.whole_site else Text("同一地点", "the same place"),
                FORCES[sensor.article.force],
            )
            for sensor in required_sensors()
        ),
    )  # fmt: skip
    yield from _section(
        language,
        Text("条文", "Articles"),
        (Text("条文", "article"), Text("要求", "what it requires"), Text("效力", "force"), Text("标记", "mark")),
        (
            (_plain(str(one.number)), one.says, FORCES[one.force], _plain(one.mark))
            for one in sorted(articles().values(), key=lambda one: one.number)
        ),
    )
    yield from _section(
        language,
        Text("未启用的示例", "Examples, disabled"),
        (
            Text("示例", "example"), Text("地点", "place"), Text("数值", "number"), Text("来源", "source"),
            Text("标记", "mark"), Text("为什么只是示例", "why it is only an example"),
        ),
        (
            (_plain(f"`{one.name}`"), one.place, _plain(_all_numbers(one)), one.source, _plain(one.mark), one.example)
            for one in examples
        ),
    )  # fmt: skip


def _section(language: Language, title: Text, heads: Iterable[Text], rows: Iterable[Iterable[Text]]) -> Iterator[str]:
    names = list(heads)
    yield f"## {getattr(title, language)}\n"
    yield _row(language, names)
    yield "|" + "---|" * len(names)
    yield from (_row(language, row) for row in rows)
    yield ""


def _row(language: Language, cells: Iterable[Text]) -> str:
    return "| " + " | ".join(getattr(cell, language) for cell in cells) + " |"


def _plain(text: str) -> Text:
    return Text(text, text)


def _numbers(one: Profile) -> Iterator[tuple[Text, ...]]:
    for suffix, side in one.setpoints():
        article = one.articles[one.templates[suffix][side]]
        yield (
            _plain(f"`{one.name}`"), one.place, _plain(f"`{suffix}`"), _plain(_number(one, suffix, side)),
            _plain(str(article.number)), _plain(str(article.edition)), FORCES[article.force], _plain(article.mark),
        )  # fmt: skip


def _number(one: Profile, suffix: str, side: str) -> str:
    template = one.templates[suffix]
    number = one.numbers[template[side]]
    clear = one.numbers.get(template.get("clear", ""), number)
    feature = f"{template['feature']} {template['window']} " if "feature" in template else ""
    until = "" if clear == number else f", {OUT[side]} {clear:g}"
    return f"{feature}{SIGNS[side]} {number:g}{until} {one.units[0]}".rstrip()


def _all_numbers(one: Profile) -> str:
    return "; ".join(f"`{suffix}` {_number(one, suffix, side)}" for suffix, side in one.setpoints())


def _point(one: Profile) -> tuple[Text, ...]:
    scope = Text(one.texts.get("scope", ""), one.texts.get("scope_en", ""))
    return _plain(f"`{one.name}`"), _plain(one.quantities[0]), _plain(one.units[0]), _plain(one.label), scope


def _responses(of: Iterable[Profile]) -> Iterator[tuple[Text, ...]]:
    limits: dict[tuple[Text, int], list[str]] = {}
    for one in of:
        for suffix, side in one.setpoints():
            response = one.response(suffix)
            number = one.action_article or one.articles[one.templates[suffix][side]].number
            limits.setdefault((response, number), []).append(f"`{one.name}` `{suffix}`")
    for (response, number), names in limits.items():
        yield response, _plain(", ".join(names)), _plain(str(number))


def main() -> int:
    """Write both pages, or return 1 if --compare finds one that is old."""
    old = []
    for language in ("zh", "en"):
        path = ROOT / "docs" / language / "law.md"
        text = page(path, language)
        if text == path.read_text(encoding="utf-8"):
            continue
        old.append(path)
        if "--compare" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    return 1 if old and "--compare" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
