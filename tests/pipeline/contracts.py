"""The contracts that tests of the later steps work on, and packages made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts import documents
from scripts.contract import overlay, pruning
from scripts.contract.assembly import assemble_contributions
from scripts.contract.operations.contribution import contribution
from scripts.facts import Kind, Node, Origin, plain, tree
from scripts.generation import package
from scripts.generation.restatement.profile import profile
from scripts.reading.page import DocumentPage, Page
from tests import ROOT

__all__ = ["ROOT", "assemble", "base", "contract", "facts", "generate"]


def assemble(pages: Sequence[Page | DocumentPage]) -> Node:
    """Return the contract of pages, without names that were published and without an overlay."""
    return assemble_contributions([contribution(page) for page in pages]).contract


def generate(
    contract: dict[str, Any], out: Path, config: Path = ROOT / "generator-config.yaml"
) -> None:
    """Generate the package of a contract into a folder that is not there yet."""
    generation = package.start(config, out)
    generation.ask(profile(contract))
    generation.finish()


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
