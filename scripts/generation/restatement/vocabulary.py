"""The contract in the words that both generators know, where OpenAPI has several for one thing.

They read no boolean schemas, no references into a schema and no `patternProperties`, make enums of
texts or of integers alone, and give a component the name that their own modules need. What is
restated here means the same, or less where they have no word for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, TypeAlias

from scripts.facts import json_type, unescape
from scripts.reading.document.traversal import held

Schema: TypeAlias = dict[str, Any]

_COMPONENTS = "#/components/schemas/"
_UNKNOWN = (
    "propertyNames", "dependentSchemas", "dependentRequired", "if", "then", "else", "not",
    "contains", "minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties",
    "$schema", "$id", "$anchor", "$comment", "$defs", "definitions",
)  # fmt: skip
"""Keywords that change no type."""
ANNOTATIONS = ("title", "description", "deprecated", "readOnly", "writeOnly", "examples")
"""Keywords that say something about a value, not what it is."""
_SCALARS = ("string", "integer", "number", "boolean", "null")
_TAKEN = (
    "Annotated", "Any", "AnyUrl", "AuthenticatedClient", "AwareDatetime", "BaseModel",
    "BinaryIO", "Client", "ConfigDict", "Dict", "Enum", "Field", "File", "FileTypes",
    "Generator", "Generic", "HTTPStatus", "IntEnum", "List", "Literal", "Mapping",
    "MutableMapping", "NaiveDatetime", "Optional", "RequestFiles", "Response", "RootModel",
    "Self", "StrEnum", "T", "TextIO", "TYPE_CHECKING", "TypeVar", "Union", "UNSET", "Unset",
    "UUID",
)  # fmt: skip
"""Names that generated modules import or define."""


def restated(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI 3.1 document in those words; `document` itself is not changed."""
    named = _with_names(_with_lifted(document))
    result: dict[str, Any] = _restated(named, "document")
    members = result.get("components", {}).get("schemas", {})
    _close_enums(result, members)
    for name in list(members):
        _lift_objects(members[name], name, members)
    return result


def schemas(value: Any, kind: str = "document") -> Iterator[Schema]:
    """Yield each schema of a part, those below first; boolean ones are left out."""
    if not isinstance(value, dict):
        return
    for name, member in value.items():
        for how, below in held(kind, name):
            for part in _parts(member, how):
                yield from schemas(part, below)
    if kind == "schema":
        yield value


def _parts(member: Any, how: str) -> Iterable[Any]:
    if how == "one":
        return [member]
    if how == "list":
        return member if isinstance(member, list) else []
    return member.values() if isinstance(member, dict) else []


def _restated(value: Any, kind: str) -> Any:
    if kind == "schema" and isinstance(value, bool):
        return {}
    if not isinstance(value, dict):
        return value
    result = dict(value)
    for name, member in value.items():
        for how, below in held(kind, name):
            if how == "one" and not (name == "additionalProperties" and isinstance(member, bool)):
                result[name] = _restated(member, below)
            elif how == "list" and isinstance(member, list):
                result[name] = [_restated(item, below) for item in member]
            elif how == "map" and isinstance(member, dict):
                result[name] = {key: _restated(one, below) for key, one in member.items()}
    return _schema(result) if kind == "schema" else result


def _schema(schema: Schema) -> Schema:
    result = {key: value for key, value in schema.items() if key not in _UNKNOWN}
    if isinstance(result.get("default"), dict):
        del result["default"]  # generated code knows no object but null as a default
    _patterns(result)
    _constants(result)
    _values(result)
    if "array" in result.get("type", ()) and not {"items", "prefixItems"} & result.keys():
        result["items"] = {}
    for key in ("anyOf", "oneOf"):
        if key in result:
            result[key] = _lists_as_one(result[key])
            if len(result[key]) == 1 and not result.keys() & result[key][0].keys():
                result |= result.pop(key)[0]
    return result


def _lists_as_one(branches: list[Schema]) -> list[Schema]:
    """Restate several lists as one list of several items: generated code distinguishes no more."""
    lists = [one for one in branches if one.get("type") == "array"]
    if len(lists) < 2:
        return branches
    items = {"anyOf": [one.get("items", {}) for one in lists]}
    others = [one for one in branches if one.get("type") != "array"]
    return [*others, {"type": "array", "items": items}]


