"""Ready-made limits by place, with their articles: the TOML files in this folder, and their reader."""

from plant.profiles.profile import Profile, UnknownProfileError, override, profile, profiles

__all__ = ["Profile", "UnknownProfileError", "override", "profile", "profiles"]
