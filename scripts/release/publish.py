"""`make publish`: what `make build` built goes to an index, once and unchanged."""

from __future__ import annotations

import hashlib
import json
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.failure import PipelineError, Problem, refuse
from scripts.release import checkout
from scripts.release.build import version_of
from scripts.release.package_index import index_of
from scripts.terminal.progress import Progress

_PROJECT = "blaxel-jobs"


@dataclass(frozen=True, slots=True)
class Published:
    """What was uploaded, and what the index had already, byte for byte."""

    version: str
    uploaded: tuple[str, ...]
    skipped: tuple[str, ...]


def publish(
    root: Path, settings: Mapping[str, str], index: str | None, progress: Progress | None = None
) -> Published:
    """Upload wheel and sdist of `root`/dist to the index that the settings name.

    Raises PipelineError before anything is uploaded where the checkout has uncommitted changes, the
    build is missing or not of this commit, or the version has no tag or is taken.
    """
    progress = progress or Progress()
    target = index_of(settings, index)
    version, files = _build(root)
    _check_release(root, version)
    with progress.step("asking the index what it has"):
        there = target.published(_PROJECT)
    missing, same = [], []
    for path, digest in files.items():
        if path.name not in there:
            missing.append(path)
        elif there[path.name] == digest:
            same.append(path.name)
        else:
            raise PipelineError(
                f"the index has other bytes under this name: version {version} is taken",
                file=path.name, hint="a version never changes: make release, make build",
            )  # fmt: skip
    if missing:
        with progress.step("uploading"), tempfile.NamedTemporaryFile() as nothing:
            target.upload(missing, Path(nothing.name))
    return Published(version, tuple(path.name for path in missing), tuple(same))


def _build(root: Path) -> tuple[str, dict[Path, str]]:
    """Return the version that was built, and the files to upload with their SHA-256."""
    checkout.refuse_uncommitted(root)
    record = root / "dist/build.json"
    if not record.is_file():
        raise PipelineError("nothing is built", file="dist/build.json", hint="make build")
    try:
        built: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        version, commit, clean = str(built["version"]), built["commit"], built["clean"]
        artefacts = {str(name): str(one["sha256"]) for name, one in built["artefacts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "make build"
        raise PipelineError("not what a build leaves", file="dist/build.json", hint=hint) from None
    if commit != checkout.commit(root) or not clean or version != version_of(root):
        raise PipelineError("the build is not of this commit", file="dist", hint="make build")
    _check_files(root / "dist", artefacts)
    wanted = {root / "dist" / name: digest for name, digest in artefacts.items()}
    return version, {
        path: digest for path, digest in wanted.items() if path.suffix in (".whl", ".gz")
    }


def _check_files(dist: Path, artefacts: dict[str, str]) -> None:
    problems = []
    for name in sorted({path.name for path in dist.iterdir()} - {"build.json", *artefacts}):
        problems.append(Problem("is not from this build", f"dist/{name}", hint="make build"))
    for name, digest in artefacts.items():
        path = dist / name
        if not path.is_file():
            problems.append(Problem("is missing", f"dist/{name}", hint="make build"))
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            problems.append(
                Problem("has changed since it was built", f"dist/{name}", hint="make build")
            )
    refuse(problems)


def _check_release(root: Path, version: str) -> None:
    """Refuse a version that was not released, and files that have changed since it was."""
    tag = f"v{version}"
    if not checkout.git(root, "tag", "--list", tag).strip():
        raise PipelineError(
            f"version {version} is not released: there is no tag {tag}",
            hint="make release sets it, git fetch --tags fetches one that was set elsewhere",
        )
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    published = project["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    changed = checkout.git(root, "diff", "--name-only", tag, "HEAD", "--", *published).split()
    if changed:
        raise PipelineError(
            f"the package has changed since {tag}, and its version has not",
            hint=f"make release, or git checkout {tag}, then make build; changed: "
            + ", ".join(changed[:10]),
        )
