"""Has anything changed since the last run? Then there is something to produce, else nothing.

A fingerprint is made of the content of every file that a run reads or writes, the pipeline's own
source among them, and of the versions of Python and of all that is installed beside it. Times of
change play no part, so that a clone, a checkout or a `touch` cannot lie.
"""

from __future__ import annotations

import hashlib
import json
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from scripts.failure import Problem

__all__ = ["last_notices", "of_inputs", "remember"]

_PLACES = ("spec", "scripts", "generated", "requirements/dev.in", "generator-config.yaml")
_PRODUCED = ("spec/openapi.yaml", "spec/REPORT.md", "spec/names.yaml", "generated/")
_KEPT = ".generated"
"""Where the fingerprint after the last run is kept, below the root; git ignores it."""


def last_notices(root: Path) -> list[Problem] | None:
    """Return what the last run gave notice of, None where a run would not find all as it left it.

    A notice is to be seen in every run, also in one that has nothing to do.
    """
    try:
        kept, notices = json.loads((root / _KEPT).read_text(encoding="utf-8"))
        found = [Problem(**notice) for notice in notices]
    except (OSError, ValueError, TypeError):
        return None
    return found if kept == _fingerprint(root) else None


def of_inputs(root: Path) -> str:
    """Return the fingerprint of what a run that begins now will read."""
    return _fingerprint(root, without=_PRODUCED)


def remember(root: Path, read: str, notices: Iterable[Problem] = ()) -> None:
    """Keep the fingerprint of what a run left that began when `of_inputs` was `read`.

    Inputs that were edited while it ran are not in what it produced, so then nothing is kept.
    """
    found = _fingerprint(root)
    if of_inputs(root) != read:
        return
    new = root / f"{_KEPT}.new"
    new.write_text(json.dumps([found, [asdict(notice) for notice in notices]]), encoding="utf-8")
    new.replace(root / _KEPT)


def _fingerprint(root: Path, without: tuple[str, ...] = ()) -> str:
    """Return the fingerprint of a checkout and of what is installed, as hex digits."""
    digest = hashlib.sha256("\n".join([sys.version, *_installed()]).encode())
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        if without and name.startswith(without):
            continue
        content = path.read_bytes()
        # Lengths, so that no byte can move from one file to the next.
        digest.update(f"{len(name)} {name} {len(content)}\n".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def _installed() -> list[str]:
    """Return `NAME-VERSION.dist-info` of each distribution, the generators and their own needs.

    Names of folders: to read each one's metadata would take longer than all else here.
    """
    folder = Path(sysconfig.get_path("purelib"))
    return sorted(path.name for path in folder.glob("*.dist-info"))


def _files(root: Path) -> Iterator[Path]:
    for name in _PLACES:
        place = root / name
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)
