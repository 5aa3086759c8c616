"""Produced files: written beside, compared, then renamed into place, all or nothing.

A run writes everything below `.staging/new`. Once it is complete, a journal names what is to be
replaced, and only then are the old files moved aside and the new ones moved in. A run that is
killed before the journal has changed nothing; one that is killed after it is completed by the next
run, before that does anything else.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.failure import PipelineError

_STAGING, _NEW, _OLD, _JOURNAL = ".staging", "new", "old", "journal.json"


@dataclass(frozen=True, slots=True)
class Change:
    """What a run does to one file: its path below the root, and how many lines come and go."""

    path: str
    what: str
    """added, changed or removed"""
    lines_added: int
    lines_removed: int

    def __str__(self) -> str:
        return f"{self.what:8}{self.path}  +{self.lines_added} -{self.lines_removed}"


def write(files: Mapping[Path, str]) -> None:
    """Write single files: all beside their places first, then each renamed into its place.

    Raises PipelineError where a file cannot be written; then none has been replaced.
    """
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    try:
        for path, text in files.items():
            beside[path].write_text(text, encoding="utf-8")
        for path, temporary in beside.items():
            temporary.replace(path)
    except OSError as error:
        raise PipelineError(
            f"cannot be written: {error.strerror}",
            file=error.filename2 or error.filename,
            hint="does the folder exist, and may you write there?",
        ) from None
    finally:
        for temporary in beside.values():
            temporary.unlink(missing_ok=True)


@contextmanager
def staged(root: Path) -> Iterator[Path]:
    """Yield an empty folder to produce into, laid out like `root`.

    Completes what a killed run left behind, and raises PipelineError while another run is at work.
    """
    lock = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PipelineError(
                "another run is generating in this checkout", hint="wait until it has ended"
            ) from None
        _complete(root)
        new = root / _STAGING / _NEW
        new.mkdir(parents=True)
        try:
            yield new
        finally:
            if not (root / _STAGING / _JOURNAL).exists():
                shutil.rmtree(root / _STAGING, ignore_errors=True)
    finally:
        os.close(lock)


def replace(root: Path, targets: Sequence[str]) -> list[Change]:
    """Move each target (a file or folder, named below `root`) from the staging folder into place.

    Call it inside `staged`, when everything is produced. Returns what has changed. Targets that
    would not change stay untouched. Raises PipelineError where a target has not been produced: a
    run never removes one.
    """
    for target in targets:
        if not (root / _STAGING / _NEW / target).exists():
            raise PipelineError("was not produced", file=target, hint="this is a bug in scripts/")
    found = {target: changes(root, [target]) for target in targets}
    differing = [target for target in targets if found[target]]
    if not differing:
        return []
    staging = root / _STAGING
    temporary = staging / f"{_JOURNAL}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(differing, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(staging / _JOURNAL)  # from here on, the run counts as done
    _complete(root)
    return [change for target in targets for change in found[target]]


def changes(root: Path, targets: Sequence[str]) -> list[Change]:
    """Return what replacing the targets would change, file by file."""
    found = []
    for target in targets:
        before = _contents(root, root / target)
        after = _contents(root / _STAGING / _NEW, root / _STAGING / _NEW / target)
        for path in sorted(before.keys() | after.keys()):
            old, new = before.get(path), after.get(path)
            if old != new:
                what = "added" if old is None else "removed" if new is None else "changed"
                found.append(Change(path, what, *lines_changed(old or b"", new or b"")))
    return found


def _complete(root: Path) -> None:
    """Do what the journal still asks for, and clear the staging folder."""
    staging = root / _STAGING
    if (staging / _JOURNAL).exists():
        for target in json.loads((staging / _JOURNAL).read_text(encoding="utf-8")):
            new, place, old = staging / _NEW / target, root / target, staging / _OLD / target
            if not new.exists():
                continue  # moved before the run was killed; `replace` saw to it that it was there
            if place.exists():
                old.parent.mkdir(parents=True, exist_ok=True)
                if old.exists():
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
                if place.is_dir():
                    place.rename(old)  # a folder cannot be replaced in one step
            place.parent.mkdir(parents=True, exist_ok=True)
            new.replace(place)
        (staging / _JOURNAL).unlink()
    shutil.rmtree(staging, ignore_errors=True)


def _contents(base: Path, place: Path) -> dict[str, bytes]:
    """Return the bytes of a file, or of all files below a folder, by path below `base`."""
    if place.is_file():
        return {place.relative_to(base).as_posix(): place.read_bytes()}
    return {
        path.relative_to(base).as_posix(): path.read_bytes()
        for path in sorted(place.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def lines_changed(old: bytes | str, new: bytes | str) -> tuple[int, int]:
    """Return how many lines are added and removed; one that moved is neither.

    difflib would take a quarter of a minute where a contract of 10,000 lines is another altogether.
    """
    before, after = Counter[bytes | str](old.splitlines()), Counter[bytes | str](new.splitlines())
    return (after - before).total(), (before - after).total()
