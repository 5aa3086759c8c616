"""Defaults that are no values of their schemas: vendors write them, and no generator takes them."""

from __future__ import annotations

from scripts.contract.instances import errors_in
from scripts.facts import Fact, Kind, Node, plain
from scripts.failure import Problem
from scripts.reading.document.traversal import change

__all__ = ["without_unfit"]


def without_unfit(contract: Node) -> tuple[Node, tuple[Problem, ...]]:
    """Return a contract less the defaults of pages that do not fit, with a notice on each.

    Those of an overlay stay: what a person wrote is for validation to refuse.
    """
    errors = errors_in(contract, formats=True)
    notices: list[Problem] = []

    def fitting(kind: str, part: Node) -> Node:
        if not _has_default(kind, part):
            return part
        default = part.value["default"]
        if default.origin.kind is Kind.OVERLAY or not errors(part, default):
            return part
        notices.append(
            Problem(
                f"the default {plain(default)!r} is no value of its schema, and was left out",
                default.origin.file,
                default.origin.line,
                hint="an overlay can state the right default, or the right type",
            )
        )
        return Fact({k: v for k, v in part.value.items() if k != "default"}, part.origin)

    return change(contract, fitting), tuple(notices)


def _has_default(kind: str, part: Node) -> bool:
    return kind == "schema" and "default" in part.value
