"""Pieces of a page in both languages, of which it shows one."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from hazwatch.words.reports import VERDICTS, Figure, Words
from rules import Verdict


def both(words: Words) -> str:
    """Write a text in both languages, of which the page shows one; no more than once where they are the same."""
    zh, en = escape(words.zh), escape(words.en)
    return zh if zh == en else f'<span lang="zh">{zh}</span><span lang="en">{en}</span>'


def table(head: Iterable[str], rows: Iterable[str]) -> str:
    """Return a table of ready cells and rows."""
    return f"<table><thead><tr>{''.join(head)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


Heading = tuple[str, str, str]
"""Chinese, English, CSS class."""


def wide_table(head: Sequence[Heading], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of many columns, of ready contents; a narrow page makes a card of each row, headings in it."""
    titles = [f"<small>{both(Words(zh, en))}</small>" if zh else "" for zh, en, _ in head]
    looks = [look for _, _, look in head]
    cells = (
        "".join(f'<td class="{look}">{title}{cell}</td>' for look, title, cell in zip(looks, titles, row, strict=True))
        for row in rows
    )
    return f'<div class="wide">{table(heads(*head), [f"<tr>{row}</tr>" for row in cells])}</div>'


def heads(*words: Heading) -> Iterator[str]:
    """Yield the cells of a heading."""
    for zh, en, look in words:
        yield f'<th class="{look}">{both(Words(zh, en))}</th>'


def note(words: Words) -> str:
    """Return a remark under something."""
    return f'<p class="note">{both(words)}</p>'


def effects(found: Iterable[Figure], *, two: bool) -> str:
    """Return the table of effects, of one rule-set or of two."""
    head = [("效果", "Effect", ""), ("现行", "Current", "n")]
    head += [("候选", "Candidate", "n"), ("变化", "Change", "n")] if two else []
    return table(heads(*head), [_effect(figure, two=two) for figure in found])


def _effect(figure: Figure, *, two: bool) -> str:
    verdicts = [_verdict(verdict) for verdict in figure.verdicts or ("target", "target")]
    cells = [f'<td class="n">{verdicts[0]}{figure.current}</td>']
    if two:
        cells += [f'<td class="n">{verdicts[1]}{figure.candidate}</td>', f'<td class="n"><b>{figure.change}</b></td>']
    return f"<tr><td>{both(figure.name)}</td>{''.join(cells)}</tr>"


def _verdict(verdict: Verdict) -> str:
    """Say what is beyond its target; what is as it should be needs no word."""
    return "" if verdict == "target" else f'<span class="v {verdict}">{both(VERDICTS[verdict])}</span>'
