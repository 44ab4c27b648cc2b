"""Features: the numbers that limits look at."""
