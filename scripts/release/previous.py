"""The last release: the newest tag `vX.Y.Z` below the checkout, and its contract."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts import documents
from scripts.failure import PipelineError
from scripts.release.checkout import git

CONTRACT = "spec/openapi.yaml"
"""Where the contract stands in a checkout."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release, by its tag, and the text of its contract."""

    tag: str
    text: str

    def contract(self) -> dict[str, Any]:
        """Return the contract; raises PipelineError where it cannot be read."""
        return documents.parse(self.text, f"{self.tag}:{CONTRACT}").value


def last_release(root: Path) -> Release | None:
    """Return the last release below which the checkout stands; None where there is none."""
    tag = _git(root, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    if tag is None:
        return None
    text = _git(root, "show", f"{tag.strip()}:{CONTRACT}")
    return None if text is None else Release(tag.strip(), text)


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git says; None where it refuses, as in a checkout without tags or history."""
    try:
        return git(root, *arguments)
    except PipelineError:
        return None
