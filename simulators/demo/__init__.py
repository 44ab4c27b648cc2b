"""The demo mine: three hazard sources, and a story that repeats every 12 minutes."""

from simulators.demo.story import CYCLE, SITE, STORY, StoryMoment, demo_trace

__all__ = ["CYCLE", "SITE", "STORY", "StoryMoment", "demo_trace"]
