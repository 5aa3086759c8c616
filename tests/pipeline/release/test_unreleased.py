"""What is new in the contract since the last release."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.release.previous import Release
from scripts.release.unreleased import changes, difference


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
    """Each change is reported once, at the topmost part that changed."""
    assert [(change.level, change.pointer) for change in changes(old, new)] == expected


def test_difference() -> None:
    """The difference names the release, and every part that changed."""
    old = "openapi: 3.1.1\ninfo:\n  title: A\n  version: '1'\npaths: {}\n"
    new = {"openapi": "3.1.1", "info": {"title": "B", "version": "1"}, "paths": {}}
    found = difference(Release("v1.2.0", old), new)
    assert found.since == "v1.2.0"
    assert [change.what for change in found.changes if change.pointer == "/info/title"]
