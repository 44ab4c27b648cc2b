"""What keeps each step of the event loop short: work put off, records told in parts, waiting for a slow disk."""
