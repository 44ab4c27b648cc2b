"""What people read, in Chinese and English: one catalogue holds the Chinese of every message."""

from hazwatch.words.messages import CATALOGUE, both, chinese, text

__all__ = ["CATALOGUE", "both", "chinese", "text"]
