"""Codes: the numbers by which the kernels know states, verdicts and changes of conditions."""

from typing import Final

import numpy as np

NEVER: Final = np.iinfo(np.int64).max
"""Due time of a timer that does not run. [ns, UTC]"""
LONG_AGO: Final = np.iinfo(np.int64).min
"""A time before all others. [ns, UTC]"""

NORMAL, PENDING, ACTIVE, RETURNING = 0, 1, 2, 3
"""States of a condition."""
NEITHER, IN, OUT, NO_EVIDENCE = 0, 1, 2, 3
"""Verdicts of a sample on a condition."""
NOTHING, RAISE, CLEAR, PENDS = 0, 1, 2, 3
"""Changes of a condition by a verdict or a timer."""

DONE, EVENTS_FULL, POOL_FULL, TIMERS_FULL, NO_SUCH_POINT = range(5)
"""Why the walk over the log stopped."""
