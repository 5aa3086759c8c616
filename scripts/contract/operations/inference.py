"""What a sample value shows of its schema.

The platform prints an example, a default or a made-up value; only the made-up ones are known by
heart. So `<string>` is a string of which nothing else is known, while any other literal becomes an
example. A key that is present says nothing about `required`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from scripts.facts import Fact, Node, Origin, json_type, plain, tree

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
"""Keys that are ids, numbers or dates: no property has such a name."""
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


def infer_map(sample: Node) -> Node:
    """Return the JSON Schema of an object whose keys stand for any keys."""
    origin = sample.origin
    members = [infer(member) for member in sample.value.values()]
    common = _common(members, origin)
    bare = {key: one for key, one in common.value.items() if key != "examples"}
    note = "the example was written as text: its keys stand for any keys"
    return Fact(
        {
            "type": Fact("object", origin),
            "additionalProperties": Fact(bare, origin.assumed(note)),
            "examples": Fact([sample], origin),
        },
        origin,
    )


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
    made_up = any(
        value.keys() == {f"{stem}{n + 1}" for n in range(len(value))}
        for stem in ("property", "additionalProp")
    )
    ids = len(value) > 1 and all(_ID.fullmatch(key) for key in value)
    if made_up or ids:
        keys = list(value)
    properties = {key: infer(member) for key, member in value.items() if key not in keys}
    if properties:
        schema["properties"] = Fact(properties, origin)
    if keys:
        note = "the keys of the sample stand for any keys"
        members = _common([infer(value[key]) for key in keys], origin)
        schema["additionalProperties"] = Fact(members.value, value[keys[0]].origin.assumed(note))
    return Fact(schema, origin)


def _scalar(value: Any, origin: Origin) -> Node:
    if value in _ANYTHING:
        return Fact({}, origin)
    schema: dict[str, Node] = {"type": Fact(json_type(value), origin)}
    if isinstance(value, str) and value in _FORMATS:
        schema["format"] = Fact(_FORMATS[value], origin)
    elif (inside := embedded(Fact(value, origin))) is not None:
        note = "the example is JSON inside a string; the value itself may be an object"
        assumed = origin.assumed(note)
        kind = "object" if isinstance(inside.value, dict) else "array"
        schema["type"] = Fact([Fact("string", origin), Fact(kind, assumed)], origin)
        schema["contentMediaType"] = Fact("application/json", assumed)
    if json.dumps(value) not in _MADE_UP:
        schema["examples"] = Fact([Fact(value, origin)], origin)
    return Fact(schema, origin)


def _common(schemas: Iterable[Node], origin: Origin) -> Node:
    """Return one schema that all of some values meet; of their examples the first stays.

    A null, `<any>` and an empty list say nothing, and hide nothing that another value shows.
    """
    shown = [schema for schema in schemas if schema.value]
    if not shown:
        return Fact({}, origin)
    first = shown[0]
    if len(shown) == 1:
        return first
    kind = _common_type([schema.value["type"] for schema in shown])
    if kind is None:
        return Fact({}, first.origin)
    common: dict[str, Node] = {}
    for schema in shown:
        common = {**schema.value, **common}
    common["type"] = kind
    if len({_text(schema.value.get("format")) for schema in shown}) > 1:
        common.pop("format", None)
    if kind.value == "number" and any(_text(one.value["type"]) != '"number"' for one in shown):
        return Fact({"type": kind}, first.origin)
    if "properties" in common:
        members: dict[str, list[Node]] = {}
        for schema in shown:
            properties = schema.value.get("properties")
            for key, member in properties.value.items() if properties is not None else ():
                members.setdefault(key, []).append(member)
        united = {key: _common(found, origin) for key, found in members.items()}
        common["properties"] = Fact(united, first.origin)
    for keyword in ("items", "additionalProperties"):
        found = [schema.value[keyword] for schema in shown if keyword in schema.value]
        if found:
            common[keyword] = _common(found, found[0].origin)
    return Fact(common, first.origin)


def _common_type(types: list[Node]) -> Node | None:
    """Return the type of all of some values, None where they have not one in common."""
    texts = {_text(one) for one in types}
    if len(texts) == 1:
        return types[0]
    if texts == {'"integer"', '"number"'}:
        return Fact("number", types[0].origin)
    # JSON inside a string may be the object itself.
    wide = next((one for one in types if isinstance(one.value, list)), None)
    if wide is None:
        return None
    allowed = {_text(one) for one in wide.value}
    fits = all(_text(one) in allowed or _text(one) == _text(wide) for one in types)
    return wide if fits else None


def _text(node: Node | None) -> str:
    return "" if node is None else json.dumps(plain(node))
