"""Machine code that is kept on disk, and is made anew after anything that it was made from has changed."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final, Literal, TypeVar, cast

import numba
import numpy as np
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

Function = TypeVar("Function", bound=Callable[..., Any])
CONSTANTS: Final = (int, float, str, bytes, tuple)
"""Types of the globals that compiled code takes as constants."""


class CheckedCache(FunctionCache):
    """A cache of numba whose key has all that a function uses.

    numba looks for kept code by the bytecode of the one function and by the time and size of its file. It would use
    the old code after a change of a constant, or of a function that this one calls, in another file; or in the same
    file where an installation gives all files one time.
    """

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        key: Any = super()._index_key(sig, codegen)  # type: ignore[no-untyped-call]
        return (*key, made_from(self._py_func))


def kept(*, error_model: Literal["python", "numpy"] = "python") -> Callable[[Function], Function]:
    """Return a decorator that compiles a function and keeps its machine code on disk; other threads run meanwhile."""

    def compiled(function: Function) -> Function:
        dispatcher: Any = cast("Any", numba.njit)(nogil=True, error_model=error_model)(function)
        # Plain Python where NUMBA_DISABLE_JIT is set. Otherwise this is what `cache=True` does with numba's own cache.
        if cast("object", dispatcher) is not function:
            dispatcher._cache = cast("Any", CheckedCache)(function)  # noqa: SLF001
        return cast("Function", dispatcher)

    return compiled


def made_from(function: Any) -> str:
    """Return what changes when a function changes, or a function that it calls, or a constant that they use."""
    digest, seen, waiting = sha256(), set[Any](), [function]
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        code, known = part.__code__, part.__globals__
        used = {name: known[name] for name in code.co_names if name in known}
        constants = {name: value for name, value in used.items() if isinstance(value, CONSTANTS)}
        constants |= {name: value.tobytes() for name, value in used.items() if isinstance(value, np.ndarray)}
        digest.update(repr((part.__qualname__, code.co_code, code.co_consts, code.co_names, constants)).encode())
        waiting += [value.py_func for value in used.values() if isinstance(value, Dispatcher)]
    return digest.hexdigest()
