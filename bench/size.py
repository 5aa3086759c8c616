"""What an installation brings besides httpx and what that needs."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bench.peers import ROOT
from bench.row import Row

__all__ = ["rows"]

_VENDOR = "vendor's SDK"


def rows() -> list[Row]:
    """Add up what stands in environments of locked versions: runtime.txt and peers.txt."""
    runtime, peers = (_installed(name) for name in ("runtime", "peers"))
    httpx = _needed(runtime, ["httpx"])
    ours = _needed(runtime, ["attrs", "httpx", "python-dateutil"]) - httpx
    vendor = _needed(peers, ["blaxel"]) - _needed(peers, ["httpx"])
    own = sum(
        path.stat().st_size
        for folder in ("overrides/blaxel_jobs", "generated/blaxel_jobs_api")
        for path in (ROOT / folder).rglob("*.py")
    )
    size = (own + _bytes(runtime[name] for name in ours)) / 1e6
    brought = f"itself, {', '.join(sorted(ours))}"
    return [
        Row("installed size beyond httpx's own", size, 2.0, unit=" MB",
            peers={_VENDOR: _bytes(peers[name] for name in vendor) / 1e6}),
        Row("distributions beyond httpx's own", len(ours) + 1, 3, brought, unit="",
            peers={_VENDOR: len(vendor)}),
    ]  # fmt: skip


def _installed(name: str) -> dict[str, Distribution]:
    """Return the distributions of an environment of ours, by normalized name."""
    (packages,) = (ROOT / f".venv-{name}").glob("lib/python*/site-packages")
    return {canonicalize_name(one.name): one for one in distributions(path=[str(packages)])}


def _needed(installed: dict[str, Distribution], names: Iterable[str]) -> set[str]:
    """Return the distributions that some need, themselves included."""
    found: set[str] = set()
    waiting = [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name in found or name not in installed:
            continue
        found.add(name)
        for text in installed[name].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(requirement.name))
    return found


def _bytes(found: Iterable[Distribution]) -> int:
    """Return the size of all files that distributions brought, compiled ones aside."""
    places = (Path(str(file.locate())) for one in found for file in one.files or ())
    return sum(
        place.stat().st_size for place in places if place.is_file() and place.suffix != ".pyc"
    )
