"""What the overlay says about properties that no page has any more.

An action that describes `properties` adds to the properties that the pages give. Where a page has
renamed one, the merge would bring the old name back, as a property without a type: an invention.
It is dropped instead, and a notice says which action to correct.
"""

from __future__ import annotations

from scripts.facts import Fact, Kind, Node
from scripts.failure import Problem

__all__ = ["drop"]

_ANNOTATIONS = {
    "title",
    "description",
    "examples",
    "default",
    "readOnly",
    "writeOnly",
    "deprecated",
}
"""Keywords that say something about a property, but do not make one."""


def drop(contract: Node) -> tuple[Node, tuple[Problem, ...]]:
    """Return the contract without such properties, and a notice for each."""
    notices: list[Problem] = []
    return _dropped(contract, "", notices), tuple(notices)


def _dropped(node: Node, place: str, notices: list[Problem]) -> Node:
    value = node.value
    if isinstance(value, list):
        return Fact([_dropped(member, place, notices) for member in value], node.origin)
    if not isinstance(value, dict):
        return node
    kept = {}
    for key, member in value.items():
        if key == "properties" and isinstance(member.value, dict):
            owned = {name: one for name, one in member.value.items() if not _is_orphan(one)}
            for name in (name for name in member.value if name not in owned):
                notices.append(_notice(place, name, member.value[name]))
            member = Fact(owned, member.origin)
        kept[key] = _dropped(
            member, key if place in ("", "components", "schemas") else place, notices
        )
    return Fact(kept, node.origin)


def _is_orphan(one: Node) -> bool:
    return (
        one.origin.kind is Kind.OVERLAY
        and isinstance(one.value, dict)
        and bool(one.value)
        and one.value.keys() <= _ANNOTATIONS
    )


def _notice(schema: str, name: str, one: Node) -> Problem:
    return Problem(
        f"the overlay describes the property {name!r} of {schema}, which no page has: left out",
        file=one.origin.file,
        line=one.origin.line,
        hint="has a page renamed or dropped it? then correct or delete it in this action",
    )
