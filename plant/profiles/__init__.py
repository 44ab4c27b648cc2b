"""Ready-made limits by place, with their articles: the TOML files in this folder, and their reader."""

from plant.profiles.profile import Profile, override
from plant.profiles.reader import UnknownProfileError, known_quantities, profile, profiles

__all__ = ["Profile", "UnknownProfileError", "known_quantities", "override", "profile", "profiles"]
