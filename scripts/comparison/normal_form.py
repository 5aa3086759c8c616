"""A contract in one of the several ways in which OpenAPI lets one write the same.

What every operation inherits stands with the operation; a list of one alternative is that
alternative; what says only what is so anyway, or is null, is left out.
"""

from __future__ import annotations

from typing import Any

from scripts.reading.document.traversal import METHODS

_WITHOUT_SCHEMAS = ("example", "examples", "default", "enum", "const")
_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_DEFAULTS: dict[str, Any] = {
    "deprecated": False,
    "readOnly": False,
    "writeOnly": False,
    "nullable": False,
    "uniqueItems": False,
    "allowReserved": False,
    "allowEmptyValue": False,
    "required": False,
    "minLength": 0,
    "minItems": 0,
    "minProperties": 0,
    "additionalProperties": True,
}
_EMPTY = ("required", "parameters", "tags")


def normalized(document: dict[str, Any]) -> dict[str, Any]:
    """Return a contract in its normal form; `document` is not changed."""
    result: dict[str, Any] = _part(document)
    paths = result.get("paths")
    inherited = {key: result.pop(key) for key in ("servers", "security") if paths and key in result}
    for item in paths.values() if isinstance(paths, dict) else ():
        if not isinstance(item, dict):
            continue
        own = {"servers": item.pop("servers")} if "servers" in item else {}
        for method in METHODS:
            if isinstance(item.get(method), dict):
                item[method] = {**inherited, **own, **item[method]}
    return result


def _part(value: Any) -> Any:
    if isinstance(value, list):
        return [_part(member) for member in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, member in value.items():
        if key in _WITHOUT_SCHEMAS:
            found[key] = member
        elif member is None:
            continue
        elif key in _MAPS and isinstance(member, dict):
            found[key] = {name: _part(one) for name, one in member.items()}
        else:
            found[key] = _part(member)
    for key in ("allOf", "anyOf", "oneOf"):
        only = found.get(key)
        if isinstance(only, list) and len(only) == 1 and isinstance(only[0], dict):
            del found[key]
            found = {**only[0], **found}
    kinds = found.get("type")
    if isinstance(kinds, list) and len(kinds) == 1:
        found["type"] = kinds[0]
    if found.get("additionalProperties") == {}:
        found["additionalProperties"] = True
    defaults = {**_DEFAULTS, **_serialization(found)}
    return {
        key: member for key, member in found.items() if not _says_nothing(key, member, defaults)
    }


def _says_nothing(key: str, value: Any, defaults: dict[str, Any]) -> bool:
    """Return whether a part says only what holds without it; a number 0 is no False."""
    if key in _EMPTY and value == []:
        return True
    return key in defaults and type(value) is type(defaults[key]) and value == defaults[key]


def _serialization(part: dict[str, Any]) -> dict[str, Any]:
    """Return what a parameter's style and explode are where it does not say."""
    style = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
    place = part.get("in")
    if "name" not in part or place not in style:
        return {}
    return {"style": style[place], "explode": part.get("style", style[place]) == "form"}
