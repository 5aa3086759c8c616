"""The wheel: what is in it, what it needs, and that it is the same each time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from functools import partial
from pathlib import Path

import pytest

from tests import ROOT
from tests.conftest import MadeOnce


def build(into: Path, kind: str = "--wheel", source: Path = ROOT) -> Path:
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", kind, "--outdir", into, source],
        check=True,
        capture_output=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "315532800"},
    )
    (built,) = (path for path in into.iterdir() if path.suffix in (".whl", ".gz"))
    return built


@pytest.fixture(scope="session")
def wheel(made_once: MadeOnce) -> Path:
    (wheel,) = made_once("wheel", build).iterdir()
    return wheel


@pytest.fixture(scope="session")
def sdist(made_once: MadeOnce) -> Path:
    (sdist,) = made_once("sdist", partial(build, kind="--sdist")).iterdir()
    return sdist


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def metadata(wheel: Path) -> dict[str, list[str]]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        message = Parser().parsestr(archive.read(name).decode())
    return {key: message.get_all(key, []) for key in message}


def test_packages(wheel: Path) -> None:
    """Both import packages are there, and nothing of spec, scripts or tests."""
    tops = {name.split("/")[0] for name in names(wheel) if ".dist-info" not in name}
    assert tops == {"blaxel_jobs", "blaxel_jobs_api"}


@pytest.mark.parametrize(
    "name",
    [
        "blaxel_jobs/__init__.py",
        "blaxel_jobs/py.typed",
        "blaxel_jobs_api/py.typed",
        "blaxel_jobs_api/api/jobs/cancel_job_execution.py",
        "blaxel_jobs_api/pydantic_models.py",
    ],
)
def test_contains(wheel: Path, name: str) -> None:
    """Both packages are typed; the operation and the pydantic models are there."""
    assert name in names(wheel)


def test_runtime_dependencies(wheel: Path) -> None:
    """Installing it brings attrs, httpx and python-dateutil; the rest are extras."""
    required = metadata(wheel)["Requires-Dist"]
    plain = sorted(line.split(">")[0].split("<")[0] for line in required if "extra ==" not in line)
    assert plain == ["attrs", "httpx", "python-dateutil"]


def test_command(wheel: Path) -> None:
    """The operator's command is installed as `blaxel-jobs`."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("/entry_points.txt"))
        lines = archive.read(name).decode().split("\n")
    assert "blaxel-jobs = blaxel_jobs._command.main:main" in lines


def test_licence(wheel: Path) -> None:
    """The licence is named, and its text is there."""
    assert metadata(wheel)["License-Expression"] == ["MIT"]
    assert any(name.endswith("/licenses/LICENSE") for name in names(wheel))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_reproducible_sdist(sdist: Path, tmp_path: Path) -> None:
    """Building it twice gives the same bytes."""
    assert digest(build(tmp_path, "--sdist")) == digest(sdist)


def test_wheel_from_sdist(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """The sdist alone gives the very same wheel, and so does building it twice."""
    unpacked = tmp_path / "unpacked"
    subprocess.run(
        [sys.executable, "-m", "tarfile", "-e", str(sdist), str(unpacked)],
        check=True,
        capture_output=True,
    )
    (source,) = unpacked.iterdir()
    (tmp_path / "wheel").mkdir()
    assert digest(build(tmp_path / "wheel", "--wheel", source)) == digest(wheel)
