"""Proves or disproves a journal by the anchors that a file keeps of it."""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from adapters.stores import AnchorFileError, AnchorLine, AnchorVerdict, JournalReader, read_anchors
from hazwatch.cli.options import RefusedError
from hazwatch.words.messages import both
from plant import Message, message_of, write_instants

MOST_ANCHORS: Final = 20
"""Number of lines that are named one by one."""


def verify_anchors(path: Path, reader: JournalReader) -> bool:
    """Print what the anchors of a file say of a journal; return True if they prove it up to the last one.

    Raises
    ------
    RefusedError
        The file cannot be read.
    JournalError
        The journal cannot be read.

    """
    try:
        lines = list(read_anchors(path))
    except AnchorFileError as error:
        raise RefusedError(message_of(error)) from None
    unsigned = [line for line in lines if isinstance(line, int)]
    signed = [line for line in lines if isinstance(line, AnchorLine)]
    verdicts = [(line, reader.compare(line.anchor)) for line in signed]
    wrong = [(line, verdict) for line, verdict in verdicts if verdict in ("older", "rewritten")]
    for number in unsigned[:MOST_ANCHORS]:
        _say(Message("{path}:{line}: no machine signed this line as it is now", path=path, line=number))
    for line, verdict in wrong[:MOST_ANCHORS]:
        _say(_against(path, line, verdict))
    counts = Counter(verdict for _, verdict in verdicts)
    others = counts["other"] + counts["earlier"]
    if others:
        _say(Message("{count} {count:anchor is|anchors are} of other journals", count=others))
    is_proven = bool(verdicts) and verdicts[-1][1] == "agrees" and not wrong and not unsigned
    _say(_summary(path, signed, proven=counts["agrees"], is_proven=is_proven))
    for key in dict.fromkeys(line.key for line in signed):
        _say(Message("signed with the key {key}: is it that of the machine?", key=key))
    return is_proven


def _against(path: Path, line: AnchorLine, verdict: AnchorVerdict) -> Message:
    facts = {"path": path, "line": line.line, "number": line.anchor.number, "time": _time(line)}
    if verdict == "older":
        return Message("{path}:{line}: record {number} existed at {time}, and the journal does not have it", **facts)
    return Message("{path}:{line}: record {number} was another at {time}: the journal was rewritten", **facts)


def _summary(path: Path, lines: Iterable[AnchorLine], *, proven: int, is_proven: bool) -> Message:
    if not is_proven:
        return Message("{path} does not prove the journal: {count} anchors agree with it", path=path, count=proven)
    *_, last = lines
    return Message(
        "{path} proves the journal up to record {number} of {time}: {count} {count:anchor agrees|anchors agree} "
        "with it",
        path=path, number=last.anchor.number, time=_time(last), count=proven,
    )  # fmt: skip


def _time(line: AnchorLine) -> str:
    (time,) = write_instants(np.array([line.time]))
    return time


def _say(line: Message) -> None:
    sys.stdout.write(f"{both(line)}\n")
