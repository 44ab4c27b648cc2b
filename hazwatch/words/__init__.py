"""Texts for people in Chinese and English; one catalogue has the Chinese of every message."""

from hazwatch.words.messages import CATALOGUE, both, chinese, text

__all__ = ["CATALOGUE", "both", "chinese", "text"]
