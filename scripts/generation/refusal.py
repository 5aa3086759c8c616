"""What the generators would spoil without a word: refused by the line that states it.

openapi-python-client keeps only one of two enum values that give the same Python name, lets a
property take the place of a method of its class, and can make no enum of fractions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.contract.operations.naming import words
from scripts.facts import Node
from scripts.failure import PipelineError, Problem

__all__ = ["check"]

_TAKEN = {"from_dict", "to_dict", "additional_properties", "additional_keys"}
"""Names that every generated class has already."""


def check(contract: Node) -> None:
    """Raise PipelineError for enum values and properties that have no Python name of their own."""
    problems = list(_problems(contract))
    if problems:
        raise PipelineError.of(problems)


def _problems(node: Node) -> Iterator[Problem]:
    value = node.value
    if isinstance(value, dict):
        if "enum" in value and isinstance(value["enum"].value, list):
            yield from _values(value["enum"].value)
        if "properties" in value and isinstance(value["properties"].value, dict):
            yield from _properties(value["properties"].value)
    members = value.values() if isinstance(value, dict) else value
    for member in members if isinstance(value, dict | list) else ():
        yield from _problems(member)


def _values(values: list[Node]) -> Iterator[Problem]:
    seen: dict[str, Node] = {}
    for one in values:
        if isinstance(one.value, float):
            what = f"the enum value {one.value!r} is a fraction, of which no Python enum is made"
            yield _problem(one, what, "remove this enum by an action of the overlay")
        if isinstance(one.value, str):
            other = seen.setdefault(re.sub(r"[\W_]+", "_", one.value).upper(), one)
            if other is not one:
                what = (
                    f"the enum values {other.value!r} and {one.value!r} give the same Python name"
                )
                yield _problem(one, what, "remove one of the two by an action of the overlay")


def _properties(properties: dict[str, Node]) -> Iterator[Problem]:
    for name, one in properties.items():
        if "_".join(words(name)).lower() in _TAKEN:
            what = f"the property {name!r} would hide a method of the generated class"
            yield _problem(one, what, "remove this property by an action of the overlay")


def _problem(node: Node, what: str, hint: str) -> Problem:
    return Problem(what, node.origin.file, node.origin.line, hint=hint)
