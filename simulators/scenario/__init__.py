"""A mine's worth of believable traces, seeded and reproducible."""

from simulators.scenario.mine import KINDS, Mine, generate, mine

__all__ = ["KINDS", "Mine", "generate", "mine"]
