"""The connection to a server, its session and its subscription."""
