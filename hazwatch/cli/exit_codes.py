"""The exit codes of the command line."""

from typing import Final

OK: Final = 0
REFUSED: Final = 1
"""The input has mistakes, or a command was refused; messages name the reason."""
USAGE: Final = 2
"""The command line itself is wrong."""
UNAVAILABLE: Final = 3
"""A resource is missing: a port, a data folder, a running engine, room on the disk."""
DAMAGED: Final = 4
"""A part of the input is damaged; the messages say what is missing."""
INTERRUPTED: Final = 130
"""Stopped by Ctrl-C."""
