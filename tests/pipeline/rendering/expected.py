"""What a page states, as a flat dict: of the operation it was made of, and of the contract read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.pipeline.rendering.renderer import Json, Operation, parameter_schema, resolve, type_line

__all__ = ["facts_of_contract", "facts_of_operation"]

_LITERAL = (
    "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "minItems", "maxItems", "pattern", "const", "multipleOf", "examples",
)  # fmt: skip

Facts = dict[tuple[str, ...], Any]


def facts_of_operation(operation: Operation) -> Facts:
    """Return what a page of an operation states."""
    facts: Facts = {
        ("method",): operation.method,
        ("path",): operation.path,
        ("base URL",): operation.base_url,
        ("title",): operation.title,
    }
    for one in operation.credentials:
        facts["credential", one["name"]] = one["in"]
    for one in operation.parameters:
        where = ("parameter", one["in"], one["name"])
        facts |= _field(where, parameter_schema(one), bool(one.get("required")))
    for place, schema in (("body", operation.body), ("response", operation.response)):
        facts |= _fields(place, schema) if schema is not None else {}
    if operation.bodies:
        facts["content type",] = next(iter(operation.bodies))
    if operation.statuses == 1:
        facts["status",] = operation.status
    facts["description",] = operation.response_description
    return facts


def facts_of_contract(contract: Json) -> Facts:
    """Return the same of a contract with one operation."""
    ((path, item),) = contract["paths"].items()
    ((method, operation),) = item.items()
    facts: Facts = {
        ("method",): method.upper(),
        ("path",): path,
        ("base URL",): contract["servers"][0]["url"],
        ("title",): operation["summary"],
    }
    for requirement in operation.get("security", ()):
        for name in requirement:
            scheme = contract["components"]["securitySchemes"][name]
            facts["credential", scheme.get("name", "Authorization")] = scheme.get("in", "header")
    for one in operation.get("parameters", ()):
        where = ("parameter", one["in"], one["name"])
        schema = parameter_schema({**one, "schema": resolve(one["schema"], contract)})
        facts |= _field(where, schema, one.get("required", False))
    ((status, response),) = operation["responses"].items()
    facts["status",] = status
    facts["description",] = response["description"]
    for place, part in (("body", operation.get("requestBody", {})), ("response", response)):
        for kind, media in part.get("content", {}).items():
            facts |= _fields(place, resolve(media["schema"], contract))
            if place == "body":
                facts["content type",] = kind
    return facts


def _fields(place: str, schema: Json) -> Facts:
    """Return what is stated of the fields of a body; of a top-level array, those of its items."""
    inner = schema.get("items", schema)
    facts: Facts = {}
    for name, one in inner.get("properties", {}).items():
        facts |= _field((place, name), one, name in inner.get("required", ()))
    return facts


def _field(place: tuple[str, ...], schema: Json, required: bool) -> Facts:
    facts: Facts = {(*place, "type"): sorted(set(type_line(schema).split(" | ")))}
    if description := " ".join(schema.get("description", "").split()):
        facts[*place, "description"] = description
    if required:
        facts[*place, "required"] = True
    for flag in ("readOnly", "writeOnly", "deprecated"):
        if schema.get(flag) is True:
            facts[*place, flag] = True
    for keyword in _LITERAL:
        if keyword in schema:
            # JSON text tells true from 1, as Python does not.
            facts[*place, keyword] = json.dumps(schema[keyword], sort_keys=True)
    if options := list(_options(schema)):
        facts[*place, "enum"] = json.dumps(options)
    return facts


def _options(schema: Json) -> Iterator[Any]:
    yield from schema.get("enum", ())
    if "items" in schema:
        yield from _options(schema["items"])
