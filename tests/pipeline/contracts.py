"""The contracts that tests of the later steps work on: before and after the project's overlay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts import documents
from scripts.contract import overlay, pruning
from scripts.facts import Kind, Node, Origin, plain, tree
from tests import ROOT

__all__ = ["ROOT", "base", "contract", "facts"]


def base() -> dict[str, Any]:
    """Return what a page alone gives."""
    return documents.read(Path(__file__).with_name("base.yaml")).value


def facts() -> Node:
    """Return the base as a page's facts: all of it stated, but the name of the credential."""
    value = base()
    assumed = Origin(Kind.ASSUMED, "base.yaml")
    for item in value["paths"].values():
        for operation in item.values():
            operation["security"] = tree(operation["security"], assumed)
    return tree(value, Origin(Kind.STATED, "base.yaml"))


def contract() -> dict[str, Any]:
    """Return the base with the project's overlay applied."""
    added = overlay.read(ROOT / "spec/overlay.yaml", "spec/overlay.yaml")
    before = facts()
    after = overlay.apply(before, added).document
    result: dict[str, Any] = plain(pruning.without_replaced(after, before))
    return result
