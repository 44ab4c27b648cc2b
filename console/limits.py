"""The limits of the page's server: no client, and no number of them, takes the engine's time, memory or open files."""

from typing import Final

CONNECTIONS: Final = 512
"""Largest number of open connections, streams among them; the engine may lower it to what the system allows."""
CLIENT_CONNECTIONS: Final = 448
"""Largest number of open connections of one client address."""
STREAMS: Final = 256
"""Largest number of streams, that is, of open pages."""
CLIENT_STREAMS: Final = 192
"""Largest number of streams without a session of one client address."""
SESSION_STREAMS: Final = 16
"""Largest number of streams of one session, that is, of pages in one browser."""
SESSIONS: Final = 1024
"""Largest number of sessions to remember."""
NEW_SESSION_RATE: Final = 0.5
"""New sessions of one client address. [1/s]"""
NEW_SESSIONS_AT_ONCE: Final = 20
"""Number of new sessions of one client address that may begin at once."""
ACCEPT_EVERY: Final = 0.002
"""Shortest time between two connections that are accepted. [s]"""
BACKLOG: Final = 2048
"""Largest number of connections that wait to be accepted; the system may lower it."""
LONGEST_HEAD: Final = 16_384
"""Largest head of a request. [byte]"""
REQUEST_TIME: Final = 5.0
"""Time from the first byte of a request, or from the begin of a connection, to the end of the request. [s]"""
ANSWER_TIME: Final = 30.0
"""Time that an answer may take, reading it included. [s]"""
IDLE_TIME: Final = 5
"""Time for which a connection without a request is kept; one that does not end itself is then cut off. [s]"""
REQUEST_RATE: Final = 50.0
"""Requests of one session, or of one client address without one; of queries and of commands each. [1/s]"""
REQUESTS_AT_ONCE: Final = 200
"""Number of such requests that may come at once."""
STREAM_BYTES: Final = 16_384.0
"""What one page may send on its stream; twice as much may come at once. [byte/s]"""
STREAM_WORDS: Final = 10.0
"""Number of messages that one page may send on its stream; ten times as many may come at once. [1/s]"""
LONGEST_WORD: Final = 8192
"""Longest message of a page; it names at most MOST_SHOWN points. [byte]"""
MOST_SHOWN: Final = 1000
"""Largest number of points of which one page gets readings."""
MOST_BUCKETS: Final = 1024
"""Largest number of sessions and client addresses to remember."""
