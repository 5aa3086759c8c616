"""Whether the contract is valid OpenAPI, and which line is behind what is not.

Shape is checked against the OpenAPI Initiative's own schema of 3.1 and JSON Schema's of 2020-12,
in a time that is linear in the size of the contract (80,000 fields in 0.1 s). What no schema can
say is checked here: references, ids, parameters, patterns and defaults.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeGuard

import jsonschema_rs

from scripts.contract.instances import errors_in, is_pattern
from scripts.facts import Fact, Node, Origin, escape, inside, origins, plain, target
from scripts.failure import Problem
from scripts.reading.document.traversal import METHODS, parts

_HINT = "correct it at this line, or by an action of the overlay"


def problems(contract: Node) -> list[Problem]:
    """Return what is not valid OpenAPI in the contract, each with the line behind it."""
    # Where shapes are wrong already, what follows would stumble.
    found = misshapen(contract) or [*_references(contract), *_patterns(contract)]
    return found or [*_servers(contract), *_operations(contract), *_defaults(contract)]


def misshapen(contract: Node, removed: Mapping[str, Origin] | None = None) -> list[Problem]:
    """Return what is not shaped as OpenAPI's own schema says: the other steps rely on that.

    `removed` gives, by JSON pointer, the action that has removed a member of a part: what is wrong
    with that part is put down to it.
    """
    found = []
    for error in _schema().iter_errors(plain(contract)):
        place, node = _at(contract, error.instance_path)
        action = (removed or {}).get(place)
        wrong = _concerned(node, error) if action is None else Fact(None, action)
        found.append(_problem(f"{error.message} (at {place or '/'})", wrong))
    return found


def is_shaped(contract: Any) -> bool:
    """Return whether a plain document is shaped as OpenAPI's own schema says."""
    return _schema().is_valid(contract)


