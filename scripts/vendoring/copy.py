"""A wheel's packages as a copy inside a service: relative imports, licences, a manifest.

The copy needs no installation and no metadata: it works at any depth of packages, and twice in one
process in two versions. The manifest, `vendored.json`, lists what was copied:

    {"name": "blaxel-jobs", "version": "1.2.3", "wheel": "NAME.whl", "sha256": "<64 hex digits>",
     "http": "httpx", "files": {"blaxel_jobs/_client.py": "<64 hex digits>", ...}}
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from pathlib import Path, PurePosixPath
from typing import Any

from scripts.failure import PipelineError, Problem, refuse
from scripts.vendoring.http_library import CORES, imported, retargeted
from scripts.vendoring.relative_imports import made_relative

MANIFEST = "vendored.json"
_NAME = "blaxel-jobs"
_PACKAGES = {"blaxel_jobs", "blaxel_jobs_api"}
_PYDANTIC_MODELS = "blaxel_jobs_api/pydantic_models.py"
_INIT = '"""Vendored packages, listed in `vendored.json`. Do not edit them here."""\n'


@dataclass(frozen=True, slots=True)
class Vendored:
    """What a copy was before, None for a new one, and what it is now.

    `http` is the HTTP library that it imports, `files` how many files it has.
    """

    before: str | None
    version: str
    http: str | None
    files: int


def vendor(
    wheel: Path,
    destination: Path,
    *,
    force: bool = False,
    pydantic: bool = False,
    http: str | None = None,
) -> Vendored:
    """Put a wheel's packages into a folder of their own, or bring that up to date.

    All or nothing. The pydantic models come along where `pydantic` asks for them: checkers of types
    find errors in them where pydantic is not installed. `http` is the HTTP library that the copy is
    to import; None leaves it at that of the copy that is there, else of the wheel. Raises
    PipelineError where the wheel is not one of ours, the folder holds what is not, or, without
    `force`, files that were edited.
    """
    content, version = _read(wheel)
    if not pydantic:
        content.pop(_PYDANTIC_MODELS, None)
    old = _check_place(destination, force=force)
    modules = {name: data.decode() for name, data in content.items() if _is_module(name)}
    library = http or _library(old) or imported(modules)
    if library is not None:
        for name, text in modules.items():
            content[name] = retargeted(text, name, library).encode()
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    manifest = {
        "name": _NAME,
        "version": version,
        "wheel": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "http": library,
        "files": dict(sorted(digests.items())),
    }
    content[MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    _replace(destination, content)
    before = None if old is None else str(old["version"])
    return Vendored(before, version, library, len(digests))


def check(wheel: Path | None, destination: Path, *, http: str | None = None) -> str:
    """Return the version of a copy that is as it was vendored, of this wheel if one is given.

    And for the HTTP library `http`, if one is given.

    Raises PipelineError with each file that was edited, is missing or was added.
    """
    manifest = _manifest(destination)
    if manifest is None:
        hint = "vendor into it first"
        raise PipelineError("is not a vendored copy", file=str(destination), hint=hint)
    problems = _differences(destination, manifest)
    if wheel is not None:
        _, version = _read(wheel)
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != manifest["sha256"]:
            what = f"holds version {manifest['version']} of another wheel than {wheel.name}"
            hint = f"vendor again, to bring it to {version}"
            problems.append(Problem(what, str(destination), hint=hint))
    if http not in (None, _library(manifest)):
        what = f"was vendored for {_library(manifest)}, not for {http}"
        problems.append(Problem(what, str(destination), hint=f"vendor again with HTTP={http}"))
    refuse(problems)
    return str(manifest["version"])


def _library(manifest: dict[str, Any] | None) -> str | None:
    """Return the HTTP library of a copy; older manifests say none, and it was httpx."""
    library = None if manifest is None else manifest.get("http", "httpx")
    return library if library in CORES else None


def _is_module(name: str) -> bool:
    return name.endswith((".py", ".pyi"))


def _read(wheel: Path) -> tuple[dict[str, bytes], str]:
    """Return the files of a copy by path, and the version; the wheel is checked by its RECORD."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            files = {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise PipelineError("is not a wheel", file=str(wheel), hint="make build") from None
    info = {name.partition("/")[0] for name in files if ".dist-info/" in name}
    if len(info) != 1 or len(names) != len(files):
        raise PipelineError("is not a wheel", file=str(wheel), hint="make build")
    metadata = info.pop()
    _check_record(wheel, files, metadata)
    headers = BytesParser().parsebytes(files.get(f"{metadata}/METADATA", b""))
    if headers["Name"] != _NAME or not headers["Version"]:
        raise PipelineError(f"is a wheel of {headers['Name']}, not of {_NAME}", file=str(wheel))
    modules = {name: data for name, data in files.items() if not name.startswith(f"{metadata}/")}
    packages = {name.partition("/")[0] for name in modules}
    if packages != _PACKAGES:
        what = (
            f"holds {', '.join(sorted(packages)) or 'nothing'}, not {', '.join(sorted(_PACKAGES))}"
        )
        raise PipelineError(what, file=str(wheel))
    copy = {"__init__.py": _INIT.encode()}
    for name, data in modules.items():
        is_module = _is_module(name)
        try:
            text = data.decode() if is_module else ""
        except UnicodeDecodeError:
            raise PipelineError(f"holds {name}, which is not UTF-8", file=str(wheel)) from None
        copy[name] = made_relative(text, name, packages).encode() if is_module else data
    for name, data in files.items():
        if name.startswith(f"{metadata}/licenses/"):
            copy[f"licenses/{_NAME}/{name.removeprefix(f'{metadata}/licenses/')}"] = data
    return copy, str(headers["Version"])


