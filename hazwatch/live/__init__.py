"""The running engine: pipeline, runtime, restart, and reviews of late data."""
