"""The copies of the checkout that tests/release works in, too."""

from tests.release.conftest import _built_once, built, checkout

__all__ = ["_built_once", "built", "checkout"]
