"""What the page shows of the running engine."""
