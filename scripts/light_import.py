"""Import a library without what it loads eagerly and is never asked for here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Let an empty module stand for each of `modules` in the block, unless it is loaded already.

    Names cannot be imported from it, as if it was not installed.
    """
    unwanted = [name for name in modules if name not in sys.modules]
    for name in unwanted:
        sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        for name in unwanted:
            sys.modules.pop(name, None)
