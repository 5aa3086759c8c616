"""What a page tells, as a flat dict: of the operation it was made of, and of the contract read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.pipeline.rendering.renderer import Json, Operation, parameter_schema, resolve, type_line

__all__ = ["told_by_contract", "told_by_operation"]

_LITERAL = (
    "default", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "minItems", "maxItems", "pattern", "const", "multipleOf", "examples",
)  # fmt: skip

Told = dict[tuple[str, ...], Any]


def told_by_operation(operation: Operation) -> Told:
    """Return what a page of an operation states."""
    told: Told = {
        ("method",): operation.method,
        ("path",): operation.path,
        ("base URL",): operation.base_url,
        ("title",): operation.title,
    }
    for one in operation.credentials:
        told["credential", one["name"]] = one["in"]
    for one in operation.parameters:
        where = ("parameter", one["in"], one["name"])
        told |= _field(where, parameter_schema(one), bool(one.get("required")))
    for place, schema in (("body", operation.body), ("response", operation.response)):
        told |= _fields(place, schema) if schema is not None else {}
    if operation.bodies:
        told["content type",] = next(iter(operation.bodies))
    if operation.statuses == 1:
        told["status",] = operation.status
    told["description",] = operation.response_description
    return told


def told_by_contract(contract: Json) -> Told:
    """Return the same of a contract with one operation."""
    ((path, item),) = contract["paths"].items()
    ((method, operation),) = item.items()
    told: Told = {
        ("method",): method.upper(),
        ("path",): path,
        ("base URL",): contract["servers"][0]["url"],
        ("title",): operation["summary"],
    }
    for requirement in operation.get("security", ()):
        for name in requirement:
            scheme = contract["components"]["securitySchemes"][name]
            told["credential", scheme.get("name", "Authorization")] = scheme.get("in", "header")
    for one in operation.get("parameters", ()):
        where = ("parameter", one["in"], one["name"])
        schema = parameter_schema({**one, "schema": resolve(one["schema"], contract)})
        told |= _field(where, schema, one.get("required", False))
    ((status, response),) = operation["responses"].items()
    told["status",] = status
    told["description",] = response["description"]
    for place, part in (("body", operation.get("requestBody", {})), ("response", response)):
        for kind, media in part.get("content", {}).items():
            told |= _fields(place, resolve(media["schema"], contract))
            if place == "body":
                told["content type",] = kind
    return told


def _fields(place: str, schema: Json) -> Told:
    """Return what is told of the fields of a body; of a top-level array, those of its items."""
    inner = schema.get("items", schema)
    told: Told = {}
    for name, one in inner.get("properties", {}).items():
        told |= _field((place, name), one, name in inner.get("required", ()))
    return told


def _field(place: tuple[str, ...], schema: Json, required: bool) -> Told:
    told: Told = {(*place, "type"): sorted(set(type_line(schema).split(" | ")))}
    if description := " ".join(schema.get("description", "").split()):
        told[*place, "description"] = description
    if required:
        told[*place, "required"] = True
    for flag in ("readOnly", "writeOnly", "deprecated"):
        if schema.get(flag) is True:
            told[*place, flag] = True
    for keyword in _LITERAL:
        if keyword in schema:
            # JSON text tells true from 1, as Python does not.
            told[*place, keyword] = json.dumps(schema[keyword], sort_keys=True)
    if options := list(_options(schema)):
        told[*place, "enum"] = json.dumps(options)
    return told


def _options(schema: Json) -> Iterator[Any]:
    yield from schema.get("enum", ())
    if "items" in schema:
        yield from _options(schema["items"])
