"""What one cancel costs, and a thousand."""

from __future__ import annotations

import math

from bench.pairs import Ratio
from bench.peers import OTHERS, Peers, ratios, running
from bench.row import Row
from bench.server import connections, serving

__all__ = ["rows"]

_RAW, _OURS = "httpx", "blaxel_jobs"
_RAW2, _OURS2 = "httpx2", "blaxel_jobs on httpx2"
_SETTINGS = (_RAW, "httpx, all connections kept", "httpx, none kept")
"""Raw httpx by the limits of its pool; which one is best depends on the server."""


def rows(peers: Peers, rounds: int, crowd: int) -> list[Row]:
    """Compare with raw httpx and a client that is used again, in the same rounds.

    `crowd` is how many async cancels are made of which 100 are in flight.
    """
    few = max(2, rounds // 4)
    with serving() as url, running(peers, url, (_RAW, _OURS, *OTHERS)) as processes:
        sync, asynchronous, cpu, async_cpu = (
            ratios(processes, _RAW, deed, count, 3 * rounds)
            for deed, count in (("sync", 100), ("async", 100), ("cpu", 500), ("acpu", 500))
        )
        many = ratios(processes, _RAW, "many", crowd, few)
    with serving() as url, running(peers, url, (_RAW, _OURS)) as processes:
        hooked = ratios(processes, _RAW, "hooked", 100, 3 * rounds)
    with serving() as url, running(peers, url, (_RAW2, _OURS2)) as processes:
        on_httpx2 = {
            deed: ratios(processes, _RAW2, deed, count, rounds)[_OURS2]
            for deed, count in (("sync", 100), ("async", 100), ("cpu", 500))
        }
    with serving(0.05) as url, running(peers, url, (*_SETTINGS, _OURS)) as processes:
        slow = _over_best(ratios(processes, _RAW, "many", crowd, few))
    return [
        _row("one cancel over loopback, sync, over raw httpx with r.json()", sync, 0.8),
        _row("the same, async", asynchronous, 0.8),
        _row("the same, sync, with a hook on httpx, over raw httpx with it", hooked, 1.0),
        _row("CPU of one cancel, in-process transport, over raw httpx", cpu, 0.6),
        _row("the same, async", async_cpu, 0.6,
             "a twelfth is the scope that keeps its time, which raw httpx does not have"),
        Row("one cancel on httpx2, sync, over raw httpx2", on_httpx2["sync"], None),
        Row("the same, async", on_httpx2["async"], None),
        Row("CPU of one cancel on httpx2, over raw httpx2", on_httpx2["cpu"], None),
        _row(f"throughput of {crowd:,} async cancels, 100 in flight, over raw httpx's defaults",
             _inverse(many), 1.5, at_least=True),
        _row("the same with a server that takes 50 ms, over raw httpx at its best",
             _inverse(slow), 1.0, at_least=True),
        *_in_threads(peers, few, 16, 1.2),
        *_in_threads(peers, few, 48, 1.5),
    ]  # fmt: skip


def _in_threads(peers: Peers, rounds: int, threads: int, goal: float) -> list[Row]:
    """Compare `cancel_many` of sync code with raw httpx in as many threads."""
    cancels, delay, deed = 600, 0.02, f"threads{threads}"
    with serving(delay) as url, running(peers, url, (*_SETTINGS, _OURS)) as processes:
        found = _over_best(ratios(processes, _RAW, deed, cancels, rounds))
        raw = [seconds for name in _SETTINGS if (seconds := processes[name].seconds(deed, cancels))]
    most = min(raw) / (math.ceil(cancels / threads) * delay)
    with serving(delay) as url, running(peers, url, (_OURS,)) as processes:
        processes[_OURS].seconds(deed, cancels)
        made = connections(url)
    what = f"throughput of {cancels} sync cancels in {threads} threads, a server that takes 20 ms"
    return [
        _row(f"{what}, over raw httpx at its best", _inverse(found), goal,
             f"by its 20 ms, the server allows {most:.2f}x at most", at_least=True),
        Row("connections that they made", made, threads, unit=""),
    ]  # fmt: skip


def _over_best(found: dict[str, Ratio | None]) -> dict[str, Ratio | None]:
    """Return the ratios over the raw client whose limits fit best."""
    best = min(one for name in _SETTINGS if (one := found[name]) is not None)
    return {name: None if one is None else one.over(best) for name, one in found.items()}


def _row(
    what: str,
    found: dict[str, Ratio | None],
    goal: float,
    note: str = "",
    *,
    at_least: bool = False,
) -> Row:
    others = {name: found[name] for name in OTHERS if found.get(name) is not None}
    return Row(what, found[_OURS], goal, note, at_least=at_least, peers=others)


def _inverse(found: dict[str, Ratio | None]) -> dict[str, Ratio | None]:
    return {name: None if one is None else one.inverse() for name, one in found.items()}
