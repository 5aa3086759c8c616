"""Which release is the last one below a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from scripts.release.previous import Release, last_release


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one release, v1.2.0."""
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/openapi.yaml").write_text("openapi: 3.1.1\n")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["commit", "-q", "-m", "one"],
        ["tag", "v1.2.0"],
    ):
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True)
    return tmp_path


def test_last_release(checkout: Path) -> None:
    """The last release is the newest version tag, with its contract as it was then."""
    (checkout / "spec/openapi.yaml").write_text("openapi: 3.1.2\n")
    assert last_release(checkout) == Release("v1.2.0", "openapi: 3.1.1\n")


def test_no_release(tmp_path: Path) -> None:
    """Without history there is no last release."""
    assert last_release(tmp_path) is None


def test_other_tags(checkout: Path) -> None:
    """A tag that is no version is no release."""
    subprocess.run(["git", "tag", "-d", "v1.2.0"], cwd=checkout, check=True, capture_output=True)
    subprocess.run(["git", "tag", "nightly"], cwd=checkout, check=True)
    assert last_release(checkout) is None
