"""What a sample value tells of its schema.

The platform prints an example, a default or a made-up value; only the made-up ones are known by
heart. So `<string>` is a string of which nothing else is known, while any other literal becomes an
example. A key that is present says nothing about `required`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from scripts.facts import Fact, Kind, Node, Origin

__all__ = ["infer"]

_FORMATS = {
    "2023-11-07T05:31:56Z": "date-time",
    "2023-12-25": "date",
    "3c90c3cc-0d44-4b50-8888-8dd25736052a": "uuid",
    "jsmith@example.com": "email",
}
_MADE_UP = ('"<string>"', "123", "true", *map(json.dumps, _FORMATS))
"""What the platform prints where it knows nothing better, as JSON text (in Python True == 1)."""
_ANYTHING = ("<any>", "<unknown>", None)


def infer(sample: Node) -> Node:
    """Return the JSON Schema that a sample value shows, as a tree of sample facts."""
    value, origin = sample.value, sample.origin
    if isinstance(value, dict):
        schema: dict[str, Node] = {"type": Fact("object", origin)}
        if value:
            properties = {key: infer(member) for key, member in value.items()}
            schema["properties"] = Fact(properties, origin)
        return Fact(schema, origin)
    if isinstance(value, list):
        items = _common([infer(item) for item in value], origin)
        return Fact({"type": Fact("array", origin), "items": items}, origin)
    return _scalar(value, origin)


def _scalar(value: Any, origin: Origin) -> Node:
    if value in _ANYTHING:
        return Fact({}, origin)
    schema: dict[str, Node] = {"type": Fact(_type_of(value), origin)}
    if isinstance(value, str) and value in _FORMATS:
        schema["format"] = Fact(_FORMATS[value], origin)
    elif isinstance(value, str) and _holds_json(value):
        note = "the example is JSON inside a string; the value itself may be an object"
        assumed = Origin(Kind.ASSUMED, origin.file, origin.line, note)
        schema["contentMediaType"] = Fact("application/json", assumed)
    if json.dumps(value) not in _MADE_UP:
        schema["examples"] = Fact([Fact(value, origin)], origin)
    return Fact(schema, origin)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "number" if isinstance(value, float) else "string"


def _holds_json(text: str) -> bool:
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _common(schemas: Iterable[Node], origin: Origin) -> Node:
    """Return one schema that all items of an array meet."""
    merged: Node | None = None
    for schema in schemas:
        merged = schema if merged is None else _united(merged, schema)
    return Fact({}, origin) if merged is None else merged


def _united(one: Node, other: Node) -> Node:
    """Return a schema that fits both; of their examples the first stays."""
    mine, yours = one.value, other.value
    if not mine or not yours:
        return Fact({}, one.origin)
    types = {mine["type"].value, yours["type"].value}
    if types == {"integer", "number"}:
        return Fact({"type": Fact("number", one.origin)}, one.origin)
    if len(types) > 1:
        return Fact({}, one.origin)
    united = {**yours, **mine}
    if "properties" in united:
        left = mine["properties"].value if "properties" in mine else {}
        right = yours["properties"].value if "properties" in yours else {}
        both = {key: _united(left[key], right[key]) for key in left if key in right}
        united["properties"] = Fact({**left, **right, **both}, one.origin)
    if "items" in united:
        united["items"] = _united(mine["items"], yours["items"])
    return Fact(united, one.origin)