def _patterns(schema: Schema) -> None:
    """Restate the properties whose names fit a pattern as additional properties."""
    values = list(schema.pop("patternProperties", {}).values())
    additional = schema.get("additionalProperties", False)
    if values and additional is not True:
        values += [additional] if additional else []
        schema["additionalProperties"] = values[0] if len(values) == 1 else {"anyOf": values}
        schema.setdefault("type", "object")


def _constants(schema: Schema) -> None:
    """Restate a union of constants, each with its own words, as the enum that it is."""
    for key in ("anyOf", "oneOf"):
        branches = schema.get(key, [])
        kinds = {json_type(one.get("const")) for one in branches}
        only = all(one.keys() <= {"const", "type", *ANNOTATIONS} for one in branches)
        if len(branches) > 1 and only and kinds in ({"string"}, {"integer"}):
            del schema[key]
            schema |= {"type": kinds.pop(), "enum": [one["const"] for one in branches]}


def _values(schema: Schema) -> None:
    """Leave enums of texts and enums of integers, perhaps with null; say the type of all others."""
    if "const" in schema and json_type(schema["const"]) not in ("string", "integer", "boolean"):
        schema["type"] = json_type(schema.pop("const"))
    if "enum" not in schema:
        return
    values = list({(json_type(value), repr(value)): value for value in schema["enum"]}.values())
    kinds = {json_type(value) for value in values}
    if kinds - {"null"} in ({"string"}, {"integer"}):
        schema["enum"] = values
        default = str(schema.get("default", ""))
        if not default.isprintable() or set(default) & set('"\\'):
            del schema["default"]  # the generator looks for it among its escaped values
        return
    del schema["enum"]
    schema.pop("default", None)
    if kinds:
        schema.setdefault("type", sorted(kinds) if len(kinds) > 1 else kinds.pop())


# Names of components


def _with_names(document: dict[str, Any]) -> dict[str, Any]:
    """Give another name to each component whose class would hide what its module needs."""
    members = document.get("components", {}).get("schemas", {})
    renamed = {name: _free(f"{name}Model", members) for name in members if name in _TAKEN}
    for name in members:
        if "." in name:  # it would be a module and a class
            parts = (part[:1].upper() + part[1:] for part in name.split("."))
            renamed[name] = _free("".join(parts), {**members, **renamed})
    if not renamed:
        return document
    targets = {_COMPONENTS + old: new for old, new in renamed.items()}
    result: dict[str, Any] = _redirected(document, targets)
    result["components"]["schemas"] = {
        renamed.get(name, name): member for name, member in result["components"]["schemas"].items()
    }
    return result


def _free(name: str, taken: dict[str, Any]) -> str:
    names = (name, *map(f"{name}{{}}".format, range(2, 10**6)))
    return next(one for one in names if one not in taken)


def resolved(part: Schema, components: dict[str, Any]) -> Schema:
    """Return a part, or the component that it refers to, also by way of others.

    References in a circle, and to what is not there, lead to an empty one.
    """
    for _ in range(20):
        reference = part.get("$ref")
        if not isinstance(reference, str):
            return part
        section, _, name = reference.removeprefix("#/components/").partition("/")
        part = components.get(section, {}).get(unescape(name), {})
    return {}


def _redirected(value: Any, targets: dict[str, str]) -> Any:
    """Return a part with references, in mappings too, that lead to other components."""
    if isinstance(value, list):
        return [_redirected(member, targets) for member in value]
    if isinstance(value, dict):
        return {key: _redirected(member, targets) for key, member in value.items()}
    return _COMPONENTS + targets[value] if isinstance(value, str) and value in targets else value


# Components that are an enum and something beside


