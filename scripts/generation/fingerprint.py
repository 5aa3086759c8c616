"""Has anything changed since the last run? Then there is something to produce, else nothing.

A fingerprint is made of the content of every file that a run reads or writes, the pipeline's own
source among them, and of the versions of Python and of all that is installed beside it. Times of
change play no part, so that a clone, a checkout or a `touch` cannot lie.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts import tools
from scripts.failure import Problem

_PLACES = ("spec", "scripts", "generated", "requirements/dev.in", "generator-config.yaml")
_PRODUCED = ("spec/openapi.yaml", "spec/REPORT.md", "spec/names.yaml", "generated/")
_KEPT = ".generated"
"""Where the fingerprint after the last run is kept, below the root; git ignores it."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """In hex digits: of a checkout and what is installed, with what a run writes and without."""

    everything: str
    inputs: str


def of(root: Path) -> Fingerprint:
    """Return the fingerprint of what is there now."""
    inputs = hashlib.sha256("\n".join([sys.version, *tools.installed()]).encode())
    produced = hashlib.sha256()
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        content = path.read_bytes()
        digest = produced if name.startswith(_PRODUCED) else inputs
        # Lengths, so that no byte can move from one file to the next.
        digest.update(f"{len(name)} {name} {len(content)}\n".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return Fingerprint(inputs.hexdigest() + produced.hexdigest(), inputs.hexdigest())


def last_notices(root: Path, now: Fingerprint) -> list[Problem] | None:
    """Return what the last run gave notice of, None where a run would not find all as it left it.

    A notice is to be seen in every run, also in one that has nothing to do.
    """
    try:
        kept, notices = json.loads((root / _KEPT).read_text(encoding="utf-8"))
        found = [Problem(**notice) for notice in notices]
    except (OSError, ValueError, TypeError):
        return None
    return found if kept == now.everything else None


def remember(root: Path, before: Fingerprint, notices: Iterable[Problem] = ()) -> None:
    """Keep the fingerprint of what a run left; `before` is the one from before it read anything.

    Inputs that were edited while it ran are not in what it produced, so then nothing is kept.
    """
    after = of(root)
    if after.inputs != before.inputs:
        return
    new = root / f"{_KEPT}.new"
    kept = [after.everything, [asdict(notice) for notice in notices]]
    new.write_text(json.dumps(kept), encoding="utf-8")
    new.replace(root / _KEPT)


def _files(root: Path) -> Iterator[Path]:
    for name in _PLACES:
        place = root / name
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)
