"""Commands of this program as a person can paste them."""

import os
import shlex


def pasted(*words: object) -> str:
    """Return a command of this program as a person can paste it where this one was started."""
    script = os.environ.get("HAZWATCH_RUN")  # set by ./run
    return shlex.join([*([script] if script else []), "hazwatch", *map(str, words)])
