"""One unit of an endpoint: which requests a poll sends, and what the silence and the refusals of the unit teach.

Theory of operation. A poll asks the requests of every sound unit. The first silence makes a unit doubtful, and polls
leave it out, so that it costs the other units one time-out and no more. What is doubtful or silent is a suspect, and
suspects are tried one by one, beside the polls:

    request, again    answered: a lost packet, the unit is sound
                      silent: another span of the unit, alone (the probe)
    probe             answered: the unit is sound, and the request rests; if it has several spans, it is cut in two
                      silent: the unit is silent, and rests
    whole request     the longest that a cut took apart, from time to time; if answered, the parts are one again

A request that hangs up the connection is treated as one without an answer. All decisions are made here, without input,
output or a clock: `source.py` sends the requests.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.sources.backoff import Backoff
from adapters.sources.modbus.block import Samples, blocks
from adapters.sources.modbus.config import ModbusSource
from adapters.sources.modbus.plan import Request, merge, spans
from plant import Message
from plant.modbus_address import ModbusAddress

FIRST_REST: Final = 1.0
LONGEST_REST: Final = 10.0
"""A silent unit or request is asked again after 1 s, then after longer rests up to 10 s. [s, real time]"""
FIRST_CUT: Final = 10.0
LONGEST_CUT: Final = 600.0
"""A request that was cut is tried whole after 10 s, then less often. [s, real time]"""
ILLEGAL_ADDRESS: Final = 2
CUTTING: Final = frozenset((ILLEGAL_ADDRESS, 3, 4))
"""Exception codes with which devices refuse a request for its length or for an address in it: 3 and 4 instead of 2."""


class Rest:
    """A pause during which a unit or request is not asked; each pause is longer than the one before. [s, real time]."""

    def __init__(self, now: float, first: float, longest: float) -> None:
        self._backoff: Final = Backoff(first=first, longest=longest)
        self.until = now + self._backoff.pause()

    def again(self, now: float) -> None:
        """Begin the next pause."""
        self.until = now + self._backoff.pause()


def units_of(points: Mapping[int, ModbusAddress], spec: ModbusSource) -> "list[Unit]":
    """Return the units of an endpoint, by their numbers."""
    numbers = sorted({address.unit for address in points.values()})
    return [
        Unit(number, {column: address for column, address in points.items() if address.unit == number}, spec)
        for number in numbers
    ]


class Unit:
    """One unit: its points, its requests, and what is known of its silence. Times are [s, real time]."""

    def __init__(self, number: int, points: Mapping[int, ModbusAddress], spec: ModbusSource) -> None:
        self.number: Final = number
        self._spans: Final = spans(points.values())
        self._whole: Final = merge(self._spans, max_registers=spec.longest, max_gap=spec.max_gap)
        self._block_of: Final = blocks(points, self._whole)
        self._blocks: Final = list(dict.fromkeys(self._block_of.values()))
        self._requests: list[Request] = list(self._whole)
        self._rests: Final[dict[Request, Rest]] = {}
        self._rest: Rest | None = None
        self._doubted: Request | None = None
        self._probing: Request | None = None
        self._turns = 0
        self._cut: Rest | None = None
        self._read: Final[set[Request]] = set()
        self._recalled: Final[set[Request]] = set()

    @property
    def requests(self) -> Sequence[Request]:
        """What a poll asks now: nothing while the unit is doubtful or silent, and no request that rests."""
        if self.doubtful or self.silent:
            return ()
        return [request for request in self._requests if request not in self._rests]

    @property
    def doubtful(self) -> bool:
        """Whether a request was not answered, and it is not known yet whether the unit is silent."""
        return self._doubted is not None

    @property
    def silent(self) -> bool:
        """Whether neither the request nor the probe was answered."""
        return self._rest is not None

    @property
    def resting(self) -> Sequence[Request]:
        """Requests that are not answered while others of the unit are."""
        return tuple(self._rests)

    @property
    def apart(self) -> dict[int, tuple[int, ...]] | None:
        """Which whole requests are not asked as one, by number: the spans of each part, negative where a part rests.

        None while nothing of the unit is known to be answered. A request of which no part is answered is not among
        them: the device may only have been busy.
        """
        if self.doubtful or self.silent or len(self._rests) == len(self._requests):
            return None
        cut = {}
        for number, whole in enumerate(self._whole):
            parts = self._parts(whole)
            if whole in self._rests or (
                parts != [whole] and (whole in self._recalled or not self._read.isdisjoint(parts))
            ):
                cut[number] = tuple(-len(part.spans) if part in self._rests else len(part.spans) for part in parts)
        return cut

    def recall(self, number: int, parts: Sequence[int]) -> bool:
        """Ask the parts of a whole request, as `apart` had them before a restart; return False if they do not fit."""
        whole = self._whole[number] if 0 <= number < len(self._whole) else None
        if whole is None or whole in self._recalled or 0 in parts or sum(map(abs, parts)) != len(whole.spans):
            return False
        ends = list(accumulate(map(abs, parts), initial=0))
        made = [Request(whole.spans[first:end]) for first, end in pairwise(ends)]
        at = self._requests.index(whole)
        self._requests[at : at + 1] = made
        self._recalled.add(whole)
        for part, size in zip(made, parts, strict=True):
            if size < 0:
                self._rests[part] = Rest(-FIRST_REST, FIRST_REST, LONGEST_REST)  # over at once
        return True

    def try_again(self, number: int, now: float) -> None:
        """Try a whole request soon that a run before this one learned not to ask."""
        whole = self._whole[number]
        if whole in self._recalled:
            self._recalled.remove(whole)
            # A rest that is over already, so that the next turn tries it.
            self._cut = self._cut or Rest(now - FIRST_CUT, FIRST_CUT, LONGEST_CUT)

    def suspect(self, now: float) -> Request | None:
        """Return what should be tried beside the polls at this time; None for nothing."""
        if self._doubted is not None:
            return self._doubted if self._probing is None else self._probing
        if self._rest is not None:
            return self._probe() if self._rest.until <= now else None
        due = [request for request, rest in self._rests.items() if rest.until <= now]
        if due:
            return due[0]
        return self._apart() if self._cut is not None and self._cut.until <= now else None

    def answered(self, request: Request, now: float) -> None:
        """Take note that a request was answered."""
        self._alive(request, now)
        self._read.add(request)
        if request in self._whole and request not in self._requests:
            self._join(request)

    def refused(self, request: Request, code: int | None, now: float) -> Sequence[Request]:
        """Take an exception, or an answer of the wrong form (without code); return the parts to ask instead."""
        self._alive(request, now)
        self._read.discard(request)
        if request in self._requests:
            return self._cut_apart(request, now) if code in CUTTING else ()
        if self._cut is not None:
            self._cut.again(now)  # a whole request that is still refused
        return ()

    def unanswered(self, request: Request, now: float) -> None:
        """Take note that a request was not answered in time, or that the device hung up."""
        if self._rest is not None:
            self._rest.again(now)
        elif self._doubted is None:
            self._suspect(request, now)
        elif self._probing is None and len(self._spans) > 1:
            self._probing = self._probe()
        else:
            self._doubted = self._probing = None
            self._rest = Rest(now, FIRST_REST, LONGEST_REST)

    def clear(self) -> None:
        """Mark all points as unread, at the begin of a poll."""
        for block in self._blocks:
            block.clear()

    def put(self, request: Request, words: NDArray[np.uint16], time: int) -> Samples:
        """Take the words of an answer and its time of arrival; return the samples that it completes. [ns, UTC]."""
        block = self._block_of[request.spans[0]]
        block.decoder.image.put(request, words, time)
        return block.fresh()

    def shown(self, column: int) -> Message:
        """Return what the device says instead of a number."""
        return next(text for block in self._blocks if (text := block.shown(column)) is not None)

    def rest(self, now: int) -> Iterator[Samples]:
        """Yield a sample of every point without one in this poll: BAD, at the present time. [ns, UTC]."""
        for block in self._blocks:
            yield block.rest(now)

    def _suspect(self, request: Request, now: float) -> None:
        """Note the silence of a request of a sound unit."""
        if request in self._rests:
            self._leave(request, now)
        elif request in self._requests:
            self._doubted = request
        elif self._cut is not None:
            self._cut.again(now)  # a whole request that is still not answered

    def _alive(self, request: Request, now: float) -> None:
        """Take note that the unit answered a request in some way."""
        doubted, self._doubted, self._probing, self._rest = self._doubted, None, None, None
        self._rests.pop(request, None)
        if doubted is not None and doubted != request:
            self._leave(doubted, now)

    def _leave(self, request: Request, now: float) -> None:
        """Let a request rest that is not answered although its unit answers; cut it if it has several spans."""
        if request not in self._requests:
            return  # a whole request took its place meanwhile
        parts = self._cut_apart(request, now)
        for part in parts:
            self._rests[part] = Rest(now - FIRST_REST, FIRST_REST, LONGEST_REST)  # over at once
        if not parts and request in self._rests:
            self._rests[request].again(now)
        elif not parts:
            self._rests[request] = Rest(now, FIRST_REST, LONGEST_REST)

    def _cut_apart(self, request: Request, now: float) -> Sequence[Request]:
        parts = request.split()
        if parts:
            at = self._requests.index(request)
            self._requests[at : at + 1] = parts
            self._rests.pop(request, None)
            if self._cut is None:
                self._cut = Rest(now, FIRST_CUT, LONGEST_CUT)
        return parts

    def _join(self, whole: Request) -> None:
        """Ask a whole request again instead of its parts."""
        parts = self._parts(whole)
        at = self._requests.index(parts[0])
        self._requests = [request for request in self._requests if request not in parts]
        self._requests.insert(at, whole)
        for part in parts:
            self._rests.pop(part, None)
        if all(request in self._requests for request in self._whole):
            self._cut = None

    def _parts(self, whole: Request) -> list[Request]:
        """Return what is asked in place of a whole request."""
        inside = frozenset(whole.spans)
        return [request for request in self._requests if inside.issuperset(request.spans)]

    def _apart(self) -> Request | None:
        """Return a whole request that was cut in this run, another one each time."""
        apart = [whole for whole in self._whole if whole not in self._requests and whole not in self._recalled]
        self._turns += 1
        return apart[self._turns % len(apart)] if apart else None

    def _probe(self) -> Request:
        """Return a request for one span, another one each time: the device may hang up at one of them."""
        self._turns += 1
        return Request((self._spans[self._turns % len(self._spans)],))
