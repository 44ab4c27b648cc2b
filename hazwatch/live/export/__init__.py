"""Copies of history and journal in other stores, each written by a process of its own."""
