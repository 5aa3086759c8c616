"""The `.md` pages of 2025: the platform's internal model of an operation, as OpenAPI.

The model stands where the document should: `paths` holds one operation (path, method, servers,
request, response) in which every body and parameter is a list of schemas, the branches of a union.
A branch has its required properties in `requiredProperties` and its component's name in
`refIdentifier`; each property is wrapped in an `allOf`. Deeper schemas are OpenAPI as the vendor
wrote it, 3.0 or 3.1. Lost are operationId, tags, info, scopes, and whether a union was `oneOf`.
"""

from __future__ import annotations

import re
from typing import Any

from scripts.facts import Fact, Node, plain, without
from scripts.failure import PipelineError
from scripts.reading.document.openapi30 import VERSION, upgrade
from scripts.reading.document.shape import shaped
from scripts.reading.document.traversal import METHODS
from scripts.reading.page import Use

_LOCATIONS = ("path", "query", "header", "cookie")
_NO_CONTENT = "_mintlify/placeholder"
_ENUM = re.compile(r"enum<(?P<of>\w+)>")
_COMPONENT = re.compile(r"#/components/schemas/(?P<name>[A-Za-z0-9._-]+)")
_COMMON = ("title", "description", "default", "example", "examples", "deprecated")
"""What the platform copies from a union into each of its branches."""


def is_internal_model(written: Node) -> bool:
    """Return whether a document is the model: its `paths` holds one operation, not paths."""
    paths = written.value.get("paths")
    return (
        "openapi" not in written.value
        and paths is not None
        and isinstance(paths.value, dict)
        and {"path", "method"} <= paths.value.keys()
    )


def from_internal_model(
    written: Node, title: Fact[str] | None, description: Fact[str] | None
) -> tuple[Node, dict[int, Use]]:
    """Return the model as an OpenAPI 3.1 document without `info`, and where samples begin.

    Those are indices of the lines with the key of code, or of bodies made up from the schemas,
    and what their lines are used for. The page's title and description are the operation's.
    Raises PipelineError with the line where the model has another shape than is known.
    """
    model = _mapping(written, "paths")
    path, method = _text(model, "path"), _text(model, "method")
    kind = model.value.get("type")
    if kind is not None and kind.value == "webhook":
        raise _failure(
            kind, "the page describes a webhook: a request that the vendor sends", "remove the page"
        )
    if method.value.lower() not in METHODS:
        raise _failure(method, f"{method.value!r} is no method of HTTP")
    request, response = _mapping(model, "request"), _mapping(model, "response")
    found = _Found(_components(written))
    operation: dict[str, Node] = {}
    if title is not None:
        operation["summary"] = title
    if description is not None:
        operation["description"] = description
    if "deprecated" in model.value and model.value["deprecated"].value is True:
        operation["deprecated"] = model.value["deprecated"]
    parameters = found.parameters(request)
    if parameters is not None:
        operation["parameters"] = parameters
    body = request.value.get("body")
    if body is not None and isinstance(body.value, dict) and body.value:
        operation["requestBody"] = found.request_body(body)
    operation["responses"] = found.responses(response)
    if "security" in request.value:
        operation["security"] = found.security(request.value["security"])
    version = Fact(VERSION, written.origin.assumed("what is made of it"))
    document: dict[str, Node] = {"openapi": version}
    if "servers" in model.value:
        document["servers"] = _servers(model.value["servers"])
    item = Fact({method.value.lower(): Fact(operation, method.origin)}, path.origin)
    document["paths"] = Fact({path.value: item}, model.origin)
    components = {"schemas": found.schemas, "securitySchemes": found.schemes}
    named = {key: Fact(value, written.origin) for key, value in components.items() if value}
    if named:
        document["components"] = Fact(named, written.origin)
    return upgrade(shaped(Fact(document, written.origin))), _sample_lines(model, request)


class _Found:
    """Converts bodies and credentials, and collects the components that they name."""

    def __init__(self, schemas: dict[str, Node]) -> None:
        self.schemas = schemas
        self.schemes: dict[str, Node] = {}

    def parameters(self, request: Node) -> Node | None:
        places = request.value.get("parameters")
        if places is None:
            return None
        found: list[Node] = []
        for location in _LOCATIONS:
            for name, one in _optional(places, location).items():
                branches = _branches(one, "schema")
                schemas = [self.named(branch, annotated=True) for branch in branches]
                schema = dict(_union(schemas, one).value)
                value: dict[str, Node] = {
                    "name": Fact(name, one.origin),
                    "in": Fact(location, one.origin),
                }
                for keyword in ("description", "deprecated"):
                    if keyword in schema:
                        value[keyword] = schema.pop(keyword)
                required = _required(branches)
                if required is not None:
                    value["required"] = required
                value |= {key: member for key, member in one.value.items() if key != "schema"}
                value["schema"] = Fact(schema, one.origin)
                found.append(Fact(value, one.origin))
        return Fact(found, places.origin) if found else None

    def request_body(self, body: Node) -> Node:
        described: dict[str, Node] = {}
        content: dict[str, Node] = {}
        for content_type, media in _members(body).items():
            if "description" in _members(media):
                described["description"] = media.value["description"]
            branches = _branches(media, "schemaArray")
            required = _required(branches)
            if required is not None:
                described["required"] = required
            content[content_type] = self.media(media, branches)
        described["content"] = Fact(content, body.origin)
        return Fact(described, body.origin)

    def responses(self, response: Node) -> Node:
        found: dict[str, Node] = {}
        for status, answer in _members(response).items():
            described: dict[str, Node] = {}
            content: dict[str, Node] = {}
            for content_type, media in _members(answer).items():
                if "description" in _members(media):
                    described["description"] = media.value["description"]
                if content_type != _NO_CONTENT:
                    content[content_type] = self.media(media, _branches(media, "schemaArray"))
            if content:
                described["content"] = Fact(content, answer.origin)
            found[status] = Fact(described, answer.origin)
        return Fact(found, response.origin)

    def media(self, media: Node, branches: list[Node]) -> Node:
        described: dict[str, Node] = {}
        if branches:
            schemas = [self.named(one, annotated=False) for one in branches]
            described["schema"] = _union(schemas, media)
        examples = media.value.get("examples")
        if examples is not None and isinstance(examples.value, dict):
            # The platform calls what it makes up from the schema "example".
            own = {name: one for name, one in examples.value.items() if name != "example"}
            if own:
                described["examples"] = Fact(own, examples.origin)
        return Fact(described, media.origin)

    def named(self, branch: Node, *, annotated: bool) -> Node:
        """Return a branch as a schema: a reference, where it is the component that it names.

        Where branches are `annotated`, as a parameter's are, the component is without what they
        say of this one use. A body that extends a component bears that component's name, too: then
        it stays inline.
        """
        schema, reference = _schema(branch), _reference(branch)
        if reference is None:
            return schema
        own = without(schema, _COMMON) if annotated else schema
        known = self.schemas.setdefault(_name(reference), own)
        if known is not own and _core(known) != _core(schema):
            return schema
        about = {k: one for k, one in schema.value.items() if annotated and k in _COMMON}
        return Fact({"$ref": reference, **about}, branch.origin)

    def security(self, alternatives: Node) -> Node:
        if not isinstance(alternatives.value, list):
            raise _failure(alternatives, "the security is not a list")
        found: list[Node] = []
        for one in alternatives.value:
            requirement: dict[str, Node] = {}
            places = _mapping(one, "parameters")
            sent = [
                (location, name, credential)
                for location in _LOCATIONS
                for name, credential in _optional(places, location).items()
            ]
            titles = str(one.value["title"].value).split(" & ") if "title" in one.value else []
            for index, (location, name, credential) in enumerate(sent):
                title = titles[index] if len(titles) == len(sent) else name
                key = self.scheme(title, _scheme(location, name, credential))
                requirement[key] = Fact([], credential.origin)
            found.append(Fact(requirement, one.origin))
        return Fact(found, alternatives.origin)

    def scheme(self, title: str, scheme: Node) -> str:
        """Register a security scheme under a name that components may have; return that."""
        wanted = re.sub(r"[^A-Za-z0-9._-]+", "_", title.strip()) or "auth"
        name, number = wanted, 2
        while plain(self.schemes.setdefault(name, scheme)) != plain(scheme):
            name, number = f"{wanted}{number}", number + 1
        return name


def _reference(branch: Node) -> Fact[str] | None:
    """Return the reference to the component that a branch names."""
    identifier = branch.value.get("refIdentifier")
    if identifier is None:
        return None
    match = _COMPONENT.fullmatch(str(identifier.value).strip())
    return Fact(match[0], identifier.origin) if match else None


def _name(reference: Fact[str]) -> str:
    return reference.value.rpartition("/")[2]


def _core(schema: Node) -> Any:
    return {key: member for key, member in plain(schema).items() if key not in _COMMON}


def _scheme(location: str, name: str, credential: Node) -> Node:
    value = dict(credential.value) if isinstance(credential.value, dict) else {}
    kind = value["type"].value if "type" in value else None
    if kind == "apiKey":
        value["in"] = Fact(location, credential.origin)
        value["name"] = Fact(name, credential.origin)
    elif kind == "openIdConnect":
        note = "the platform's model leaves OpenID Connect's URL out: its tokens are sent as bearer"
        value["type"] = Fact("http", credential.origin.assumed(note))
        value["scheme"] = Fact("bearer", credential.origin.assumed(note))
    elif kind != "oauth2" and (kind != "http" or "scheme" not in value):
        raise _failure(credential, f"the credential {name!r} is of a type that is not known")
    return Fact(value, credential.origin)


def _components(written: Node) -> dict[str, Node]:
    components = _optional(written, "components")
    schemas = components.get("schemas")
    return dict(schemas.value) if schemas is not None and isinstance(schemas.value, dict) else {}


def _servers(servers: Node) -> Node:
    """Return the servers; their variables have a `type` in the model that OpenAPI lacks."""
    if not isinstance(servers.value, list):
        raise _failure(servers, "the servers are not a list")
    found: list[Node] = []
    for server in servers.value:
        value = dict(_members(server))
        variables = _optional(server, "variables")
        if variables:
            bare = {
                name: Fact({k: v for k, v in _members(one).items() if k != "type"}, one.origin)
                for name, one in variables.items()
            }
            value["variables"] = Fact(bare, value["variables"].origin)
        found.append(Fact(value, server.origin))
    return Fact(found, servers.origin)


# Schemas


def _branches(holder: Node, key: str) -> list[Node]:
    """Return the schemas of a body or parameter; none stand there where it has no content."""
    if not isinstance(holder.value, dict):
        raise _failure(holder, f"expected a mapping with {key!r} here")
    listed = holder.value.get(key)
    if listed is None:
        return []
    branches = listed.value if isinstance(listed.value, list) else [listed]
    for branch in branches:
        if not isinstance(branch.value, dict):
            raise _failure(branch, f"a schema in {key!r} is not a mapping")
    return list(branches)


def _required(branches: list[Node]) -> Node | None:
    """Return the flag that makes a body or parameter required, where a branch has it."""
    flags = [branch.value["required"] for branch in branches if "required" in branch.value]
    return next((flag for flag in flags if flag.value is True), None)


def _union(schemas: list[Node], holder: Node) -> Node:
    """Return the union of branches; what all of them state is stated once, by the union."""
    if not schemas:
        return Fact({}, holder.origin)
    if len(schemas) == 1:
        return schemas[0]
    common = {
        key: member
        for key, member in schemas[0].value.items()
        if key in _COMMON
        and all(key in one.value and plain(one.value[key]) == plain(member) for one in schemas)
    }
    branches = [without(one, common) for one in schemas]
    note = "the platform's model does not distinguish oneOf from anyOf"
    return Fact({"anyOf": Fact(branches, holder.origin.assumed(note)), **common}, holder.origin)


def _schema(branch: Node) -> Node:
    """Return a schema of the model as one of OpenAPI."""
    value = dict(branch.value)
    for key in ("refIdentifier", "required"):  # `required` speaks of the body, not of the schema
        if key == "refIdentifier" or isinstance(_value(value, key), bool):
            value.pop(key, None)
    if "requiredProperties" in value:
        value["required"] = value.pop("requiredProperties")
    if "type" in value:
        _type(value, value["type"])
    properties = value.get("properties")
    if properties is not None and properties.value == {}:
        del value["properties"]  # the model gives them to every object
    elif properties is not None and isinstance(properties.value, dict):
        unwrapped = {name: _unwrapped(one) for name, one in properties.value.items()}
        value["properties"] = Fact(unwrapped, properties.origin)
    for key in ("items", "additionalProperties"):
        if key in value:
            value[key] = _unwrapped(value[key])
    return Fact(value, branch.origin)


def _type(value: dict[str, Node], kind: Node) -> None:
    if kind.value == "any":
        del value["type"]
    elif kind.value == "file":
        value["type"] = Fact("string", kind.origin)
        if _value(value, "contentEncoding") == "binary":
            del value["contentEncoding"]
        if "contentMediaType" not in value:
            value.setdefault("format", Fact("binary", kind.origin))
    elif isinstance(kind.value, str) and (enum := _ENUM.fullmatch(kind.value)):
        value["type"] = Fact(enum["of"], kind.origin)


def _unwrapped(schema: Node) -> Node:
    """Return what the model wraps into `allOf`, or lists as the branches of a union."""
    if isinstance(schema.value, list):
        return _union([_schema(one) for one in schema.value], schema)
    if not isinstance(schema.value, dict):
        return schema
    if schema.value.keys() == {"allOf"} and isinstance(schema.value["allOf"].value, list):
        wrapped = schema.value["allOf"].value
        if len(wrapped) == 1:
            return Fact(_unwrapped(wrapped[0]).value, schema.origin)
        if not wrapped:
            return Fact({}, schema.origin)
    return schema


# Lines and shapes


def _sample_lines(model: Node, request: Node) -> dict[int, Use]:
    """Return the indices of the lines on which samples and code begin, with their use."""
    holders = [(request, "codeSamples", Use.REQUEST_SAMPLE)]
    for media in _optional(request, "body").values():
        holders.append((media, "examples", Use.REQUEST_SAMPLE))
    for answer in _optional(model, "response").values():
        for media in _members(answer).values():
            holders.append((media, "examples", Use.RESPONSE_SAMPLE))
    found = [(holder.value[key], use) for holder, key, use in holders if key in _members(holder)]
    return {(node.origin.line or 1) - 1: use for node, use in found}


def _value(value: dict[str, Node], key: str) -> Any:
    return value[key].value if key in value else None


def _members(node: Node) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        raise _failure(node, "expected a mapping here")
    return node.value


def _optional(holder: Node, key: str) -> dict[str, Node]:
    """Return the members of a mapping that may be absent."""
    if not isinstance(holder.value, dict):
        raise _failure(holder, f"expected a mapping with {key!r} here")
    member = holder.value.get(key)
    if member is None or member.value is None:
        return {}
    if not isinstance(member.value, dict):
        raise _failure(member, f"{key!r} is not a mapping")
    return dict(member.value)


def _mapping(holder: Node, key: str) -> Node:
    if not isinstance(holder.value, dict) or key not in holder.value:
        raise _failure(holder, f"expected a mapping with {key!r} here")
    _optional(holder, key)
    member: Node = holder.value[key]
    return member


def _text(holder: Node, key: str) -> Fact[str]:
    member: Node | None = holder.value.get(key)
    if member is None or not isinstance(member.value, str):
        raise _failure(member or holder, f"{key!r} is not a text")
    return member


def _failure(node: Node, what: str, hint: str | None = None) -> PipelineError:
    hint = hint or "the page holds the platform's internal model of 2025; capture it again"
    return node.origin.error(what, hint)
