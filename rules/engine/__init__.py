"""The log in, events out: one compiled walk over samples and ticks."""
