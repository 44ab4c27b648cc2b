"""Ready-made limits by place, each with the article it comes from: TOML files beside this one, and their reader."""

from plant.profiles.profile import Profile, UnknownProfileError, override, profile, profiles

__all__ = ["Profile", "UnknownProfileError", "override", "profile", "profiles"]
