"""What a sample value tells of its schema.

The platform prints an example, a default or a made-up value; only the made-up ones are known by
heart. So `<string>` is a string of which nothing else is known, while any other literal becomes an
example. A key that is present says nothing about `required`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from scripts.facts import Fact, Kind, Node, Origin, plain, tree

__all__ = ["PLACEHOLDER", "embedded", "infer"]

_FORMATS = {
    "2023-11-07T05:31:56Z": "date-time",
    "2023-12-25": "date",
    "3c90c3cc-0d44-4b50-8888-8dd25736052a": "uuid",
    "jsmith@example.com": "email",
}
_MADE_UP = ('"<string>"', "123", "true", *map(json.dumps, _FORMATS))
"""What the platform prints where it knows nothing better, as JSON text (in Python True == 1)."""
PLACEHOLDER = re.compile(r"\{[^{}]*\}|<[^<>]*>")
"""How a key is printed that stands for any key of a map."""
_ID = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?|[0-9a-f]{16,}"
)
"""Keys that are ids, numbers or dates: nobody names a property so."""
_ANYTHING = ("<any>", "<unknown>", None)


def infer(sample: Node) -> Node:
    """Return the JSON Schema that a sample value shows, as a tree of sample facts."""
    value, origin = sample.value, sample.origin
    if isinstance(value, dict):
        return _object(value, origin)
    if isinstance(value, list):
        items = _common([infer(item) for item in value], origin)
        return Fact({"type": Fact("array", origin), "items": items}, origin)
    return _scalar(value, origin)


def embedded(sample: Node) -> Node | None:
    """Return the JSON object or array that a sample's string holds, None for other values."""
    text = sample.value
    if not isinstance(text, str) or not text.startswith(("{", "[")):
        return None
    try:
        return tree(json.loads(text), sample.origin)
    except (ValueError, RecursionError):
        return None


def _object(value: dict[str, Node], origin: Origin) -> Node:
    schema: dict[str, Node] = {"type": Fact("object", origin)}
    keys = [key for key in value if PLACEHOLDER.fullmatch(key)]
    made_up = value.keys() == {f"{_stem(key)}{n}" for n, key in enumerate(value, 1)}
    ids = len(value) > 1 and all(_ID.fullmatch(key) for key in value)
    if made_up or ids:
        keys = list(value)
    properties = {key: infer(member) for key, member in value.items() if key not in keys}
    if properties:
        schema["properties"] = Fact(properties, origin)
    if keys:
        note = "the keys of the sample stand for any keys"
        assumed = Origin(Kind.ASSUMED, origin.file, value[keys[0]].origin.line, note)
        members = _common([infer(value[key]) for key in keys], origin)
        schema["additionalProperties"] = Fact(members.value, assumed)
    return Fact(schema, origin)


def _stem(key: str) -> str:
    found = re.fullmatch(r"(property|additionalProp)\d+", key)
    return found[1] if found is not None else " "


def _scalar(value: Any, origin: Origin) -> Node:
    if value in _ANYTHING:
        return Fact({}, origin)
    schema: dict[str, Node] = {"type": Fact(_type_of(value), origin)}
    if isinstance(value, str) and value in _FORMATS:
        schema["format"] = Fact(_FORMATS[value], origin)
    elif (inside := embedded(Fact(value, origin))) is not None:
        note = "the example is JSON inside a string; the value itself may be an object"
        assumed = Origin(Kind.ASSUMED, origin.file, origin.line, note)
        kinds = ("string", "object" if isinstance(inside.value, dict) else "array")
        schema["type"] = Fact([Fact("string", origin), Fact(kinds[1], assumed)], origin)
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
    kinds = (plain(mine["type"]), plain(yours["type"]))
    if set(map(str, kinds)) == {"integer", "number"}:
        return Fact({"type": Fact("number", one.origin)}, one.origin)
    if "contentMediaType" in yours and kinds[0] in kinds[1]:
        mine, yours, kinds = yours, mine, (kinds[1], kinds[0])
    if kinds[0] != kinds[1] and not ("contentMediaType" in mine and kinds[1] in kinds[0]):
        return Fact({}, one.origin)
    united = {**yours, **mine}
    if _value(mine, "format") != _value(yours, "format"):
        united.pop("format", None)
    if "additionalProperties" in mine and "additionalProperties" in yours:
        united["additionalProperties"] = _united(
            mine["additionalProperties"], yours["additionalProperties"]
        )
    if "properties" in united:
        left = mine["properties"].value if "properties" in mine else {}
        right = yours["properties"].value if "properties" in yours else {}
        both = {key: _united(left[key], right[key]) for key in left if key in right}
        united["properties"] = Fact({**left, **right, **both}, one.origin)
    if "items" in united:
        united["items"] = _united(mine["items"], yours["items"])
    return Fact(united, one.origin)


def _value(schema: dict[str, Node], keyword: str) -> Any:
    return plain(schema[keyword]) if keyword in schema else None
