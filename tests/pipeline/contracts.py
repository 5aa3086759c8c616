"""The contracts that tests of the later steps work on: before and after the project's overlay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts import documents
from scripts.contract import overlay
from scripts.facts import Kind, Origin, plain, tree
from tests import ROOT

__all__ = ["ROOT", "base", "contract"]


def base() -> dict[str, Any]:
    """Return what a page alone gives."""
    return documents.read(Path(__file__).with_name("base.yaml")).value


def contract() -> dict[str, Any]:
    """Return the base with the project's overlay applied."""
    facts = overlay.read(ROOT / "spec/overlay.yaml", "spec/overlay.yaml")
    result: dict[str, Any] = plain(
        overlay.apply(tree(base(), Origin(Kind.STATED, "base.yaml")), facts)
    )
    return result
