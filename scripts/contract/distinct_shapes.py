"""A contract reduced to parts that differ in shape, so that validating it does not take minutes.

The validator costs some 40 ms an operation; a thousand pages repeat a few shapes. Two parts of one
shape are both valid or both not: they differ only in texts, in operationIds and in which of several
components, again of one shape, they refer to. What validity says about names and ids as such is
checked here for all parts.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["representative"]

_TEXTS = ("description", "summary", "title", "operationId")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAME = re.compile(r"[a-zA-Z0-9._-]+")
_SCHEMAS = "#/components/schemas/"


def representative(contract: dict[str, Any]) -> dict[str, Any] | None:
    """Return a contract that is valid if and only if the given one is.

    Returns None where names or ids are not right already: then only the whole contract tells.
    """
    components = contract.get("components", {})
    schemas = components.get("schemas", {})
    ids = [
        operation.get("operationId")
        for item in contract["paths"].values()
        for method, operation in item.items()
        if method in _METHODS and isinstance(operation, dict)
    ]
    if len(set(ids)) < len(ids) or not all(map(_NAME.fullmatch, schemas)):
        return None
    first: dict[str, str] = {}
    stand_in: dict[str, str] = {}
    for name, schema in schemas.items():
        stand_in[name] = first.setdefault(_shape(schema, schemas), name)
    kept = {name: _redirected(schemas[name], stand_in) for name in first.values()}
    paths: dict[str, Any] = {}
    seen: set[str] = set()
    for path, item in contract["paths"].items():
        shape = f"{sorted(re.findall(r'{([^{}]*)}', path))} {_shape(item, schemas)}"
        if shape not in seen:
            seen.add(shape)
            paths[path] = _redirected(item, stand_in)
    return {**contract, "paths": paths, "components": {**components, "schemas": kept}}


def _shape(value: Any, schemas: dict[str, Any]) -> str:
    return json.dumps(_masked(value, schemas), sort_keys=True)


def _masked(value: Any, schemas: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_masked(member, schemas) for member in value]
    if not isinstance(value, dict):
        return value
    masked: dict[str, Any] = {}
    for key, member in value.items():
        if key in _TEXTS and isinstance(member, str):
            masked[key] = ""
        elif key == "tags" and isinstance(member, list):
            masked[key] = sorted({type(tag).__name__ for tag in member})
        elif key == "$ref" and isinstance(member, str) and member.startswith(_SCHEMAS):
            # One that leads nowhere stays, so that it makes a shape of its own.
            masked[key] = "" if member.removeprefix(_SCHEMAS) in schemas else member
        else:
            masked[key] = _masked(member, schemas)
    return masked


def _redirected(value: Any, stand_in: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_redirected(member, stand_in) for member in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _redirected(member, stand_in) for key, member in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str) and reference.startswith(_SCHEMAS):
        name = reference.removeprefix(_SCHEMAS)
        changed["$ref"] = _SCHEMAS + stand_in.get(name, name)
    return changed
