"""Defaults that are no values of their schemas: vendors write them, and no generator takes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scripts.facts import Fact, Node, plain
from scripts.failure import Problem
from scripts.reading.document.members import change, parts

__all__ = ["without_unfit"]

_Components = dict[str, dict[str, Node]]


def without_unfit(
    operation: Node, components: _Components
) -> tuple[Node, _Components, tuple[Problem, ...]]:
    """Return an operation and its components less defaults that do not fit, with a remark on each.

    What refers to a component is held to that component.
    """
    if next(_defaults(operation, components), None) is None:
        return operation, components, ()
    shown = {section: _plain(members) for section, members in components.items()}
    remarks: dict[tuple[int | None, str], Problem] = {}

    def fitting(kind: str, part: Node) -> Node:
        if kind != "schema" or "default" not in part.value:
            return part
        default = part.value["default"]
        if _fits({**plain(part), "components": shown}, plain(default)):
            return part
        at, value = default.origin, plain(default)
        what = f"the default {value!r} is no value of its type, and was left out"
        hint = "if the type is wrong, or the default another, an overlay can say so"
        remarks[at.line, repr(value)] = Problem(what, at.file, at.line, hint=hint)
        return replace(part, value={k: v for k, v in part.value.items() if k != "default"})

    operation = change(operation, fitting, "operation")
    changed = change(_tree(operation, components), fitting, "components").value
    return operation, {key: one.value for key, one in changed.items()}, tuple(remarks.values())


def _tree(operation: Node, components: _Components) -> Node:
    whole = {section: Fact(members, operation.origin) for section, members in components.items()}
    return Fact(whole, operation.origin)


def _defaults(operation: Node, components: _Components) -> Iterator[Node]:
    for top, of in ((operation, "operation"), (_tree(operation, components), "components")):
        for kind, part in parts(top, of):
            if kind == "schema" and "default" in part.value:
                yield part.value["default"]


def _plain(members: dict[str, Node]) -> dict[str, Any]:
    return {name: plain(one) for name, one in members.items()}


def _fits(schema: dict[str, Any], value: Any) -> bool:
    """Tell whether a value is one of a schema; of a schema that is none, validation will tell."""
    import jsonschema_rs

    try:
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        return True
    return bool(validator.is_valid(value))