def _close_enums(document: dict[str, Any], members: dict[str, Schema]) -> None:
    """Leave a component the enum alone that it is open or nullable with; say the rest at each use.

    The generator would call the class of its enum otherwise than the component.
    """
    for schema in list(schemas(document)):
        only = schema["allOf"][0] if len(schema.get("allOf", ())) == 1 else {}
        named = members.get(str(only.get("$ref", "")).removeprefix(_COMPONENTS), only)
        if _enum_and_others(named)[0] is not None and schema.keys() <= {"allOf", *ANNOTATIONS}:
            del schema["allOf"]
            schema.update({**only, **schema})
    beside: dict[str, list[Schema]] = {}
    for name, schema in members.items():
        enum, others = _enum_and_others(schema)
        if enum is not None and others:
            members[name] = enum
            beside[_COMPONENTS + name] = others
    for schema in list(schemas(document)) if beside else ():
        for key in ("anyOf", "oneOf"):
            for branch in list(schema.get(key, ())):
                schema[key] += [
                    o for o in beside.get(branch.get("$ref"), ()) if o not in schema[key]
                ]
        if schema.get("$ref") in beside and schema.keys() <= {"$ref", *ANNOTATIONS}:
            reference = schema.pop("$ref")
            schema["anyOf"] = [{"$ref": reference}, *deepcopy(beside[reference])]


def _enum_and_others(schema: Schema) -> tuple[Schema | None, list[Schema]]:
    """Return the enum in a schema, and what a value may be beside it; None where it has none."""
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None]
        kinds = schema.get("type", [])
        if not values or (len(values) == len(schema["enum"]) and "null" not in kinds):
            return schema, []
        return {**schema, "enum": values, "type": json_type(values[0])}, [{"type": "null"}]
    for key in ("anyOf", "oneOf"):
        branches = schema.get(key, [])
        enums = [one for one in branches if "enum" in one]
        others = [one for one in branches if "enum" not in one]
        plain = all(isinstance(one.get("type"), str) and one["type"] in _SCALARS for one in others)
        if len(enums) == 1 and plain and schema.keys() <= {key, *ANNOTATIONS}:
            enum, more = _enum_and_others(enums[0])
            about = {name: value for name, value in schema.items() if name != key}
            return {**(enum or {}), **about}, [*others, *more]
    return None, []


# Objects within components


def _lift_objects(schema: Schema, name: str, members: dict[str, Schema]) -> None:
    """Make a component of each object within one, called as the generator calls its class.

    It reads a component again after those that it refers to, and would find the classes of the
    objects within taken, by itself.
    """
    for key, suffix in (("items", "Item"), ("additionalProperties", "AdditionalProperty")):
        if isinstance(schema.get(key), dict):
            schema[key] = _lifted(schema[key], name + suffix, members)
    for key, one in schema.get("properties", {}).items():
        words = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", key))
        schema["properties"][key] = _lifted(one, f"{name}{words or 'Member'}", members)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            schema[key] = [
                _lifted(one, f"{name}Type{index}", members) for index, one in enumerate(schema[key])
            ]
    for one in schema.get("allOf", ()):
        _lift_objects(one, name, members)


def _lifted(schema: Schema, name: str, members: dict[str, Schema]) -> Schema:
    if not schema.get("properties") and "allOf" not in schema:
        _lift_objects(schema, name, members)
        return schema
    if schema.get("type", "object") != "object":  # nullable, perhaps
        return schema
    name = _free(name, members)
    members[name] = schema
    _lift_objects(schema, name, members)
    return {"$ref": _COMPONENTS + name}


# References into schemas


def _with_lifted(document: dict[str, Any]) -> dict[str, Any]:
    """Make a component of each schema that is referred to within another, as in `A/$defs/b`."""
    inner = sorted({one["$ref"] for one in schemas(document) if _leads_into(one.get("$ref"))})
    if not inner:
        return document
    members = dict(document.get("components", {}).get("schemas", {}))
    names: dict[str, str] = {}
    for reference in inner:
        steps = [unescape(token) for token in reference.removeprefix("#/").split("/")]
        target: Any = document
        for step in steps:
            target = target[int(step) if isinstance(target, list) else step]
        path = steps[2:] if reference.startswith(_COMPONENTS) else steps[-1:]
        parts = [step for step in path if step not in ("$defs", "definitions", "properties")]
        names[reference] = _free("".join(part[:1].upper() + part[1:] for part in parts), members)
        members[names[reference]] = target
    components = {**document.get("components", {}), "schemas": members}
    result: dict[str, Any] = _redirected({**document, "components": components}, names)
    return result


def _leads_into(reference: Any) -> bool:
    return (
        isinstance(reference, str)
        and reference.startswith("#/")
        and not (reference.startswith(_COMPONENTS) and reference.count("/") == 3)
    )
