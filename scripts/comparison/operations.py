"""A contract as callers meet it: operations, with all that other places say about them.

References to parameters, request bodies, responses, headers and plain schemas are put in place:
they leave no trace on the wire or in Python. References to schemas that become classes stay, as
the class has the component's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.facts import escape, unescape
from scripts.reading.document.traversal import METHODS

_CLASSLESS = ("parameters", "requestBodies", "responses", "headers", "examples", "pathItems")


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a contract in normal form: with all that it inherits."""

    path: str
    method: str
    value: dict[str, Any]
    pointer: str

    @property
    def name(self) -> str:
        """The name for people."""
        return f"{self.method.upper()} {self.path}"

    @property
    def shape(self) -> tuple[str, str]:
        """Method and path, without the names of the path's parameters: what the server sees."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)

    @property
    def path_parameters(self) -> list[str]:
        """The parameters in the path, in the order in which the generated function takes them."""
        return re.findall(r"\{([^}]*)\}", self.path)


def target(document: dict[str, Any], reference: Any) -> Any:
    """Return what a local reference refers to; an empty schema where that is not there."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return {}
    part: Any = document
    for key in map(unescape, reference[2:].split("/")):
        if isinstance(part, list) and key.isdigit() and int(key) < len(part):
            part = part[int(key)]
        elif isinstance(part, dict) and key in part:
            part = part[key]
        else:
            return {}
    return part


def is_class(schema: Any) -> bool:
    """Say whether the generators make a class of a component: of objects, enums and unions."""
    if not isinstance(schema, dict):
        return False
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return "object" in kinds or not schema.keys().isdisjoint(
        ("properties", "additionalProperties", "enum", "const", "allOf", "anyOf", "oneOf", "$ref",
         "items")
    )  # fmt: skip


def flattened(document: dict[str, Any]) -> dict[str, Any]:
    """Return the contract with references to what is no class put in place, where they are used."""
    inlined: set[str] = set()

    def put(value: Any, within: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            return [put(member, within) for member in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str) and reference not in within:
            found = target(document, reference)
            section = reference.removeprefix("#/components/").partition("/")[0]
            if section in _CLASSLESS or (section == "schemas" and found and not is_class(found)):
                inlined.add(reference)
                own = {key: member for key, member in value.items() if key != "$ref"}
                return put({**found, **own}, (*within, reference))
        return {key: put(member, within) for key, member in value.items()}

    result: dict[str, Any] = put(document, ())
    components = result.get("components", {})
    for reference in inlined:
        _, _, section, name = (*reference.split("/", 3), "")[:4]
        components.get(section, {}).pop(unescape(name), None)
    for item in (result.get("paths") or {}).values():
        shared = item.pop("parameters", []) if isinstance(item, dict) else []
        for method in METHODS if shared else ():
            if isinstance(item.get(method), dict):
                item[method]["parameters"] = _parameters(shared, item[method])
    result["components"] = {section: members for section, members in components.items() if members}
    return result


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield the operations of a flattened contract."""
    for path, item in (document.get("paths") or {}).items():
        if not isinstance(item, dict):
            continue
        for method in METHODS:
            own = item.get(method)
            if isinstance(own, dict):
                value = {**own, "parameters": own.get("parameters") or []}
                yield Operation(path, method, value, f"/paths/{escape(path)}/{method}")


def _parameters(shared: list[Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an operation's parameters: its own, then those of its path that it leaves alone."""
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for parameter in [*(operation.get("parameters") or ()), *shared]:
        found.setdefault((parameter.get("name"), parameter.get("in")), parameter)
    return list(found.values())
