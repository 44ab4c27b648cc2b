"""A mine's worth of believable traces, seeded and reproducible."""
