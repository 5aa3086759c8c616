"""Parts that an overlay leaves behind, removed: they belong to no page any more.

An action that describes `properties` adds to the properties that the pages give. Where a page has
renamed one, this would bring the old name back, as a property without a type: an invention. It is
left out, and a notice says which action to correct. What an action refers to and no page has (the
answer of an operation that answers with nothing now) is left open in the same way. Components that
the overlay's own have replaced are left out, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from scripts.contract.operations.contribution import component, references
from scripts.contract.operations.schema import ANNOTATIONS
from scripts.contract.overlay import nearest
from scripts.facts import Fact, Kind, Node, Origin, inside, with_members, without
from scripts.failure import Problem
from scripts.reading.document.traversal import operations

_ANNOTATIONS = {*ANNOTATIONS, "title"}
"""Keywords that describe a property, but do not define one."""


def without_undefined(contract: Node) -> tuple[Node, tuple[Problem, ...]]:
    """Return the contract without what only an overlay knows of, and a notice for each.

    That is a property that it describes but does not define, and a schema that it refers to.
    """
    notices: list[Problem] = []
    pruned = _pruned(contract, "", notices)
    schemas = inside(pruned, ("components", "schemas"))
    there = frozenset(schemas.value if schemas is not None else ())
    lost: dict[tuple[str, Origin], None] = {}
    opened = _opened(pruned, there, lost)
    return (opened if lost else pruned), (*notices, *_unknown(lost))


def _opened(node: Node, there: Collection[str], lost: dict[tuple[str, Origin], None]) -> Node:
    """Return a tree in which an overlay refers to no schema that is not there; note those."""
    value = node.value
    if isinstance(value, list):
        return Fact([_opened(member, there, lost) for member in value], node.origin)
    if not isinstance(value, dict):
        return node
    reference = value.get("$ref")
    if reference is not None and reference.origin.kind is Kind.OVERLAY:
        section, name = component(str(reference.value)) or ("", "")
        if section == "schemas" and name not in there:
            lost[name, reference.origin] = None
            value = without(node, ["$ref"]).value
    return Fact({key: _opened(one, there, lost) for key, one in value.items()}, node.origin)


def _unknown(lost: Collection[tuple[str, Origin]]) -> Iterator[Problem]:
    for name, origin in lost:
        yield origin.problem(
            f"action {origin.action} refers to the schema {name!r}, which no page has: left open",
            "has a page dropped it? then capture one that shows it, or correct the action",
        )


def _pruned(node: Node, place: str, notices: list[Problem]) -> Node:
    value = node.value
    if isinstance(value, list):
        return Fact([_pruned(member, place, notices) for member in value], node.origin)
    if not isinstance(value, dict):
        return node
    kept = {}
    for key, member in value.items():
        if key == "properties" and isinstance(member.value, dict):
            defined = {key: one for key, one in member.value.items() if not _is_undefined(one)}
            for name in (name for name in member.value if name not in defined):
                notices.append(_notice(place, name, member.value[name], _unmentioned(defined)))
            member = Fact(defined, member.origin)
        kept[key] = _pruned(
            member, key if place in ("", "components", "schemas") else place, notices
        )
    return Fact(kept, node.origin)


def _is_undefined(one: Node) -> bool:
    return (
        one.origin.kind is Kind.OVERLAY
        and isinstance(one.value, dict)
        and bool(one.value)
        and one.value.keys() <= _ANNOTATIONS
    )


def _unmentioned(properties: dict[str, Node]) -> list[str]:
    """Return the properties of which an overlay says nothing: a new name is one of them."""
    return [
        name
        for name, one in properties.items()
        if not isinstance(one.value, dict)
        or all(member.origin.kind is not Kind.OVERLAY for member in (one, *one.value.values()))
    ]


def _notice(schema: str, name: str, one: Node, there: list[str]) -> Problem:
    close = nearest(name, there)
    return one.origin.problem(
        f"action {one.origin.action} describes the property {name!r} of {schema}, which no page "
        "has: left out" + (f"; the nearest name there is {close!r}" if close else ""),
        "has a page renamed or dropped it? then correct or delete it in this action",
    )


def without_replaced(contract: Node, before: Node) -> Node:
    """Return the contract without the components that an overlay has replaced.

    Those are used in `before`, the contract without any overlay, and not any more.
    """
    if "components" not in contract.value:
        return contract
    lost = _used(before) - _used(contract)
    components = contract.value["components"]
    sections = {
        section: Fact(
            {name: one for name, one in members.value.items() if (section, name) not in lost},
            members.origin,
        )
        for section, members in components.value.items()
    }
    return with_members(contract, {"components": Fact(sections, components.origin)})


def _used(contract: Node) -> set[tuple[str, str]]:
    """Return (section, name) of each component that operations lead to."""
    components = contract.value["components"].value
    used: set[tuple[str, str]] = set()
    waiting = [*references(contract.value["paths"]), *_schemes(contract)]
    while waiting:
        section, name = key = waiting.pop()
        if key not in used and section in components and name in components[section].value:
            used.add(key)
            waiting += references(components[section].value[name])
    return used


def _schemes(contract: Node) -> Iterator[tuple[str, str]]:
    for *_, operation in operations(contract):
        security = operation.value.get("security")
        for requirement in security.value if security is not None else ():
            yield from (("securitySchemes", name) for name in requirement.value)
