"""Forked processes: a child speaks on connections of its own, and waits for no parent's thread."""

from __future__ import annotations

import os
import warnings
import weakref
from typing import Protocol

from blaxel_jobs._network.resolver import forget_look_ups

__all__ = ["NOT_AFTER_FORK", "ForkAware", "tell_of_fork"]

NOT_AFTER_FORK = (
    "nothing was sent: the transport that was handed in was made before this process was forked, "
    "and may share its connections with the parent; make client and transport in the child"
)


class ForkAware(Protocol):
    """Something that is put in order in a child."""

    def after_fork(self) -> None:
        """Let go of what belongs to the parent."""
        ...


_AWARE: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def tell_of_fork(thing: ForkAware) -> None:
    """Let it be told, in the child, after each fork."""
    _AWARE.add(thing)


def _after_in_child() -> None:
    with warnings.catch_warnings():
        # The parent's sockets are let go of unclosed on purpose: the parent goes on using them.
        warnings.simplefilter("ignore", ResourceWarning)
        forget_look_ups()
        for thing in list(_AWARE):
            thing.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_in_child)
