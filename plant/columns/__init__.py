"""Columns and records: arrays of samples, and arrays whose fields mypy knows."""
