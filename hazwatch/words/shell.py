"""Commands of this program in a form that can be pasted into a shell."""

import os
import shlex


def pasted(*words: object) -> str:
    """Return a command of this program that can be pasted where this process was started."""
    # `./run` sets the variable: without an installed `hazwatch` the command must begin with that script.
    script = os.environ.get("HAZWATCH_RUN")
    return shlex.join([*([script] if script else []), "hazwatch", *map(str, words)])
