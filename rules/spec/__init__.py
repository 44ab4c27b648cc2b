"""The specification that an engineer writes (limits, votes, interlocks, calculated points), and its problems."""
