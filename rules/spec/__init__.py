"""What an engineer asks: limits, votes, interlocks, calculated points, and what is wrong with them."""
