"""The documented configuration of pip and uv keeps a hostile package of the same name out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.delivery.index_server import IndexServer, serving_index

UV = ROOT / ".tools/bin/uv"
PAGE = (ROOT / "docs/installing.md").read_text(encoding="utf-8")
HOSTILE = "99.0.0"


@pytest.fixture
def internal(built: Path, tmp_path: Path) -> Iterator[IndexServer]:
    """The internal index, with the package as it was built."""
    with serving_index(tmp_path / "internal") as index:
        wheel = next((built / "dist").glob("*.whl"))
        (index.folder / wheel.name).write_bytes(wheel.read_bytes())
        yield index


@pytest.fixture
def public(tmp_path: Path) -> Iterator[IndexServer]:
    """An index that everybody may upload to, with a higher version of the same name."""
    with serving_index(tmp_path / "public") as index:
        add_wheel(index.folder, "blaxel-jobs", HOSTILE)
        for name in ("attrs", "httpx", "python-dateutil"):
            add_wheel(index.folder, name, {"httpx": "0.28.1"}.get(name, "99.0.0"))
        yield index


def add_wheel(folder: Path, name: str, version: str) -> None:
    """Write a wheel that holds nothing but a name and a version."""
    stem = f"{name.replace('-', '_')}-{version}"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        info = f"{stem}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tags)
        wheel.writestr(f"{info}/RECORD", "")


def block(language: str) -> str:
    """Return the first block of this language in the page on internal indexes: pip's or uv's."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[0]
    assert "https://packages.example.com/simple/" in found
    return str(found)


def run(*command: str | Path, **environment: str) -> str:
    inherited = {"PATH": os.environ["PATH"], "UV_NO_CACHE": "1"}
    done = subprocess.run(
        [str(part) for part in command],
        env={**inherited, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment_of(folder: Path) -> Path:
    run(UV, "venv", "-q", "-p", sys.executable, folder)
    return folder / "bin/python"


def installed(python: Path) -> str:
    code = "import importlib.metadata as m; print(m.version('blaxel-jobs'))"
    return run(python, "-c", code).strip()


def test_pip(internal: IndexServer, tmp_path: Path) -> None:
    """With the documented configuration pip asks the internal index alone."""
    config = tmp_path / "pip.conf"
    config.write_text(block("ini").replace("https://packages.example.com/simple/", internal.simple))
    python = environment_of(tmp_path / "env")
    pip = ("-m", "pip", "--python", python, "install", "-q", "--no-deps", "blaxel-jobs")
    run(sys.executable, *pip, PIP_CONFIG_FILE=str(config), PIP_NO_CACHE_DIR="1")
    assert installed(python) != HOSTILE


def test_extra_index_url_is_the_door(
    internal: IndexServer, public: IndexServer, tmp_path: Path
) -> None:
    """What the page warns of installs the hostile package: so these tests can fail."""
    python = environment_of(tmp_path / "env")
    indexes = ("--index-url", internal.simple, "--extra-index-url", public.simple)
    pip = ("-m", "pip", "--python", python, "install", "-q", "--isolated", "--no-deps", *indexes)
    run(sys.executable, *pip, "blaxel-jobs", PIP_NO_CACHE_DIR="1")
    assert installed(python) == HOSTILE


def test_uv(internal: IndexServer, public: IndexServer, tmp_path: Path) -> None:
    """With the documented configuration uv takes this package from the internal index alone."""
    service = tmp_path / "service"
    service.mkdir()
    sources = block("toml").replace("https://packages.example.com/simple/", internal.simple)
    (service / "pyproject.toml").write_text(
        '[project]\nname = "service"\nversion = "1"\nrequires-python = ">=3.11"\n'
        f'dependencies = ["blaxel-jobs"]\n\n{sources}'
    )
    options = ("--project", service, "--default-index", public.simple, "-p", sys.executable)
    run(UV, "lock", "-q", *options)
    lock = (service / "uv.lock").read_text()
    (version,) = re.findall(r'name = "blaxel-jobs"\nversion = "([^"]+)"', lock)
    assert version != HOSTILE
    assert f'name = "httpx"\nversion = "0.28.1"\nsource = {{ registry = "{public.simple}"' in lock
