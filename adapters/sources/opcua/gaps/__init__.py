"""The rows that a break swallowed: which they are, where they come from, and what is said of those that are lost."""