def _check_record(wheel: Path, files: Mapping[str, bytes], metadata: str) -> None:
    """Raise PipelineError unless the RECORD lists each file, with the digest that it has."""
    record = f"{metadata}/RECORD"
    rows = csv.reader(io.StringIO(files.get(record, b"").decode("utf-8", "replace")))
    digests = {row[0]: row[1] for row in rows if len(row) == 3}
    problems = [
        Problem(f"lacks {name}, which its RECORD lists", str(wheel))
        for name in sorted(digests.keys() - files.keys())
    ]
    for name, data in files.items():
        parts = PurePosixPath(name).parts
        if name.startswith("/") or "\\" in name or ".." in parts or len(parts) < 2:
            problems.append(Problem(f"holds {name!r}, outside of its packages", str(wheel)))
        elif name != record:
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            if digests.get(name) != f"sha256={digest}":
                problems.append(Problem(f"holds a {name} that differs from its RECORD", str(wheel)))
    refuse(problems)


def _check_place(destination: Path, *, force: bool) -> dict[str, Any] | None:
    """Return the manifest of the copy that is there, None where nothing is."""
    place = str(destination)
    if destination.is_symlink():
        raise PipelineError("is a link, not a vendored copy", file=place)
    if not destination.exists():
        return None
    if not destination.is_dir():
        raise PipelineError("is a file, not a folder", file=place)
    manifest = _manifest(destination)
    if manifest is None:
        if any(destination.iterdir()):
            hint = "name a folder that is empty, or not there yet"
            raise PipelineError("is not a vendored copy", file=place, hint=hint)
        return None
    if not force and (problems := _differences(destination, manifest)):
        hint = "where they may be lost: --force (make vendor FORCE=1)"
        raise PipelineError.of([*problems, Problem("has local edits", place, hint=hint)])
    return manifest


def _manifest(destination: Path) -> dict[str, Any] | None:
    """Return the manifest of a copy, None where it is not a copy."""
    path = destination / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    is_ours = isinstance(manifest, dict) and manifest.get("name") == _NAME
    shape = {"version": str, "sha256": str, "files": dict}
    complete = is_ours and all(isinstance(manifest.get(k), kind) for k, kind in shape.items())
    return manifest if complete else None


def _differences(destination: Path, manifest: dict[str, Any]) -> list[Problem]:
    files: dict[str, str] = manifest["files"]
    there = {
        path.relative_to(destination).as_posix(): path
        for path in destination.rglob("*")
        if (path.is_file() or path.is_symlink()) and "__pycache__" not in path.parts
    }
    problems = []
    for name, digest in sorted(files.items()):
        if name not in there:
            problems.append(Problem("is missing", str(destination / name)))
        elif hashlib.sha256(there[name].read_bytes()).hexdigest() != digest:
            problems.append(Problem("was edited", str(destination / name)))
    for name in sorted(there.keys() - files.keys() - {MANIFEST}):
        problems.append(Problem("was added", str(destination / name)))
    return problems


def _replace(destination: Path, content: Mapping[str, bytes]) -> None:
    """Write a folder beside the destination, then swap the two."""
    destination = destination.absolute()
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".vendor-", dir=destination.parent) as beside:
        new, old = Path(beside, "new"), Path(beside, "old")
        for name, data in content.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if destination.exists():
            destination.rename(old)
        try:
            new.rename(destination)
        except OSError:
            if old.exists():
                old.rename(destination)
            raise
