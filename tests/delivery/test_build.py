"""What `make build` puts into dist/, and what it refuses to."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from scripts.failure import PipelineError
from scripts.release import wheel
from scripts.release.build import build, version_of
from tests import ROOT


def run(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts", "build", "--json"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def digests(dist: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(dist.iterdir())}


def bill(dist: Path) -> dict[str, Any]:
    (path,) = dist.glob("*.cdx.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_same_bytes(built: Path, checkout: Path, tmp_path: Path) -> None:
    """Folder, umask, modes, dates, time zone and hash seed change not one byte."""
    other = checkout.rename(tmp_path / "another place")
    for path in (other / "overrides").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    before = os.umask(0o077)
    try:
        done = run(other, TZ="Asia/Tokyo", PYTHONHASHSEED="2", SOURCE_DATE_EPOCH="1", LC_ALL="C")
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stdout
    there, here = digests(other / "dist"), digests(built / "dist")
    # git tells that modes changed, so build.json says that the copy is not clean.
    assert {k: v for k, v in there.items() if k != "build.json"} == {
        k: v for k, v in here.items() if k != "build.json"
    }


def test_record(built: Path) -> None:
    """build.json has the commit, a clean tree, and the hash of each artefact."""
    record = json.loads((built / "dist/build.json").read_text())
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=built, capture_output=True, text=True, check=True
    ).stdout.strip()
    hashes = {k: v for k, v in digests(built / "dist").items() if k != "build.json"}
    assert record["commit"] == head
    assert record["clean"] is True
    assert {name: entry["sha256"] for name, entry in record["artefacts"].items()} == hashes


def test_new_file_is_not_clean(checkout: Path) -> None:
    """A file that git does not know makes the build one of no commit."""
    (checkout / "overrides/blaxel_jobs/_new.py").write_text("")
    assert build(checkout).clean is False


def test_bill_of_materials(built: Path) -> None:
    """The bill lists what the package needs, pinned, with hashes, and who needs what."""
    found = bill(built / "dist")
    names = {component["name"] for component in found["components"]}
    assert {"attrs", "httpx", "python-dateutil", "httpcore", "anyio"} <= names
    assert all(component["externalReferences"][0]["hashes"] for component in found["components"])
    own = found["metadata"]["component"]
    assert (own["name"], own["version"]) == ("blaxel-jobs", version_of(built))
    needed = {entry["ref"]: entry["dependsOn"] for entry in found["dependencies"]}
    direct = {purl.split("/")[1].split("@")[0] for purl in needed[own["bom-ref"]]}
    assert direct == {"attrs", "httpx", "python-dateutil"}


def test_bill_has_licences(built: Path) -> None:
    """Each component has its licence: an SPDX identifier where the package states one."""
    found = {one["name"]: one["licenses"] for one in bill(built / "dist")["components"]}
    assert found["attrs"] == [{"license": {"id": "MIT"}}]
    assert found["httpx"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert all(found.values())


def test_index_page(built: Path) -> None:
    """What an index shows has links that lead somewhere, and says whom to ask."""
    (path,) = (built / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        headers, _, page = archive.read(name).decode().partition("\n\n")
    links = re.findall(r"\]\(([^)]+)\)", page)
    assert len(links) > 10
    assert [link for link in links if not link.startswith("https://")] == []
    for label in ("Documentation", "Source", "Changelog", "Issues"):
        assert f"Project-URL: {label}, https://" in headers
    assert "Maintainer-email: " in headers
    assert "Description-Content-Type: text/markdown" in headers


def test_sdist_has_docs_and_tests(built: Path, tmp_path: Path) -> None:
    """Who packages the sdist for others can run the client's tests in it, and read the guide."""
    (path,) = (built / "dist").glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.glob("blaxel_jobs-*")
    assert (unpacked / "docs/index.md").is_file()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "tests/client/test_errors.py",
        ],
        cwd=unpacked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_bill_names_no_index(built: Path) -> None:
    """The bill is true wherever the packages are fetched from: it names no place."""
    components = bill(built / "dist")["components"]
    assert "://" not in json.dumps(components)


def test_stray_file_is_refused(built: Path) -> None:
    """A file in a package that is no module stops the build, and dist/ stays as it was."""
    before = digests(built / "dist")
    (built / "overrides/blaxel_jobs/secrets.env").write_text("KEY=1")
    done = run(built)
    assert done.returncode == 1
    assert "secrets.env, which is no Python module" in done.stdout
    assert digests(built / "dist") == before


@pytest.mark.parametrize("removed", ["overrides/blaxel_jobs/py.typed", "requirements/runtime.txt"])
def test_missing_file_is_refused(checkout: Path, removed: str) -> None:
    """A package that would not count as typed, or a lock that is gone, stops the build."""
    (checkout / removed).unlink()
    done = run(checkout)
    assert done.returncode == 1
    assert Path(removed).name in done.stdout
    assert not (checkout / "dist").exists()


def test_readme_that_does_not_render(checkout: Path) -> None:
    """What twine warns of stops the build: here, an empty description."""
    (checkout / "README.md").write_text("")
    done = run(checkout)
    assert done.returncode == 1
    assert "twine refuses the metadata" in done.stdout


@pytest.mark.parametrize(
    "extra", ["scripts/release/build.py", "tests/__init__.py", "spec/openapi.yaml"]
)
def test_foreign_file_in_a_wheel(built: Path, extra: str) -> None:
    """A wheel that holds anything of spec, scripts or tests is refused."""
    (path,) = (built / "dist").glob("*.whl")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(extra, "")
    with pytest.raises(PipelineError, match=f"{extra}, which is in neither package"):
        wheel.check(path, built, version_of(built))


def test_lowest_versions() -> None:
    """`make test-lowest` tests with just the lower bounds that the package states."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        stated = [Requirement(line) for line in tomllib.load(file)["project"]["dependencies"]]
    lower = {
        (requirement.name, Version(one.version))
        for requirement in stated
        for one in requirement.specifier
        if one.operator == ">="
    }
    lines = (ROOT / "requirements/lowest.in").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    assert {(name, Version(version)) for name, version in pinned.items()} == lower
