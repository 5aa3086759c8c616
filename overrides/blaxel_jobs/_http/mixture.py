"""httpx and httpx2 in one program: an object of the one is of no use to a client of the other."""

from __future__ import annotations

from blaxel_jobs._http import httpx

__all__ = ["is_foreign", "name_of", "remedy_for"]

_FOREIGN = frozenset({"httpx", "httpx2"} - {httpx.__name__})


def name_of(value: object) -> str:
    """Return an object's class, with its module; of a class, its own."""
    kind = value if isinstance(value, type) else type(value)
    return f"{kind.__module__}.{kind.__qualname__}"


def is_foreign(value: object) -> bool:
    """Return whether an object, or a class, is of the library that this client does not use."""
    kind = value if isinstance(value, type) else type(value)
    return any(one.__module__.partition(".")[0] in _FOREIGN for one in kind.__mro__)


def remedy_for(value: object) -> str:
    """Return what a message about an object goes on with: what to do, where it is foreign."""
    if not is_foreign(value):
        return ""
    return (
        f"; this client uses {httpx.__name__}: pass what belongs to it, or make httpx and httpx2 "
        "one by httpx2.alias_httpx(), before anything imports httpx"
    )