@cache
def _schema() -> jsonschema_rs.Draft202012Validator:
    """Return the validator of whole documents, whose schemas are those of JSON Schema 2020-12."""
    # The package is found but not imported: only its copy of the schema is needed.
    spec = find_spec("openapi_spec_validator")
    assert spec is not None, "a requirement"
    assert spec.origin is not None, "a package with files"
    path = Path(spec.origin).with_name("resources") / "schemas/v3.1/schema.json"
    schema = json.loads(path.read_bytes())
    schema["$defs"]["schema"] = {
        "$dynamicAnchor": "meta",
        "$ref": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"discriminator": {"$ref": "#/$defs/discriminator"}},
    }
    schema["$defs"]["discriminator"] = {
        "type": "object",
        "required": ["propertyName"],
        "properties": {
            "propertyName": {"type": "string"},
            "mapping": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }
    # OpenAPI could do without; a client cannot.
    schema["required"] = [*schema["required"], "paths"]
    schema["$defs"]["operation"]["required"] = ["responses"]
    return jsonschema_rs.Draft202012Validator(schema)


def _at(contract: Node, path: list[Any]) -> tuple[str, Node]:
    """Return the pointer and the part of a path; a key such as 200 comes as a number."""
    node = contract
    for step in path:
        node = node.value[step] if isinstance(node.value, list) else node.value[str(step)]
    return "".join(f"/{escape(step)}" for step in path), node


def _problem(what: str, node: Node, hint: str = _HINT) -> Problem:
    what = f"the contract would not be valid OpenAPI: {what}"
    # What brings pages together stands on none: then the first of its members that does.
    own = (node.origin, *(origin for _, origin in origins(node)))
    origin = next((one for one in own if one.line is not None), node.origin)
    return origin.problem(what, hint)


def _concerned(part: Node, error: jsonschema_rs.ValidationError) -> Node:
    """Return the member whose name is what is wrong, or that is not expected, else the part."""
    if not isinstance(part.value, dict):
        return part
    names = [error.instance] if isinstance(error.instance, str) else []
    if "unexpected" in error.message:
        names += re.findall(r"'([^']+)'", error.message)
    return next((part.value[name] for name in names if name in part.value), part)


# References


def _references(contract: Node) -> Iterator[Problem]:
    """Yield a problem for each reference that leads nowhere, or back to where it began."""
    for kind, part in parts(contract):
        dynamic, reference = part.value.get("$dynamicRef"), part.value.get("$ref")
        if kind == "schema" and _is_text(dynamic) and not dynamic.value.startswith("#"):
            # A generator would fetch it.
            yield _problem(f"{dynamic.value} is outside of the contract", dynamic)
        if not _is_text(reference):
            continue
        found, seen = target(contract, reference.value), {reference.value}
        while found is not None and _is_text(further_node := inside(found, ["$ref"])):
            further = further_node.value
            if further in seen:
                hint = "a schema has to end somewhere: correct the page, or state it by the overlay"
                yield _problem(f"{reference.value} leads back to itself", reference, hint)
                break
            seen.add(further)
            found = target(contract, further)
        if found is None:
            hint = "did a page rename it, or an overlay action remove it?"
            yield _problem(f"{reference.value} is not there", reference, hint)
        elif not isinstance(found.value, dict | bool):
            yield _problem(f"{reference.value} is no part that can be referred to", reference)


def _is_text(node: Any) -> TypeGuard[Node]:
    return isinstance(node, Fact) and isinstance(node.value, str)


# Operations


def _servers(contract: Node) -> Iterator[Problem]:
    for kind, part in parts(contract):
        if kind == "server" and "@" in part.value["url"].value.partition("://")[2].split("/")[0]:
            what = "the server's URL holds a user or a password, which have no place in a contract"
            yield part.value["url"].origin.problem(what, "leave out all before the @")


def _operations(contract: Node) -> Iterator[Problem]:
    """Yield a problem for each id that another operation has, and for parameters of a path."""
    seen: dict[str, Node] = {}
    for path, item in contract.value["paths"].value.items():
        shared = _parameters(contract, item)
        for method in METHODS:
            operation = item.value.get(method)
            if operation is None:
                continue
            name = operation.value.get("operationId")
            if name is not None and seen.setdefault(name.value, name) is not name:
                other = seen[name.value].origin.place
                what = f"the operationId {name.value!r} is that of {other} too"
                yield _problem(what, name)
            own = _parameters(contract, operation)
            for listed in (shared, own):
                yield from _doubles(listed)
            known = {key for key, _ in (*shared, *own)}
            for wanted in re.findall(r"{([^{}]*)}", path):
                if ("path", wanted) not in known:
                    what = f"the path parameter {wanted!r} of {method.upper()} {path} is not there"
                    yield _problem(what, operation)


def _parameters(contract: Node, owner: Node) -> list[tuple[tuple[str, str], Node]]:
    """Return ((place, name), parameter) of each parameter that a path or an operation lists."""
    listed = owner.value.get("parameters")
    found = []
    for parameter in listed.value if listed is not None else ():
        one: Node | None = parameter
        while one is not None and "$ref" in one.value:
            one = target(contract, one.value["$ref"].value)
        assert one is not None, "references are checked before"
        if {"in", "name"} <= one.value.keys():
            found.append(((one.value["in"].value, one.value["name"].value), parameter))
    return found


def _doubles(listed: list[tuple[tuple[str, str], Node]]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Node] = {}
    for key, parameter in listed:
        if seen.setdefault(key, parameter) is not parameter:
            other = seen[key].origin.place
            what = f"the {key[0]} parameter {key[1]!r} stands at {other} already"
            yield _problem(what, parameter)


# Patterns and defaults


def _patterns(contract: Node) -> Iterator[Problem]:
    """Yield a problem for each pattern that is no regular expression of ECMA-262."""
    for kind, part in parts(contract):
        pattern = part.value.get("pattern")
        if kind == "schema" and _is_text(pattern) and not is_pattern(pattern.value):
            what = f"the pattern is no regular expression: {pattern.value!r}"
            yield _problem(what, pattern, "expected one of ECMA-262, as JavaScript has them")


def _defaults(contract: Node) -> Iterator[Problem]:
    """Yield a problem for each default that its own schema refuses."""
    errors = errors_in(contract)
    for kind, part in parts(contract):
        if kind != "schema" or "default" not in part.value:
            continue
        default = part.value["default"]
        for error in errors(part, default):
            yield _problem(f"the default does not fit: {error.message}", default)
