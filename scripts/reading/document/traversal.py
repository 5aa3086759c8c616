"""What stands where in an OpenAPI document: which members are schemas, parameters, responses ...

Whatever must not mistake an example or a property called `$ref` for the real thing walks a
document by this table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts.facts import Fact, Node

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_ONE, _LIST, _MAP = "one", "list", "map"

_Members = dict[str, tuple[str, str]]
"""From a member's name to how it holds its parts, and to what they are; "*" is any other name."""

_SCHEMA: _Members = {}
for _how, _names in (
    (_MAP, "properties patternProperties dependentSchemas $defs definitions"),
    (_LIST, "allOf anyOf oneOf prefixItems"),
    (_ONE, "items additionalProperties not contains propertyNames if then else"),
    (_ONE, "unevaluatedItems unevaluatedProperties contentSchema"),
):
    _SCHEMA |= dict.fromkeys(_names.split(), (_how, "schema"))

_TABLE: dict[str, _Members] = {
    "document": {
        "info": (_ONE, "info"),
        "paths": (_ONE, "paths"),
        "webhooks": (_ONE, "paths"),
        "components": (_ONE, "components"),
        "servers": (_LIST, "server"),
        "security": (_LIST, "requirement"),
    },
    "paths": {"*": (_ONE, "path item")},
    "components": {
        "schemas": (_MAP, "schema"),
        "responses": (_MAP, "response"),
        "parameters": (_MAP, "parameter"),
        "examples": (_MAP, "example"),
        "requestBodies": (_MAP, "request body"),
        "headers": (_MAP, "parameter"),
        "securitySchemes": (_MAP, "security scheme"),
        "links": (_MAP, "link"),
        "callbacks": (_MAP, "paths"),
        "pathItems": (_MAP, "path item"),
    },
    "path item": {"parameters": (_LIST, "parameter"), "servers": (_LIST, "server")}
    | dict.fromkeys(METHODS, (_ONE, "operation")),
    "operation": {
        "parameters": (_LIST, "parameter"),
        "requestBody": (_ONE, "request body"),
        "responses": (_MAP, "response"),
        "callbacks": (_MAP, "paths"),
        "servers": (_LIST, "server"),
        "security": (_LIST, "requirement"),
    },
    "parameter": {
        "schema": (_ONE, "schema"),
        "content": (_MAP, "media type"),
        "examples": (_MAP, "example"),
    },
    "request body": {"content": (_MAP, "media type")},
    "media type": {
        "schema": (_ONE, "schema"),
        "encoding": (_MAP, "encoding"),
        "examples": (_MAP, "example"),
    },
    "encoding": {"headers": (_MAP, "parameter")},
    "response": {
        "headers": (_MAP, "parameter"),
        "content": (_MAP, "media type"),
        "links": (_MAP, "link"),
    },
    "schema": _SCHEMA,
    "example": {},
    "security scheme": {},
    "requirement": {},
    "info": {},
    "server": {"variables": (_MAP, "server variable")},
    "server variable": {},
    "link": {},
}


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield (path, method, operation) of each operation."""
    paths = document.value.get("paths")
    for path, item in paths.value.items() if paths is not None else ():
        if isinstance(item.value, dict):  # an extension may be anything
            yield from ((path, one, item.value[one]) for one in METHODS if one in item.value)


def parts(node: Node, kind: str = "document") -> Iterator[tuple[str, Node]]:
    """Yield (kind, part) of a part and of all parts below it, parents first.

    Parts that are not mappings, as a boolean schema is, are left out.
    """
    if not isinstance(node.value, dict):
        return
    yield kind, node
    for name, member in node.value.items():
        for how, below in held(kind, name):
            for part in _inside(member, how):
                yield from parts(part, below)


def change(node: Node, changed: Callable[[str, Node], Node], kind: str = "document") -> Node:
    """Return a part with `changed(kind, part)` in place of each part, those below first."""
    if not isinstance(node.value, dict):
        return node
    return changed(kind, change_below(node, lambda below, one: change(one, changed, below), kind))


def change_below(node: Node, changed: Callable[[str, Node], Node], kind: str) -> Node:
    """Return a part with `changed(kind, part)` in place of each part directly inside it."""
    value = dict(node.value)
    for name, member in node.value.items():
        for how, below in held(kind, name):
            if how == _ONE:
                value[name] = changed(below, member)
            elif how == _LIST and isinstance(member.value, list):
                value[name] = Fact([changed(below, one) for one in member.value], member.origin)
            elif how == _MAP and isinstance(member.value, dict):
                members = {key: changed(below, one) for key, one in member.value.items()}
                value[name] = Fact(members, member.origin)
    return Fact(value, node.origin)


def change_schemas(node: Node, changed: Callable[[Node], Node], kind: str = "document") -> Node:
    """Return a part with `changed(schema)` in place of each schema, those below first."""
    return change(node, lambda kind, part: changed(part) if kind == "schema" else part, kind)


def held(kind: str, name: str) -> list[tuple[str, str]]:
    """Return how a member holds its parts (one, list or map) and what they are, if it has any."""
    members = _TABLE[kind]
    found = members.get(name) or (None if name.startswith("x-") else members.get("*"))
    return [found] if found else []


def _inside(member: Node, how: str) -> Iterator[Node]:
    if how == _ONE:
        yield member
    elif how == _LIST and isinstance(member.value, list):
        yield from member.value
    elif how == _MAP and isinstance(member.value, dict):
        yield from member.value.values()
