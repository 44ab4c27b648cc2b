"""How kernels are compiled: machine code with numba, plain Python where NUMBA_DISABLE_JIT is set."""

from collections.abc import Callable
from hashlib import sha256
from types import FunctionType
from typing import Any, Final, TypeVar, cast

import numba
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
# numba's own types are missing or do not know all options.
njit: Final = cast("Any", numba.njit)
typeof: Final = cast("Any", numba.typeof)
CodeCache: Final = cast("Any", FunctionCache)
OPTIONS: Final = {"error_model": "numpy", "_nrt": False}
"""Kernels allocate nothing, so no references are counted: an array that is handed on costs no atomic operation."""
KERNELS: Final[list[FunctionType]] = []


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel that other kernels call; floats follow IEEE 754, as in numpy."""
    KERNELS.append(cast("FunctionType", function))
    return cast("Kernel", njit(**OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function))


def inlined(function: Kernel) -> Kernel:
    """Compile a kernel into those that call it: to hand on all arrays of a machine costs more than most kernels do."""
    KERNELS.append(cast("FunctionType", function))
    return cast("Kernel", njit(**OPTIONS, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function))


def entry_point(function: Kernel) -> Kernel:
    """Compile the kernel that Python calls, and keep the machine code of all on disk.

    numba looks for the kept code by the bytecode and the closure of this one function, not of those that it calls: it
    must be made in a function that hands it the `fingerprint` of all kernels.
    """
    return cast("Kernel", njit(**OPTIONS, cache=True)(function))


def fingerprint() -> str:
    """Return what changes when any kernel, or a constant that one uses, changes."""
    digest = sha256()
    for function in KERNELS:
        code, known = function.__code__, function.__globals__
        constants = {name: known[name] for name in code.co_names if isinstance(known.get(name), (int, float, tuple))}
        digest.update(repr((function.__qualname__, code.co_code, code.co_consts, code.co_names, constants)).encode())
    return digest.hexdigest()


def is_ready(kernel: Callable[..., object], *arguments: object) -> bool:
    """Tell whether an entry point runs at once with arguments like these, or must be compiled first.

    Machine code that an earlier process kept on disk is loaded by this call. Plain Python is always ready.
    """
    if not isinstance(kernel, Dispatcher):
        return True
    types = tuple(typeof(argument) for argument in arguments)
    if types in kernel.signatures:
        return True
    # Only numba knows where it keeps the code, and whether that is the code of today's kernels and of this processor.
    kept = CodeCache(kernel.py_func).load_overload(types, kernel.targetctx)
    if kept is not None:
        kernel.add_overload(kept)
    return kept is not None
