"""Has anything changed since the last run? Then there is something to produce, else nothing.

A fingerprint is made of the content of every file that a run reads or writes, the pipeline's own
source among them, and of the versions that decide the bytes: Python's and the generators'. Times of
change play no part, so that a clone, a checkout or a `touch` cannot lie.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

__all__ = ["fingerprint", "is_current", "remember"]

_INPUTS = ("spec", "scripts", "generated", "requirements/dev.in", "generator-config.yaml")
_KEPT = ".generated"
"""Where the fingerprint after the last run is kept, below the root; git ignores it."""


def is_current(root: Path, tools: Sequence[str]) -> bool:
    """Tell whether a run would find all as the last one left it."""
    try:
        kept = (root / _KEPT).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False
    return kept == fingerprint(root, tools)


def remember(root: Path, tools: Sequence[str]) -> None:
    """Keep the fingerprint of what a run left."""
    new = root / f"{_KEPT}.new"
    new.write_text(fingerprint(root, tools), encoding="ascii")
    new.replace(root / _KEPT)


def fingerprint(root: Path, tools: Sequence[str]) -> str:
    """Return the fingerprint of a checkout and of the versions of these tools, as hex digits."""
    digest = hashlib.sha256(sys.version.encode())
    for tool in tools:
        digest.update(f"{tool} {_version(tool)}\n".encode())
    for path in _files(root):
        content = path.read_bytes()
        name = path.relative_to(root).as_posix()
        # Lengths, so that no byte can move from one file to the next.
        digest.update(f"{len(name)} {name} {len(content)}\n".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def _version(tool: str) -> str:
    try:
        return metadata.version(tool)
    except metadata.PackageNotFoundError:
        return "missing"


def _files(root: Path) -> Iterator[Path]:
    for name in _INPUTS:
        place = root / name
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)
