"""The Python API of two checkouts compared: what callers may import, call and read.

griffe finds what breaks; what is new, and so asks for a minor version, shows in the names alone.
"""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import griffe

from scripts.comparison.change import Bump
from scripts.failure import PipelineError

_PACKAGES = {"blaxel_jobs": "overrides", "blaxel_jobs_api": "generated"}
_MODELS = "blaxel_jobs_api.models"
"""Classes are imported from this package: which of its modules holds one is its own affair."""

PythonChange = tuple[Bump, str]
"""One thing that changed: major or minor, and a sentence that begins with its dotted name."""


def compare_with_tag(root: Path, tag: str) -> list[PythonChange]:
    """Compare the import packages below `root` with those of a tag."""
    command = ["git", "-C", str(root), "archive", tag, "--", *_PACKAGES.values()]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise PipelineError(f"{tag} cannot be read", hint=done.stderr.decode(errors="replace"))
    with TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
        return compare(Path(folder), root)


def compare(old: Path, new: Path) -> list[PythonChange]:
    """Compare the import packages of two checkouts, without importing them."""
    return sorted(
        {
            change
            for package, folder in _PACKAGES.items()
            for change in _changes(_modules(old / folder, package), _modules(new / folder, package))
        }
    )


def _changes(
    old: dict[str, griffe.Module], new: dict[str, griffe.Module]
) -> Iterator[PythonChange]:
    for path in old.keys() - new.keys():
        package = path.rpartition(".")[0]
        classes = {one for one, member in old[path].members.items() if member.is_class}
        if package == _MODELS and package in new and classes <= new[package].members.keys():
            continue  # another name for an equal class, which a module of its own holds
        yield "major", f"{path}: the module was removed"
    for path in new.keys() - old.keys():
        yield "minor", f"{path}: the module is new"
    for path in old.keys() & new.keys():
        # Module by module: of a package, griffe goes into those alone that `__all__` names.
        for breakage in griffe.find_breaking_changes(old[path], new[path]):
            if breakage.obj.path in old and breakage.obj.path not in new:
                continue  # a module, which was dealt with above
            what = breakage.kind.value
            yield "major", f"{breakage.obj.path}: {what[0].lower()}{what[1:]}"
        before = _names(old[path])
        for name in _names(new[path]) - before:
            owner = name.rpartition(".")[0]
            if owner == path or owner in before:  # what a new class has is not listed one by one
                yield "minor", f"{name}: is new"


def _modules(folder: Path, package: str) -> dict[str, griffe.Module]:
    """Return the public modules of a package by path, the package itself among them."""
    if not (folder / package).is_dir():
        return {}
    loaded = griffe.load(
        package, search_paths=[folder], resolve_aliases=True, allow_inspection=False
    )
    assert isinstance(loaded, griffe.Module)
    return dict(_walk(loaded))


def _walk(module: griffe.Module) -> Iterator[tuple[str, griffe.Module]]:
    yield module.path, module
    for name, member in module.members.items():
        if isinstance(member, griffe.Module) and not name.startswith("_"):
            yield from _walk(member)


def _names(module: griffe.Module) -> set[str]:
    """Return the public names of a module: its own, and those of its public classes."""
    found = set()
    for name, member in module.members.items():
        if not member.is_public or (not member.is_alias and member.is_module):
            continue
        path = f"{module.path}.{name}"
        found.add(path)
        try:
            if member.is_class:
                found |= {f"{path}.{n}" for n, m in member.all_members.items() if m.is_public}
        except griffe.AliasResolutionError:
            continue  # a name of another library
    return found
