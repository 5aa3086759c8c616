"""Interleaved comparison: only ratios of runs that stand side by side mean anything."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Self

__all__ = ["Ratio", "calls", "net", "rounds_of"]


class Ratio(float):
    """The median of a ratio's rounds; half of them lie between `low` and `high`."""

    low: float
    high: float

    @classmethod
    def of(cls, rounds: Iterable[float]) -> Self:
        """Sum up some rounds, two at least."""
        values = list(rounds)
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls._made(statistics.median(values), low, high)

    def inverse(self) -> Self:
        """Return the ratio of throughput, where this one is of time."""
        return self._made(1 / self, 1 / self.high, 1 / self.low)

    def over(self, other: float) -> Self:
        """Return the ratio over another base, whose own ratio is `other`."""
        return self._made(self / other, self.low / other, self.high / other)

    @classmethod
    def _made(cls, median: float, low: float, high: float) -> Self:
        made = cls(median)
        made.low, made.high = low, high
        return made


def calls(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> Ratio:
    """Return ours/peer over rounds in which each runs once; the order alternates."""
    return Ratio.of(own / other for own, other in rounds_of((ours, peer), rounds))


def net(
    ours: Callable[[], object],
    peer: Callable[[], object],
    nothing: Callable[[], object],
    rounds: int,
) -> Ratio:
    """Return the same, less what `nothing` takes, which both do as well."""
    found = rounds_of((ours, peer, nothing), rounds)
    return Ratio.of((own - least) / (other - least) for own, other, least in found)


def rounds_of(
    runs: Sequence[Callable[[], object]], rounds: int, *, warm: bool = False
) -> list[list[float]]:
    """Return the seconds of each run in each round, after one that is not counted unless `warm`."""
    found = []
    for turn in range(rounds + (not warm)):
        order = range(len(runs)) if turn % 2 else reversed(range(len(runs)))
        seconds = {at: _seconds(runs[at]) for at in order}
        found.append([seconds[at] for at in range(len(runs))])
    return found[-rounds:]


def _seconds(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun
