"""OpenAPI 3.0 brought up to 3.1: what 3.1 says in other words, and nothing else.

The differences are in the schemas: `nullable`, `example`, exclusive bounds that are booleans, and
files as formats. Each rewritten part keeps the line of what it was written as.
"""

from __future__ import annotations

from typing import Any

from scripts.facts import Fact, Node, with_members
from scripts.reading.document.traversal import change_schemas

VERSION = "3.1.1"

_ANNOTATIONS = (
    "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
    "externalDocs", "xml",
)  # fmt: skip


def upgrade(document: Node) -> Node:
    """Return a 3.0 document as a 3.1 document."""
    upgraded = change_schemas(document, _changed)
    version = upgraded.value["openapi"]
    return with_members(upgraded, {"openapi": Fact(VERSION, version.origin)})


def with_nullable(document: Node) -> Node:
    """Return a document of a later version without `nullable`, which vendors go on writing."""
    return change_schemas(
        document, lambda part: Fact(_nullable(dict(part.value), part), part.origin)
    )


def _changed(part: Node) -> Node:
    value = dict(part.value)
    _examples(value)
    _exclusive(value, "minimum", "exclusiveMinimum")
    _exclusive(value, "maximum", "exclusiveMaximum")
    _content(value)
    return Fact(_nullable(value, part), part.origin)


def _examples(value: dict[str, Node]) -> None:
    """`example: x` is `examples: [x]`; the other keyword was no part of 3.0's schemas."""
    example = value.pop("example", None)
    if example is not None:
        known = value.get("examples")
        more = known.value if known is not None and isinstance(known.value, list) else []
        others = [one for one in more if one.value != example.value]
        value["examples"] = Fact([example, *others], example.origin)


def _exclusive(value: dict[str, Node], bound: str, exclusive: str) -> None:
    """`minimum: 5, exclusiveMinimum: true` is `exclusiveMinimum: 5`."""
    flag = value.get(exclusive)
    if flag is None or not isinstance(flag.value, bool):
        return
    del value[exclusive]
    if flag.value is True and bound in value:
        value[exclusive] = value.pop(bound)


def _content(value: dict[str, Node]) -> None:
    """Say what `format: byte` and `format: binary` mean in 3.1's words.

    The format stays beside it: it does no harm in 3.1, and generators know files by it.
    """
    form = value.get("format")
    if form is None or _types(value) not in ([], ["string"]):
        return
    if form.value == "byte":
        value.setdefault("contentEncoding", Fact("base64", form.origin))
    elif form.value == "binary":
        value.setdefault("contentMediaType", Fact("application/octet-stream", form.origin))


def _types(value: dict[str, Node]) -> list[Any]:
    kind = value.get("type")
    if kind is None:
        return []
    return [one.value for one in kind.value] if isinstance(kind.value, list) else [kind.value]


def _nullable(value: dict[str, Node], part: Node) -> dict[str, Node]:
    flag = value.pop("nullable", None)
    if flag is None or flag.value is not True:
        return value
    null = Fact({"type": Fact("null", flag.origin)}, flag.origin)
    union = next((key for key in ("anyOf", "oneOf") if key in value), None)
    if "$ref" in value or "allOf" in value or (union is not None and "type" in value):
        # Null has to get past every part of the schema: it is an alternative to all of it.
        outside = {key: member for key, member in value.items() if key in _ANNOTATIONS}
        inside = {key: member for key, member in value.items() if key not in _ANNOTATIONS}
        listed = inside["allOf"].value if inside.keys() == {"allOf"} else []
        only = isinstance(listed, list) and len(listed) == 1
        branch = listed[0] if only else Fact(inside, part.origin)
        return {"anyOf": Fact([branch, null], flag.origin), **outside}
    if union is not None:
        branches = value[union].value
        if isinstance(branches, list) and not any(_is_null(branch) for branch in branches):
            value[union] = Fact([*branches, null], value[union].origin)
    elif "type" in value:
        kinds = value["type"]
        written = kinds.value if isinstance(kinds.value, list) else [kinds]
        if "null" not in _types(value):
            value["type"] = Fact([*written, Fact("null", flag.origin)], kinds.origin)
    _allow_null(value, flag)
    return value


def _is_null(branch: Node) -> bool:
    return isinstance(branch.value, dict) and "null" in _types(branch.value)


def _allow_null(value: dict[str, Node], flag: Node) -> None:
    """List null among the values of an enum: an author who wrote `nullable` meant it to pass."""
    values = value.get("enum")
    if values is None or not isinstance(values.value, list):
        return
    if all(one.value is not None for one in values.value):
        value["enum"] = Fact([*values.value, Fact(None, flag.origin)], values.origin)
