"""`make build`: what is published, into dist/, all or nothing and the same bytes everywhere.

dist/ holds the wheel, the sdist, the bill of materials of the runtime dependencies, and build.json:

    {"version": "1.2.0", "commit": "<40 hex digits>" or null, "clean": true,
     "artefacts": {"NAME": {"sha256": "<64 hex digits>"}, ...}}

`clean` says that the checkout was just that commit when it was built.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from scripts import staging
from scripts.failure import PipelineError, Problem, refuse
from scripts.release import checkout, wheel
from scripts.release.bill_of_materials import bill_of_materials
from scripts.terminal.progress import Progress
from scripts.tools import program, run

VERSION_FILE = "overrides/blaxel_jobs/_version.py"
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
_EPOCH = "315532800"
"""1980-01-01, the earliest that a zip file can hold: the date of every file in the archives."""
_SDIST = {
    "overrides", "generated", "docs", "tests", "README.md", "CHANGELOG.md", "CONTRIBUTING.md",
    "SECURITY.md", "LICENSE", "pyproject.toml", "PKG-INFO",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Build:
    """What was built: file names below dist/ with their SHA-256 as hex digits."""

    version: str
    commit: str | None
    clean: bool
    artefacts: dict[str, dict[str, str]]


def version_of(root: Path) -> str:
    """Return the version of a checkout; raises PipelineError where it is not a literal."""
    found = _VERSION.search((root / VERSION_FILE).read_text(encoding="utf-8"))
    if found is None:
        hint = 'it needs one line: __version__ = "1.2.3"'
        raise PipelineError("has no version", file=VERSION_FILE, hint=hint)
    return found[1]


def build(root: Path, progress: Progress | None = None) -> Build:
    """Build into `root`/dist, and replace what was there when all of it is checked.

    Raises PipelineError where a tool fails or an artefact is not what it must be.
    """
    progress = progress or Progress()
    version = version_of(root)
    commit = checkout.commit(root)
    clean = commit is not None and not checkout.uncommitted(root)
    with staging.staged(root) as new:
        dist = new / "dist"
        dist.mkdir()
        with progress.step("building wheel and sdist"):
            _archives(root, dist)
        with progress.step("writing the bill of materials"):
            bill_of_materials(root, version, dist / f"blaxel_jobs-{version}.cdx.json")
        with progress.step("checking what was built"):
            _check(root, dist, version)
        artefacts = {
            path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in sorted(dist.iterdir())
        }
        built = Build(version, commit, clean, artefacts)
        text = json.dumps(asdict(built), indent=2)
        (dist / "build.json").write_text(f"{text}\n", encoding="utf-8")
        staging.replace(root, ("dist",))
    return built


def _archives(root: Path, dist: Path) -> None:
    """Build the sdist, and the wheel from the sdist, as an index's users would."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": _EPOCH, "PYTHONDONTWRITEBYTECODE": "1"}
    # The tools are pinned, locked and installed already: nothing is fetched.
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(root)]
    run(command, "the build failed", environment=environment)


def _check(root: Path, dist: Path, version: str) -> None:
    names = {path.name for path in dist.iterdir()}
    built = dist / f"blaxel_jobs-{version}-py3-none-any.whl"
    source = dist / f"blaxel_jobs-{version}.tar.gz"
    if not {built.name, source.name} <= names or len(names) != 3:
        raise PipelineError(f"unexpected files were built: {', '.join(sorted(names))}")
    wheel.check(built, root, version)
    _check_sdist(source)
    run(
        [program("twine"), "check", "--strict", built, source],
        "twine refuses the metadata",
        environment={**os.environ, "NO_COLOR": "1"},
    )


def _check_sdist(source: Path) -> None:
    with tarfile.open(source) as archive:
        tops = {PurePosixPath(member.name).parts[1] for member in archive.getmembers()}
    tops.discard(".gitignore")  # hatchling adds it where there is one
    faults = [f"holds {name}" for name in tops - _SDIST]
    faults += [f"lacks {name}" for name in _SDIST - tops]
    refuse(Problem(fault, source.name) for fault in sorted(faults))
