"""Plays attacks in a process of its own, within bounds of time and memory, and goes on in another one where it dies."""

import contextlib
import io
import random
import resource
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple, NoReturn

LONGEST: Final = 10.0
"""Time of the processor for an answer. [s]"""
LARGEST_GROWTH: Final = 1 << 30
"""Memory that the attacks of one kind may add. [byte]"""


class OvertimeError(BaseException):
    """An answer took too long; no handler of the product catches it."""


class Attack(NamedTuple):
    """Makes an input out of chance, and has the product answer it."""

    make: Callable[[random.Random], bytes]
    answer: Callable[[bytes], None]


class Game(NamedTuple):
    """The wrong answers to the attacks of a kind, the slowest answer [s], and the memory that they took [byte]."""

    wrong: int
    slowest: float
    grown: int


def _overtime(number: int, frame: FrameType | None) -> NoReturn:
    raise OvertimeError


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def judge(attack: Attack, content: bytes) -> str | None:
    """Return what is wrong with the answer to an input; None for an answer within bounds."""
    # The processor's time counts, as others may use the machine; an answer that only waits is ended, too.
    for number in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(number, _overtime)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    signal.setitimer(signal.ITIMER_REAL, 6 * LONGEST)
    try:
        with _silent():
            attack.answer(content)
    except SystemExit as end:
        return None if end.code in (0, 2) else f"exit code {end.code}"
    except OvertimeError:
        return "no answer in time"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None


def play(kind: str, attack: Attack, times: int, most: int = LARGEST_GROWTH) -> Game:
    """Attack so many times with at most so much memory [byte], print what is wrong, and return the sum."""
    wrong, slowest, grown, number = 0, 0.0, 0, 0
    context = get_context("fork")
    while number < times:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_play, args=(kind, attack, range(number, times), most, sender))
        process.start()
        sender.close()
        with contextlib.suppress(EOFError):
            while True:
                number, problem, seconds, memory = receiver.recv()
                number, slowest, grown = number + 1, max(slowest, seconds), max(grown, memory)
                if problem is not None:
                    print(f"  {kind} {number - 1}: {problem}", flush=True)
                    wrong += 1
        process.join()
        if process.exitcode:
            print(f"  {kind} {number}: the process ended with {process.exitcode}", flush=True)
            wrong, number = wrong + 1, number + 1
    return Game(wrong, slowest, grown)


def content_of(kind: str, attack: Attack, number: int) -> bytes:
    """Return an input; a number gives the same one each time."""
    return attack.make(random.Random(f"{kind} {number}"))


def _play(kind: str, attack: Attack, numbers: range, most: int, sender: Connection) -> None:
    # Far above `most`, because libraries reserve memory that they do not use; it protects the machine.
    resource.setrlimit(resource.RLIMIT_DATA, (8 * LARGEST_GROWTH, 8 * LARGEST_GROWTH))
    before = _largest()
    for number in numbers:
        content = content_of(kind, attack, number)
        begin = time.process_time()
        problem = judge(attack, content)
        grown = _largest() - before
        if grown > most:
            problem = f"{grown / 2**20:.0f} MiB of memory"
        sender.send((number, problem, time.process_time() - begin, grown))
        if grown > most:
            return


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
