"""The version: the one place, which the build and the release read."""

__version__ = "0.1.0"
