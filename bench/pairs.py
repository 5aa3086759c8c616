"""Interleaved comparison: only ratios of runs that stand side by side mean anything."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

__all__ = ["calls"]


def calls(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> float:
    """Return the median of ours/peer over rounds in which each runs once; the order alternates."""
    ours()
    peer()
    return statistics.median(_pair(ours, peer, at % 2 == 0) for at in range(rounds))


def _pair(ours: Callable[[], object], peer: Callable[[], object], ours_first: bool) -> float:
    if ours_first:
        own, other = _seconds(ours), _seconds(peer)
    else:
        other, own = _seconds(peer), _seconds(ours)
    return own / other


def _seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun
