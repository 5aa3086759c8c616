"""The client profile: the contract, made safe to generate a client from.

A contract says what a server promises; a client has to live with what it sends. Generated code
raises on an unknown enum value or on a null where an object was promised, and it does so after a
cancel has taken place. So everything that is reachable from a response becomes tolerant here, in
memory; the contract itself stays as it is, and so do request bodies.

A component that requests and responses share becomes tolerant too: reading must not fail, and a
server refuses a wrong request by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, TypeAlias

from scripts.facts import json_type, unescape
from scripts.generation.restatement import variants
from scripts.generation.restatement.vocabulary import ANNOTATIONS, resolved, restated, schemas

OTHER_NAMES = "x-other-names"
"""In the document: from a name that only refers to a component to the one that it leads to."""

OWN_HEADERS = ("authorization", "x-blaxel-workspace", "blaxel-version")
"""What the hand-written layer sends with every request, in small letters."""

_JSON = re.compile(r"(application|text)/json|.+\+json")
_RANGES = ("*/*", "application/*")

Schema: TypeAlias = dict[str, Any]


def profile(contract: dict[str, Any]) -> dict[str, Any]:
    """Return the contract as the generators are to see it; `contract` itself is not changed."""
    document = restated(deepcopy(contract))
    for rule in (
        _drop_errors,
        _read_one_media_type,
        _drop_security,
        _free_own_headers,
        _drop_samples,
        _drop_titles,
        variants.mark,
        _be_tolerant,
        _drop_overrides,
        _loosen_plain_bodies,
        _keep_emails_as_text,
        _note_other_names,
        _drop_unused_components,
    ):
        rule(document)
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document.get("paths", {}).values():
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                yield operation


def _drop_errors(document: dict[str, Any]) -> None:
    """Drop every response that is not a success.

    The hand-written layer raises before generated code sees an error; with errors declared, every
    result would be typed as a union with them. Where no success is declared, the answer to
    anything else than what is declared is one.
    """
    for operation in _operations(document):
        operation["responses"] = successes(operation["responses"])


def successes(responses: dict[str, Any]) -> dict[str, Any]:
    """Return those of an operation's responses that a generated client reads."""
    found = {status: one for status, one in responses.items() if status.startswith("2")}
    if not found and "default" in responses:
        return {"200": responses["default"]}
    return found


def _read_one_media_type(document: dict[str, Any]) -> None:
    """Leave a response the one media type that generated code is to read, called as it calls it."""
    shared = document.get("components", {}).get("responses", {})
    own = (one for operation in _operations(document) for one in operation["responses"].values())
    for response in (*shared.values(), *own):
        if "content" in response:
            response["content"] = read_content(response["content"])


def read_content(content: dict[str, Any]) -> dict[str, Any]:
    """Return JSON alone where a response may be JSON, whatever it is called and stands beside.

    openapi-python-client takes the first media type that it knows, reads `text/json` as text, and
    knows neither ranges (`*/*`) nor capitals. Of a range, plain text and bytes are no JSON. From
    any other text, such as a stream of events, it would make an object of a string.
    """
    named = {name.partition(";")[0].strip().lower(): media for name, media in content.items()}
    for name in sorted(named, key=lambda name: (name != "application/json", "*" in name)):
        schema = named[name].get("schema", {})
        if _JSON.fullmatch(name):
            return {"application/json": named[name]}
        if name in _RANGES and _types(schema) == ["string"]:
            binary = schema.get("format") == "binary"
            return {"application/octet-stream" if binary else "text/plain": named[name]}
        if name in _RANGES:
            return {"application/json": named[name]}
    return {name: _as_text(name, media) for name, media in content.items()}


def _as_text(name: str, media: dict[str, Any]) -> dict[str, Any]:
    """Return a text's media type as one of a string: generated code reads no objects from it."""
    if not name.lower().startswith("text/") or _types(media.get("schema", {})) == ["string"]:
        return media
    return {**media, "schema": {"type": "string"}}


def _free_own_headers(document: dict[str, Any]) -> None:
    """Let nobody be asked for the headers that the hand-written layer sends with every request.

    Generated code would send their defaults over what that layer was given. OpenAPI says itself
    that `Authorization` is no parameter.
    """
    shared = document.get("components", {}).get("parameters", {})
    holders = [*document.get("paths", {}).values(), *_operations(document)]
    listed = [one for holder in holders for one in holder.get("parameters", ())]
    for one in (*shared.values(), *listed):
        if one.get("in") == "header" and one["name"].lower() in OWN_HEADERS:
            one.pop("required", None)
            one["schema"] = {"type": "string"}


def _drop_samples(document: dict[str, Any]) -> None:
    """Drop the examples of whole bodies: mock servers answer with them, no client needs them."""
    for operation in _operations(document):
        for body in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media in body.get("content", {}).values():
                media.pop("example", None)
                media.pop("examples", None)


def _drop_titles(document: dict[str, Any]) -> None:
    """Drop the titles of components: openapi-python-client would call their classes so."""
    for schema in document.get("components", {}).get("schemas", {}).values():
        schema.pop("title", None)


def _drop_security(document: dict[str, Any]) -> None:
    """Drop credentials, so that operations take the plain `Client`.

    Generated code keeps one token for ever and shows it in its repr; the hand-written layer stamps
    each attempt itself.
    """
    document.pop("security", None)
    document.get("components", {}).pop("securitySchemes", None)
    for operation in _operations(document):
        operation.pop("security", None)


def _keep_emails_as_text(document: dict[str, Any]) -> None:
    """Drop the formats of e-mail addresses, requests' too: pydantic wants a package."""
    for schema in schemas(document):
        if schema.get("format") in ("email", "idn-email"):
            del schema["format"]


def _drop_overrides(document: dict[str, Any]) -> None:
    """Drop a property that a schema has from another by `allOf` already, and narrows by a union.

    openapi-python-client cannot merge the two.
    """
    members = document.get("components", {}).get("schemas", {})
    for schema in schemas(document):
        branches = schema.get("allOf", ())
        inherited = {
            name
            for branch in branches
            for _, component in _references(branch.get("$ref"))
            for name in members.get(component, {}).get("properties", {})
        }
        for part in (schema, *branches):
            properties = part.get("properties", {})
            for name in inherited & properties.keys():
                if {"anyOf", "oneOf", "enum", "const"} & properties[name].keys():
                    del properties[name]


def _loosen_plain_bodies(document: dict[str, Any]) -> None:
    """Leave a body untyped that is one of several plain values: it is written as no Python."""
    for operation in _operations(document):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            schema = media.get("schema", {})
            kinds = {kind for one in _branches(schema) for kind in _types(one)}
            references = any("$ref" in one for one in _branches(schema))
            if len(kinds) > 1 and not references and not kinds & {"object", "array"}:
                media["schema"] = {}


def _note_other_names(document: dict[str, Any]) -> None:
    """Note the components that are no more than a reference: another name for a class."""
    members = document.get("components", {}).get("schemas", {})
    names = {}
    for name in members:
        target = name
        for _ in range(20):  # references in a circle lead nowhere
            if members.get(target, {}).keys() != {"$ref"}:
                break
            target = members[target]["$ref"].removeprefix("#/components/schemas/")
        if target != name and members.get(target, {"$ref": ""}).keys() != {"$ref"}:
            names[name] = target
    if names:
        document[OTHER_NAMES] = names


def _drop_unused_components(document: dict[str, Any]) -> None:
    """Drop what nothing refers to any more, such as the schemas of errors: a class never used."""
    components = document.get("components", {})
    used: set[tuple[str, str]] = set()
    waiting = list(_references(document.get("paths", {})))
    while waiting:
        section, name = place = waiting.pop()
        if place not in used:
            used.add(place)
            waiting += _references(components.get(section, {}).get(name))
    document["components"] = {
        section: kept
        for section, members in components.items()
        if (kept := {name: member for name, member in members.items() if (section, name) in used})
    }


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield (section, name) of each component that a part refers to, by `$ref` or in a mapping."""
    if isinstance(value, dict):
        for member in value.values():
            yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)
    elif isinstance(value, str) and value.startswith("#/components/"):
        section, _, name = value.removeprefix("#/components/").partition("/")
        yield section, unescape(name)


# What is reachable from responses


def _be_tolerant(document: dict[str, Any]) -> None:
    """Apply the rules about single schemas to everything that a response can hold."""
    tolerance = _Tolerance(document.get("components", {}))
    for operation in _operations(document):
        for response in operation["responses"].values():
            for media in resolved(response, tolerance.components).get("content", {}).values():
                if "schema" in media:
                    media["schema"] = tolerance.applied(media["schema"])


class _Tolerance:
    """Walks the schemas of responses, each component once, and makes them tolerant in place."""

    def __init__(self, components: dict[str, Any]) -> None:
        self.components = components
        self.seen: set[tuple[str, str]] = set()

    def applied(self, schema: Schema) -> Schema:
        """Return a schema with its members made tolerant, and the components it refers to."""
        for section, name in _references(schema.get("$ref")):
            if (section, name) not in self.seen and name in self.components.get(section, {}):
                self.seen.add((section, name))
                members = self.components[section]
                members[name] = self.applied(members[name])
        result = dict(_open_constant(_keep_times_as_text(schema)))
        if "properties" in result:
            needed = [
                name for name in result.get("required", ()) if not self._is_null(result, name)
            ]
            if "required" in result:
                result["required"] = needed
            result["properties"] = {
                name: self._with_null(self._member(member))
                for name, member in result["properties"].items()
            }
        if isinstance(result.get("items"), dict):
            result["items"] = self._member(result["items"])
        if isinstance(result.get("additionalProperties"), dict):
            values = self._member(result["additionalProperties"])
            result["additionalProperties"] = self._with_null(values)
        for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
            if key in result:
                result[key] = [self.applied(branch) for branch in result[key]]
        if result.pop(variants.UNION, False):
            key = "oneOf" if "oneOf" in result else "anyOf"
            result[key] = [*result[key], self._unknown_variant()]
        return result

    def _unknown_variant(self) -> Schema:
        """Return the alternative for an object of a kind that its union does not name."""
        members = self.components.setdefault("schemas", {})
        members.setdefault(
            "UnknownVariant",
            {"type": "object", "description": "An object of a kind that the contract lacks."},
        )
        return {"$ref": "#/components/schemas/UnknownVariant"}

    def _member(self, schema: Schema) -> Schema:
        schema = _untype_ambiguous_text(self.applied(schema))
        if schema.get("format") == "binary":  # JSON holds text, never a file
            schema = {key: value for key, value in schema.items() if key != "format"}
        return self._with_open_enum(schema)

    def _with_open_enum(self, schema: Schema) -> Schema:
        """Let a value that the enum does not list yet through, as plain text or number.

        Otherwise a status that the vendor adds tomorrow raises ValueError today.
        """
        kinds = {
            json_type(value)
            for branch in self._alternatives(schema)
            for value in branch.get("enum", ())
        }
        opened = sorted(kinds & {"string", "integer"})
        return _with_branches(schema, [{"type": kind} for kind in opened])

    def _with_null(self, schema: Schema) -> Schema:
        """Let null stand for whatever has a type.

        Servers send null where they have nothing to say. Generated code raises on one in the place
        of an object, an array or an enum, and lets one through in the place of anything else.
        """
        return _with_branches(schema, [{"type": "null"}] if self._is_typed(schema) else [])

    def _alternatives(self, schema: Schema) -> list[Schema]:
        return [resolved(branch, self.components) for branch in _branches(schema)]

    def _is_typed(self, schema: Schema) -> bool:
        return any(
            _types(branch) or {"properties", "items", "enum", "allOf"} & branch.keys()
            for branch in self._alternatives(schema)
        )

    def _is_null(self, schema: Schema, name: str) -> bool:
        """Return whether a member may be null by the contract itself.

        The hand-written layer lets no answer pass without the members that it must have, so one
        that may be null is none of them.
        """
        member = schema["properties"].get(name)
        if member is None:
            return False
        branches = self._alternatives(member)
        nulls = ("null" in _types(one) or None in one.get("enum", ()) for one in branches)
        return any(nulls) or not self._is_typed(member)


def _keep_times_as_text(schema: Schema) -> Schema:
    """Drop the formats of times and ids from text.

    Generated code would parse them: it loses fraction digits beyond six, and raises on what it
    cannot read.
    """
    if schema.get("format") in ("date", "date-time", "time", "uuid"):
        return {key: value for key, value in schema.items() if key != "format"}
    return schema


def _open_constant(schema: Schema) -> Schema:
    """Take a constant for any value of its type, as that of an enum is.

    Otherwise the version that a server writes tomorrow raises ValueError today.
    """
    if "const" not in schema:
        return schema
    others = {key: value for key, value in schema.items() if key != "const"}
    return {"type": json_type(schema["const"]), **others}


def _untype_ambiguous_text(schema: Schema) -> Schema:
    """Leave text that holds JSON untyped: a sample shows text where the value may be an object.

    Text that is one alternative of a union is not ambiguous: the contract names the others.
    """
    if "string" in _types(schema) and schema.get("contentMediaType") == "application/json":
        return {key: value for key, value in schema.items() if key in ANNOTATIONS}
    return schema


def _types(schema: Schema) -> list[str]:
    found = schema.get("type", [])
    return found if isinstance(found, list) else [found]


def _branches(schema: Schema) -> list[Schema]:
    """Return the alternatives of a schema; of one that is no union, itself."""
    for key in ("anyOf", "oneOf"):
        if not schema.keys() - {key, *ANNOTATIONS}:
            return list(schema.get(key, ()))
    return [schema]


def _with_branches(schema: Schema, more: list[Schema]) -> Schema:
    """Return a union of a schema and of those alternatives that it does not have yet.

    Annotations of a member stay with the union, where the generators look for them.
    """
    branches = _branches(schema)
    have = {kind for branch in branches if "enum" not in branch for kind in _types(branch)}
    new = [branch for branch in more if branch["type"] not in have]
    if not new:
        return schema
    annotations = {key: schema[key] for key in ANNOTATIONS if key in schema}
    if branches == [schema]:
        # A title names the class of the alternative, so it stays there.
        annotations.pop("title", None)
        if "default" in schema and "enum" not in schema:  # where the generators look for it
            annotations["default"] = schema["default"]
        branches = [{key: value for key, value in schema.items() if key not in annotations}]
    return {**annotations, "anyOf": [*branches, *new]}
