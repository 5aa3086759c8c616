"""The schema of a field: what its list entry states, filled up with what its sample shows.

Stated facts win over sample facts. Nothing is required unless the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from scripts.facts import Fact, Kind, Node, Origin
from scripts.failure import PipelineError
from scripts.page import Field, Type
from scripts.sample import infer

__all__ = ["field_schema", "object_schema"]


def object_schema(
    fields: Sequence[Field], sample: Node | None, description: Fact[str] | None, origin: Origin
) -> Node:
    """Return the object schema of a body or response.

    Top-level keys that only the sample has stay, as sample facts, behind the stated ones: the
    sample may belong to another status, and REPORT.md says so.
    """
    shown: dict[str, Node] = {}
    if sample is not None and isinstance(sample.value, dict):
        shown = sample.value
    properties = {one.name.value: field_schema(one, shown.get(one.name.value)) for one in fields}
    for key, value in shown.items():
        if key not in properties:
            properties[key] = infer(value)
    schema: dict[str, Node] = {"type": Fact("object", origin)}
    if description is not None:
        schema["description"] = description
    schema["properties"] = Fact(properties, origin)
    required = [Fact(one.name.value, one.required.origin) for one in fields if one.required]
    if required:
        schema["required"] = Fact(required, required[0].origin)
    return Fact(schema, origin)


def field_schema(one: Field, sample: Node | None) -> Node:
    """Return the schema of one field, its sample value given where the page shows one."""
    origin = one.types.origin
    inferred = infer(sample) if sample is not None else None
    shapes = [_typed(alternative, one, inferred) for alternative in one.types.value]
    schema: dict[str, Node] = (
        dict(shapes[0].value) if len(shapes) == 1 else {"anyOf": Fact(shapes, origin)}
    )
    if one.description is not None:
        schema["description"] = one.description
    if inferred is not None and "examples" in inferred.value and "examples" not in one.keywords:
        schema["examples"] = inferred.value["examples"]
    for keyword, value in one.keywords.items():
        if keyword != "enum":
            schema[keyword] = value
    return Fact(schema, origin)


def _typed(alternative: Type, one: Field, inferred: Node | None) -> Node:
    """Return the schema of one alternative of a type line, filled from the sample where it fits."""
    origin = one.types.origin
    schema = _base(alternative, one, origin)
    if alternative.title is not None:
        schema["title"] = Fact(alternative.title, origin)
    node: Node = Fact(schema, origin)
    inner = inferred
    for _ in range(alternative.depth):
        fits = inner is not None and "items" in inner.value
        inner = inner.value["items"] if inner is not None and fits else None
    if alternative.base == "object" and inner is not None and "properties" in inner.value:
        node = Fact({**schema, "properties": inner.value["properties"]}, origin)
    elif alternative.base == "array" and inner is not None and "items" in inner.value:
        node = Fact({**schema, "items": inner.value["items"]}, origin)
    for _ in range(alternative.depth):
        node = Fact({"type": Fact("array", origin), "items": node}, origin)
    return node


def _base(alternative: Type, one: Field, origin: Origin) -> dict[str, Node]:
    base = alternative.base
    schema: dict[str, Node] = {}
    if base == "file":
        schema = {"type": Fact("string", origin), "format": Fact("binary", origin)}
    elif base == "enum":
        schema = {"type": Fact(alternative.of, origin), "enum": _options(alternative, one)}
    elif base != "any":
        schema = {"type": Fact(base, origin)}
    if base == "array":
        schema["items"] = Fact(
            {}, Origin(Kind.ASSUMED, origin.file, origin.line, "items not shown")
        )
    if alternative.format is not None:
        schema["format"] = Fact(alternative.format, origin)
    return schema


def _options(alternative: Type, one: Field) -> Node:
    options = one.keywords["enum"]
    if alternative.of == "string":
        return options
    return Fact([Fact(_number(value), value.origin) for value in options.value], options.origin)


def _number(option: Node) -> Any:
    try:
        value = json.loads(option.value)
    except ValueError:
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PipelineError(
            f"the option {option.value!r} is not a number, but its type says so",
            file=option.origin.file,
            line=option.origin.line,
        )
    return value
