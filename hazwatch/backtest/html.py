"""Pieces of a page in both languages, of which it shows one."""

from collections.abc import Iterable, Iterator
from html import escape

from hazwatch.backtest.words import VERDICTS, Figure, Words
from rules import Verdict


def both(words: Words) -> str:
    """Write a text in both languages, of which the page shows one; no more than once where they are the same."""
    zh, en = escape(words.zh), escape(words.en)
    return zh if zh == en else f'<span lang="zh">{zh}</span><span lang="en">{en}</span>'


def table(head: Iterable[str], rows: Iterable[str]) -> str:
    """Return a table of ready cells and rows."""
    return f"<table><thead><tr>{''.join(head)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def heads(*words: tuple[str, str, str]) -> Iterator[str]:
    """Yield the cells of a heading: Chinese, English, CSS class."""
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
