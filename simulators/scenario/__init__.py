"""Realistic, reproducible traces of a whole mine."""

from simulators.scenario.mine import KINDS, Mine, generate, mine

__all__ = ["KINDS", "Mine", "generate", "mine"]
