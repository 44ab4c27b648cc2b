"""Realistic, reproducible traces of a whole mine."""

from simulators.scenario.mine import POINT_KINDS, Mine, generate, mine

__all__ = ["POINT_KINDS", "Mine", "generate", "mine"]
