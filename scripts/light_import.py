"""Import a library without the optional dependencies that it loads eagerly."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without"]


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Let importing any of `modules` fail inside the block, but for those that are loaded already.

    For libraries that guard such an import and can do without.
    """
    unwanted = [name for name in modules if name not in sys.modules]
    for name in unwanted:
        # None is how Python marks a module that must not be imported; the stubs do not know it.
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in unwanted:
            sys.modules.pop(name, None)
