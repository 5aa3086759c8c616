"""What the wheel must hold, and must not."""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Iterator
from configparser import ConfigParser
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from scripts.failure import Problem, refuse

_SUFFIXES = (".py", ".pyi", "/py.typed")


def check(wheel: Path, root: Path, version: str) -> None:
    """Compare a wheel with the checkout it was built from; raises PipelineError with all faults."""
    with (root / "pyproject.toml").open("rb") as file:
        configured = tomllib.load(file)
    packages = configured["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    project = configured["project"]
    with zipfile.ZipFile(wheel) as archive:
        faults = [
            *_contents(archive, [root / package for package in packages]),
            *_licences(archive, project, root),
            *_metadata(archive, project, version),
        ]
    refuse(Problem(fault, wheel.name) for fault in faults)


def _contents(archive: zipfile.ZipFile, packages: list[Path]) -> Iterator[str]:
    """Each package as it stands in the checkout, and nothing else beside the metadata."""
    there = {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}
    expected = {
        path.relative_to(package.parent).as_posix(): path
        for package in packages
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in sorted(there - expected.keys()):
        yield f"holds {name}, which is in neither package"
    for name in sorted(there):
        if not name.endswith(_SUFFIXES):
            yield f"holds {name}, which is no Python module"
    for name, path in expected.items():
        if name not in there:
            yield f"lacks {name}"
        elif archive.read(name) != path.read_bytes():
            yield f"holds another {name} than the checkout"
    for package in packages:
        if f"{package.name}/py.typed" not in there:
            yield f"lacks {package.name}/py.typed"


def _licences(archive: zipfile.ZipFile, project: dict[str, Any], root: Path) -> Iterator[str]:
    folder = _dist_info(archive)
    for licence in project["license-files"]:
        name = f"{folder}/licenses/{licence}"
        if name not in archive.namelist():
            yield f"lacks the licence {licence}"
        elif archive.read(name) != (root / licence).read_bytes():
            yield f"holds another {licence} than the checkout"


def _metadata(archive: zipfile.ZipFile, project: dict[str, Any], version: str) -> Iterator[str]:
    folder = _dist_info(archive)
    message = BytesParser().parsebytes(archive.read(f"{folder}/METADATA"))
    for key, expected in (
        ("Name", project["name"]),
        ("Version", version),
        ("Summary", project["description"]),
        ("Requires-Python", project["requires-python"]),
        ("License-Expression", project["license"]),
    ):
        if message[key] != expected:
            yield f"its metadata has {key}: {message[key]}, not {expected}"
    extras = project["optional-dependencies"]
    if set(message.get_all("Provides-Extra", [])) != set(extras):
        yield "its extras are not those of pyproject.toml"
    required = {_normal(line) for line in project["dependencies"]} | {
        _normal(f"{line}; extra == '{extra}'") for extra, lines in extras.items() for line in lines
    }
    found = {_normal(line) for line in message.get_all("Requires-Dist", [])}
    for line in sorted(required ^ found):
        yield f"its metadata {'asks for' if line in found else 'lacks'} {line}"
    scripts = ConfigParser()
    # Names as they are written; assigning it is how configparser's documentation says to do it.
    scripts.optionxform = str  # type: ignore[assignment, method-assign]
    if f"{folder}/entry_points.txt" in archive.namelist():
        scripts.read_string(archive.read(f"{folder}/entry_points.txt").decode("utf-8"))
    there = dict(scripts["console_scripts"]) if scripts.has_section("console_scripts") else {}
    if there != project["scripts"]:
        yield f"installs the commands {there}, not {project['scripts']}"


def _normal(line: str) -> str:
    """Return a requirement in one spelling."""
    requirement = Requirement(line)
    requirement.name = requirement.name.lower()
    return str(requirement)


def _dist_info(archive: zipfile.ZipFile) -> str:
    (folder,) = {
        name.split("/")[0]
        for name in archive.namelist()
        if name.split("/")[0].endswith(".dist-info")
    }
    return folder
