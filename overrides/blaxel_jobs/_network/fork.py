"""Forked processes: a child uses connections of its own, and waits for no thread of its parent."""

from __future__ import annotations

import os
import warnings
import weakref
from typing import Protocol

from blaxel_jobs._network.resolver import forget_look_ups

__all__ = ["NOT_AFTER_FORK", "ForkAware", "call_after_fork"]

NOT_AFTER_FORK = (
    "nothing was sent: the transport that was handed in was made before this process was forked, "
    "and may share its connections with the parent; make client and transport in the child"
)


class ForkAware(Protocol):
    """Something that holds locks or connections, which a child must not share."""

    def after_fork(self) -> None:
        """Let go of what belongs to the parent."""
        ...


_AWARE: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def call_after_fork(aware: ForkAware) -> None:
    """Have `after_fork` called, in the child, after each fork."""
    _AWARE.add(aware)


def _after_in_child() -> None:
    with warnings.catch_warnings():
        # The parent's sockets are let go of unclosed on purpose: the parent goes on using them.
        warnings.simplefilter("ignore", ResourceWarning)
        forget_look_ups()
        for one in list(_AWARE):
            one.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_in_child)
