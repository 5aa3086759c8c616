"""Interleaved comparison: only ratios of runs that stand side by side mean anything."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Row", "calls", "processes"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `measured` is ours over the peer's, None where the peer could not be had (`note` says why).
    `goal` is the most that is wanted, or the least where `at_least`.
    """

    what: str
    measured: float | None
    goal: float | None
    note: str = ""
    at_least: bool = False
    unit: str = "x"

    @property
    def missed(self) -> bool:
        """Tell whether the goal is missed."""
        if self.measured is None or self.goal is None:
            return False
        return self.measured < self.goal if self.at_least else self.measured > self.goal


def calls(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> float:
    """Return the median of ours/peer over rounds in which each runs once; the order alternates."""
    ours()
    peer()
    return _median([_pair(ours, peer, at % 2 == 0) for at in range(rounds)])


def processes(ours: Sequence[str], peer: Sequence[str], rounds: int) -> float:
    """Return the same for whole processes, as arguments of this Python."""

    def run(arguments: Sequence[str]) -> Callable[[], object]:
        return lambda: subprocess.run(
            [sys.executable, *arguments], check=True, capture_output=True, text=True
        )

    return calls(run(ours), run(peer), rounds)


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


def _median(ratios: list[float]) -> float:
    return statistics.median(ratios)
