"""What one cancel costs, and a thousand."""

from __future__ import annotations

from bench.peers import OTHERS, Peers, ratios, running
from bench.row import Row
from bench.server import serving

__all__ = ["rows"]

_RAW, _OURS = "httpx", "blaxel_jobs"
_RAW2, _OURS2 = "httpx2", "blaxel_jobs on httpx2"
_SETTINGS = (_RAW, "httpx, all connections kept", "httpx, none kept")
"""Raw httpx by the limits of its pool; which one is best depends on the server."""


def rows(peers: Peers, rounds: int) -> list[Row]:
    """Compare with raw httpx and a client that is used again, in the same rounds."""
    few = max(3, rounds // 4)
    with serving() as url, running(peers, url, (_RAW, _OURS, *OTHERS)) as processes:
        sync, asynchronous, cpu = (
            ratios(processes, _RAW, deed, count, 3 * rounds)
            for deed, count in (("sync", 100), ("async", 100), ("cpu", 500))
        )
        many = ratios(processes, _RAW, "many", 1000, few)
    with serving() as url, running(peers, url, (_RAW2, _OURS2)) as processes:
        on_httpx2 = {
            deed: ratios(processes, _RAW2, deed, count, rounds)[_OURS2]
            for deed, count in (("sync", 100), ("async", 100), ("cpu", 500))
        }
    with serving(0.05) as url, running(peers, url, (*_SETTINGS, _OURS)) as processes:
        slow = ratios(processes, _RAW, "many", 1000, few)
    best = min(one for name in _SETTINGS if (one := slow[name]) is not None)
    slow = {name: None if one is None else one / best for name, one in slow.items()}
    return [
        _row("one cancel over loopback, sync, over raw httpx with r.json()", sync, 0.95),
        _row("the same, async", asynchronous, 0.95),
        _row("CPU of one cancel, in-process transport, over raw httpx", cpu, 1.0),
        Row("one cancel on httpx2, sync, over raw httpx2", on_httpx2["sync"], 0.95),
        Row("the same, async", on_httpx2["async"], 0.95),
        Row("CPU of one cancel on httpx2, over raw httpx2", on_httpx2["cpu"], 1.0),
        _row("throughput of 1,000 async cancels, 100 in flight, over raw httpx's defaults",
             _inverse(many), 1.5, at_least=True),
        _row("the same with a server that takes 50 ms, over raw httpx at its best",
             _inverse(slow), 1.0, at_least=True),
    ]  # fmt: skip


def _row(what: str, found: dict[str, float | None], goal: float, *, at_least: bool = False) -> Row:
    others = {name: found[name] for name in OTHERS if found.get(name) is not None}
    return Row(what, found[_OURS], goal, at_least=at_least, peers=others)


def _inverse(found: dict[str, float | None]) -> dict[str, float | None]:
    return {name: None if one is None else 1 / one for name, one in found.items()}
