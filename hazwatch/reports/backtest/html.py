"""Parts of a page that holds both languages and shows one."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from hazwatch.reports.backtest.words import VERDICTS, Figure
from hazwatch.words.messages import chinese
from plant import Message, Text
from rules import Verdict


def both(words: Message | Text) -> str:
    """Write a text in both languages; the page shows one of them."""
    zh, en = escape(chinese(words)), escape(str(words))
    return zh if zh == en else f'<span lang="zh">{zh}</span><span lang="en">{en}</span>'


def table(head: Iterable[str], rows: Iterable[str]) -> str:
    """Return a table from HTML of its cells and rows."""
    return f"<table><thead><tr>{''.join(head)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


Heading = tuple[Message | None, str]
"""Title and CSS class of a column."""


def wide_table(head: Sequence[Heading], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of many columns; a narrow page shows each row as a card with its headings."""
    titles = [f"<small>{both(words)}</small>" if words else "" for words, _ in head]
    looks = [look for _, look in head]
    cells = (
        "".join(f'<td class="{look}">{title}{cell}</td>' for look, title, cell in zip(looks, titles, row, strict=True))
        for row in rows
    )
    return f'<div class="wide">{table(heads(*head), [f"<tr>{row}</tr>" for row in cells])}</div>'


def heads(*headings: Heading) -> Iterator[str]:
    """Yield the heading cells of a table."""
    for words, look in headings:
        yield f'<th class="{look}">{both(words) if words else ""}</th>'


def note(words: Message) -> str:
    """Return a remark."""
    return f'<p class="note">{both(words)}</p>'


def effects(figures: Iterable[Figure], *, two: bool) -> str:
    """Return the table of figures, with one or two rule-sets."""
    head = [(Message("Effect"), ""), (Message("Current"), "n")]
    head += [(Message("Candidate"), "n"), (Message("Change"), "n")] if two else []
    return table(heads(*head), [_effect(figure, two=two) for figure in figures])


def _effect(figure: Figure, *, two: bool) -> str:
    verdicts = [_verdict(verdict) for verdict in figure.verdicts or ("target", "target")]
    cells = [f'<td class="n">{verdicts[0]}{figure.current}</td>']
    if two:
        cells += [f'<td class="n">{verdicts[1]}{figure.candidate}</td>', f'<td class="n"><b>{figure.change}</b></td>']
    return f"<tr><td>{both(figure.name)}</td>{''.join(cells)}</tr>"


def _verdict(verdict: Verdict) -> str:
    """Write a verdict; a figure on target has none."""
    return "" if verdict == "target" else f'<span class="v {verdict}">{both(VERDICTS[verdict])}</span>'
