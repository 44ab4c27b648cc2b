"""The running engine: log, runtime, restart, late data."""
