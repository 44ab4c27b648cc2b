"""The bounds of everything that people and other programs hand in: beyond them an input is refused with a message.

Without a bound one file could take all memory, or hours. Each bound is far above what a mine needs. Users find
them in docs/en/bounds.md and docs/zh/bounds.md.
"""

from typing import Final

MEBI: Final = 1 << 20
"""Bytes of a MiB, or as many characters. [1]"""

LARGEST_FILE: Final = 8 * MEBI
"""Site file, case file, points table, incidents, anchors: 20,000 points with limits are 6 MB. [byte]"""
DEEPEST: Final = 16
"""Tables and lists of TOML in each other: the deepest key of a site file has 4 levels. [1]"""
LARGEST_INTEGER: Final = 2**63 - 1
"""Whole number of a TOML file: TOML itself promises 64 bits. [1]"""
LONGEST_ID: Final = 200
"""Id: events, addresses of the page and the command line hold it on one line. [character]"""
LONGEST_EXPRESSION: Final = 10_000
"""Expression of a calculated point: it is computed anew at each sample of each input. [character]"""
DEEPEST_EXPRESSION: Final = 50
"""Brackets, calls and signs of an expression in each other: nobody can read a deeper one. [1]"""
MOST_MISTAKES: Final = 20_000
"""Mistakes of one file, after which checking stops: the rest follow from the same cause. [1]"""
DEEPEST_CHAIN: Final = 32
"""Points that are computed from computed points: each sample moves the whole chain. [1]"""
LARGEST_TRACE: Final = 4096 * MEBI
"""Trace, uncompressed: a longer one can be read in parts. [byte]"""
MOST_COMPRESSED: Final = 250
"""Compression of a trace, beyond `SMALL_TRACE`: real traces stay below 60, a bomb has about 1,000. [1]"""
SMALL_TRACE: Final = 16 * MEBI
"""Trace, uncompressed, whose compression may be anything: a steady one compresses well. [byte]"""
LONGEST_LINE: Final = MEBI
"""Line of a trace or a table: a wide row of about 50,000 points. [character]"""
MOST_TRACE_SAMPLES: Final = 50_000_000
"""Samples of a trace: all are in memory at once, about 4 GB. [1]"""
MOST_WRONG_LINES: Final = 10_000
"""Wrong lines of a trace, after which reading stops: the rest are the same mistake. [1]"""
MOST_PLACES: Final = 1_000_000
"""Places of all series of a rule case: 11 days with one each second. [1]"""
MOST_PLACES_OF_ALL: Final = 50_000_000
"""Places of the series of all rule cases that one command checks: about 3 s. [1]"""
MOST_CASE_TICKS: Final = 10_000_000
"""Ticks of a rule case: 115 days with one each second. [1]"""
LONGEST_NAME: Final = 100
"""Name of a person: it stays in the journal and on every page. [character]"""
LONGEST_NOTE: Final = 2000
"""Note, reason, measures: they stay in the journal and on every page. [character]"""
LONGEST_SHOWN: Final = 200
"""Quotation in a message: a message is to be read. [character]"""
LARGEST_ANSWER: Final = 64 * MEBI
"""Answer of an engine to a command: a snapshot with 50,000 alarms has about 40 MB. [byte]"""


def shown(text: str) -> str:
    """Return a text as a message quotes it: cut in the middle where it is long."""
    if len(text) <= LONGEST_SHOWN:
        return text
    half = LONGEST_SHOWN // 2
    return f"{text[:half]}…{text[-half:]}"
