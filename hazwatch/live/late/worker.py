"""Runs long work in a process of its own, so that nothing live waits for it."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import closing, suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, Final, TypeVar

from plant import Message, message_of

ResultT = TypeVar("ResultT")
NICE: Final = 10
"""How far the work stands behind the live engine."""


class ApartError(Exception):
    """The work failed, or its process ended before it was done."""


async def apart(
    work: Callable[..., Iterator[ResultT]], *arguments: Any, expected: tuple[type[Exception], ...] = ()
) -> AsyncGenerator[ResultT, None]:
    """Yield what a function yields in a process of its own; the process ends with the iteration.

    Parameters
    ----------
    work : callable
        One that other processes can import.
    *arguments
        Of the function; they are copied.
    expected : tuple of exception types
        What may go wrong there and is told here; all else ends that process with its traceback.

    Raises
    ------
    ApartError
        What went wrong there.

    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(sender, work, arguments, expected), name="hazwatch review", daemon=True
    )
    with closing(receiver):
        with closing(sender):
            try:
                await _started(process)
            except OSError as error:
                raise ApartError(Message("no process can be started: {reason}", reason=message_of(error))) from error
        try:
            while True:
                kind, value = await asyncio.to_thread(_received, receiver)
                if kind == "failed":
                    raise ApartError(value)
                if kind == "done":
                    return
                yield value
        finally:
            process.kill()  # it has nothing to tidy up
            process.join()


async def _started(process: BaseProcess) -> None:
    """Start a process in a thread; after a cancellation, end it as soon as it has started."""
    starting = asyncio.ensure_future(asyncio.to_thread(_start, process))
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting])  # a thread cannot be cancelled: it starts the process in any case
        if starting.exception() is None:
            process.kill()
            process.join()
        raise


def _start(process: BaseProcess) -> None:
    """Start a process that Ctrl-C does not reach, also while it is still loaded: that is for the one that waits."""
    resource_tracker.ensure_running()  # its start would let Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # of this thread; the process has it from here
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _received(receiver: "Connection[Any, Any]") -> tuple[str, Any]:
    try:
        kind, value = receiver.recv()
    except (EOFError, OSError):
        return "failed", Message("its process ended")
    return str(kind), value


def _work(
    sender: "Connection[Any, Any]",
    work: Callable[..., Iterator[Any]],
    arguments: tuple[Any, ...],
    expected: tuple[type[Exception], ...],
) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    with suppress(OSError):
        os.nice(NICE)
    with closing(sender), suppress(BrokenPipeError):
        try:
            for value in work(*arguments):
                sender.send(("value", value))
        except expected as error:
            sender.send(("failed", message_of(error)))
        else:
            sender.send(("done", None))


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, also by a kill: nobody waits for the work any more."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
