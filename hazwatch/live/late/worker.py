"""Runs long work in a separate process, so that the live engine does not wait for it."""

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
"""Niceness of the work, so that the live engine has precedence."""


class ApartError(Exception):
    """The work failed, or its process ended early."""


async def apart(
    work: Callable[..., Iterator[ResultT]],
    *arguments: Any,
    name: str = "hazwatch review",
    expected: tuple[type[Exception], ...] = (),
) -> AsyncGenerator[ResultT, None]:
    """Yield the results of a function that runs in a separate process; the process ends with the iteration.

    Parameters
    ----------
    work : callable
        A function that other processes can import.
    *arguments
        Arguments of the function; they are copied.
    name : str
        Name of the process, for the tools of the operating system.
    expected : tuple of exception types
        Errors that become an ApartError; any other error ends the process with a traceback.

    Raises
    ------
    ApartError
        The work raised an expected error, or its process ended early.

    """
    context = get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, work, arguments, expected), name=name, daemon=True)
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
            # A kill, because the work only reads: it has nothing to finish.
            process.kill()
            process.join()


async def _started(process: BaseProcess) -> None:
    """Start a process in a thread; after a cancellation, end it as soon as it has started."""
    starting = asyncio.ensure_future(asyncio.to_thread(_start, process))
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        # A thread cannot be cancelled: it starts the process in any case.
        await asyncio.wait([starting])
        if starting.exception() is None:
            process.kill()
            process.join()
        raise


def _start(process: BaseProcess) -> None:
    """Start a process that ignores Ctrl-C, even while it is loading; the parent process handles Ctrl-C and ends it."""
    # Starting the resource tracker unblocks SIGINT, so it must run before. The process inherits this thread's mask.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
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
    """End this process when its parent has ended, even by a kill, because nobody waits for the work any more."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
