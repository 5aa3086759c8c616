"""What changed in the contract since the last release."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.last_release import Release, changes, difference, last_release


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


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, [("changed", "/a")]),
        ({"a": 1}, {"a": 1, "b": {"c": 2}}, [("added", "/b")]),
        ({"a": {"b": 1}, "c": 2}, {"c": 2}, [("removed", "")]),
        ({"a": {"b/c": 1}}, {"a": {"b/c": 2}}, [("changed", "/a/b~1c")]),
        ({"a": ["x", "y"]}, {"a": ["new", "x", "y"]}, [("added", "/a/0")]),
        ({"a": ["x", "y"]}, {"a": ["y"]}, [("removed", "/a")]),
        ({"a": [{"name": "n", "x": 1}]}, {"a": [{"name": "n", "x": 2}]}, [("changed", "/a/0/x")]),
    ],
)
def test_changes(old: Any, new: Any, expected: list[tuple[str, str]]) -> None:
    """Each change is told once, at the topmost part that changed."""
    assert [(change.level, change.pointer) for change in changes(old, new)] == expected


def test_difference() -> None:
    """The difference names the release, and every part that changed."""
    old = "openapi: 3.1.1\ninfo:\n  title: A\n  version: '1'\npaths: {}\n"
    new = {"openapi": "3.1.1", "info": {"title": "B", "version": "1"}, "paths": {}}
    found = difference(Release("v1.2.0", old), new)
    assert found.since == "v1.2.0"
    assert [change.what for change in found.changes if change.pointer == "/info/title"]
