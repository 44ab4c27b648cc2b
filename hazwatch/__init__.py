"""Puts the parts together: the command line, the site file, the clock, the live engine."""

__version__ = "0.1.0"
