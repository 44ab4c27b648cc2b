"""What the command line answers to the shell."""

from typing import Final

OK: Final = 0
REFUSED: Final = 1
"""The input has mistakes, or a command was refused: the messages say which."""
USAGE: Final = 2
"""The command line itself is wrong."""
UNAVAILABLE: Final = 3
"""Something that is needed is not there: a port, a data folder, a running engine, room on the disk."""
INTERRUPTED: Final = 130
"""Stopped by Ctrl-C."""
