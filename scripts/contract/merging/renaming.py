"""Components under other names, with the references that follow them."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from scripts.contract.operations.contribution import Contribution, component
from scripts.facts import Fact, Node, escape

ComponentKey: TypeAlias = tuple[str, str]
"""Section and name of a component."""


def with_references(node: Node, names: dict[ComponentKey, str]) -> Node:
    """Return a tree whose references follow the components that got another name."""
    if not names:
        return node
    value = node.value
    if isinstance(value, list):
        return Fact([with_references(member, names) for member in value], node.origin)
    if not isinstance(value, dict):
        return node
    changed: dict[str, Node] = {}
    for key, member in value.items():
        if key == "$ref" and isinstance(member.value, str):
            changed[key] = Fact(_reference(member.value, names), member.origin)
        elif key == "mapping" and "propertyName" in value:
            targets = {k: Fact(_target(v.value, names), v.origin) for k, v in member.value.items()}
            changed[key] = Fact(targets, member.origin)
        elif key == "security" and isinstance(member.value, list):
            changed[key] = Fact([_requirement(one, names) for one in member.value], member.origin)
        else:
            changed[key] = with_references(member, names)
    return Fact(changed, node.origin)


def _reference(reference: str, names: dict[ComponentKey, str]) -> str:
    key = component(reference)
    if key is None or key not in names:
        return reference
    head = f"#/components/{key[0]}/"
    tail = reference.removeprefix(head + escape(key[1]))
    return head + escape(names[key]) + tail


def _target(target: str, names: dict[ComponentKey, str]) -> str:
    return _reference(target, names) if "/" in target else names.get(("schemas", target), target)


def _requirement(one: Node, names: dict[ComponentKey, str]) -> Node:
    if not isinstance(one.value, dict):
        return with_references(one, names)
    changed = {names.get(("securitySchemes", k), k): scopes for k, scopes in one.value.items()}
    return Fact(changed, one.origin)


def renamed(contribution: Contribution, names: dict[ComponentKey, str]) -> Contribution:
    """Return a contribution whose schemas have other names, by ("schemas", the name it has)."""
    if not names:
        return contribution
    return replace(
        contribution,
        operation=with_references(contribution.operation, names),
        components=with_names(contribution.components, names),
        depths={names.get(("schemas", name), name): d for name, d in contribution.depths.items()},
    )


def with_names(
    components: dict[str, dict[str, Node]], names: dict[ComponentKey, str]
) -> dict[str, dict[str, Node]]:
    """Return components under the names that they got, and with references that follow."""
    return {
        section: {
            names.get((section, name), name): with_references(node, names)
            for name, node in members.items()
        }
        for section, members in components.items()
    }
