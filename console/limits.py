"""The limits of the page's server: no client, and no number of them, takes the engine's time, memory or open files."""

from typing import Final

CONNECTIONS: Final = 512
"""Largest number of open connections, streams among them; the engine may lower it to what the system allows."""
CLIENT_CONNECTIONS: Final = 448
"""Largest number of open connections of one client address."""
STREAMS: Final = 256
"""Largest number of streams, that is, of open pages."""
CLIENT_STREAMS: Final = 224
"""Largest number of streams of one client address."""
BACKLOG: Final = 64
"""Largest number of connections to accept in one step of the event loop."""
LONGEST_HEAD: Final = 16_384
"""Largest head of a request. [byte]"""
REQUEST_TIME: Final = 5.0
"""Time from the first byte of a request, or from the begin of a connection, to the end of the request. [s]"""
ANSWER_TIME: Final = 30.0
"""Time that an answer may take, reading it included. [s]"""
IDLE_TIME: Final = 5
"""Time for which a connection without a request is kept; one that does not end itself is then cut off. [s]"""
REQUEST_RATE: Final = 50.0
"""Requests of one client address, of queries and of commands each. [1/s]"""
REQUESTS_AT_ONCE: Final = 200
"""Number of requests of one client address that may come at once."""
STREAM_BYTES: Final = 16_384.0
"""What one page may send on its stream; twice as much may come at once. [byte/s]"""
STREAM_WORDS: Final = 10.0
"""Number of messages that one page may send on its stream; ten times as many may come at once. [1/s]"""
LONGEST_WORD: Final = 8192
"""Longest message of a page; it names at most MOST_SHOWN points. [byte]"""
MOST_SHOWN: Final = 1000
"""Largest number of points of which one page gets readings."""
MOST_BUCKETS: Final = 1024
"""Largest number of client addresses to remember."""
