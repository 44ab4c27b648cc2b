"""What waits for the engine: a line for each source, and commands before them."""
