"""The operation of one page: parameters, bodies, responses and security, every part a fact."""

from __future__ import annotations

import json
import re

from scripts import naming
from scripts.facts import Fact, Kind, Node, Origin, tree
from scripts.failure import PipelineError
from scripts.page import Field, Page
from scripts.schema import field_schema, object_schema

__all__ = ["assumed", "operation"]

_JSON = "application/json"


def assumed(page: Page, note: str, line: int | None = None) -> Origin:
    """Return the origin of what a rule of ours supplied for a page; `note` names the rule."""
    return Origin(Kind.ASSUMED, page.file, line, note)


def _request_schema(page: Page) -> Node | None:
    """Return the schema of the request's body, if the page has one."""
    if page.body is None or not page.body.fields:
        return None
    sample = None
    if page.request is not None and page.request.data is not None:
        data = page.request.data
        try:
            sample = tree(json.loads(data.value), Origin(Kind.SAMPLE, page.file, data.origin.line))
        except ValueError:
            raise PipelineError(
                "curl's --data is not JSON", file=page.file, line=data.origin.line
            ) from None
    origin = page.body.fields[0].name.origin
    return object_schema(page.body.fields, sample, None, origin)


def _response_schema(page: Page) -> Node | None:
    """Return the schema of the response's body, if the page has one."""
    fields = page.response.fields if page.response else ()
    if not fields and page.sample is None:
        return None
    origin = fields[0].name.origin if fields else _origin_of(page.sample)
    described = page.response.schema_description if page.response else None
    sample = page.sample
    if sample is not None and isinstance(sample.value, list):
        item = sample.value[0] if sample.value else None
        items = object_schema(fields, item, described, origin)
        array = {"type": Fact("array", sample.origin), "items": items}
        return Fact(array, sample.origin)
    return object_schema(fields, sample, described, origin)


def _origin_of(sample: Node | None) -> Origin:
    assert sample is not None, "asked for only where there is a sample"
    return sample.origin


def operation(page: Page, schemes: dict[str, Node]) -> Node:
    """Return the operation of a page, the schemas of its bodies in place: `contract` shares them.

    `schemes` takes up the security schemes of the page's credentials.
    """
    request, response = _request_schema(page), _response_schema(page)
    title = page.title
    derived = assumed(page, "from the page's title", title.origin.line)
    by_path = assumed(page, "the path's first segment", page.path.origin.line)
    described: dict[str, Node] = {
        "operationId": Fact(naming.operation_id(title.value), derived),
        "summary": title,
    }
    if page.description is not None:
        described["description"] = page.description
    described["tags"] = tree([naming.tag(page.path.value)], by_path)
    if page.parameters:
        parameters = [_parameter(one) for one in page.parameters]
        described["parameters"] = Fact(parameters, page.parameters[0].name.origin)
    if request is not None and page.body is not None:
        described["requestBody"] = _request_body(page, request)
    described["responses"] = _responses(page, response)
    security = [_security(page, one, schemes) for one in page.authorizations]
    if security:
        described["security"] = Fact(security, security[0].origin)
    return Fact(described, page.method.origin)


def _parameter(one: Field) -> Node:
    assert one.location is not None, "a parameter's section gives its location"
    schema = field_schema(one, None)
    described: dict[str, Node] = {"name": one.name, "in": one.location}
    inner = dict(schema.value)
    for keyword in ("description", "deprecated"):
        if keyword in inner:
            described[keyword] = inner.pop(keyword)
    if one.required is not None:
        described["required"] = one.required
    elif one.location.value == "path":
        note = "OpenAPI: a path parameter is always required"
        origin = Origin(Kind.ASSUMED, one.name.origin.file, one.name.origin.line, note)
        described["required"] = Fact(True, origin)
    described["schema"] = Fact(inner, schema.origin)
    return Fact(described, one.name.origin)


def _request_body(page: Page, schema: Node) -> Node:
    body = page.body
    assert body is not None, "asked for only where there is a body"
    content_type = body.content_type or Fact(_JSON, assumed(page, "no content type is printed"))
    described: dict[str, Node] = {}
    if body.description is not None:
        described["description"] = body.description
    media = Fact({"schema": schema}, content_type.origin)
    described["content"] = Fact({content_type.value: media}, content_type.origin)
    return Fact(described, schema.origin)


def _responses(page: Page, schema: Node | None) -> Node:
    response = page.response
    line = page.sample.origin.line if page.sample else None
    status: Fact[str] = Fact(
        "200", assumed(page, "the page prints no status: there are several", line)
    )
    if response is not None and response.status is not None:
        status = response.status
    description: Fact[str] = Fact("", assumed(page, "the response has no description", line))
    if response is not None and response.description is not None:
        description = response.description
    described: dict[str, Node] = {"description": description}
    if schema is not None:
        content_type = Fact(_JSON, assumed(page, "the sample is JSON", line))
        if response is not None and response.content_type is not None:
            content_type = response.content_type
        media = Fact({"schema": schema}, content_type.origin)
        described["content"] = Fact({content_type.value: media}, content_type.origin)
    return Fact({status.value: Fact(described, status.origin)}, status.origin)


def _security(page: Page, one: Field, schemes: dict[str, Node]) -> Node:
    """Register the scheme of a credential; return the requirement that names it."""
    assert one.location is not None, "the reader refuses a credential without a location"
    name, location = one.name, one.location
    shown = page.request.headers.get(name.value) if page.request else None
    prefix = re.match(r"(Bearer|Basic) ", shown.value) if shown is not None else None
    scheme: dict[str, Node]
    if name.value.lower() == "authorization" and shown is not None and prefix is not None:
        key = prefix[1].lower() + "Auth"
        kind = Fact("http", shown.origin)
        scheme = {"type": kind, "scheme": Fact(prefix[1].lower(), shown.origin)}
    else:
        key = naming.operation_id(name.value) + "Auth"
        kind = Fact("apiKey", assumed(page, "a credential in a named place", name.origin.line))
        scheme = {"type": kind, "in": location, "name": name}
    if one.description is not None:
        scheme["description"] = one.description
    known = schemes.setdefault(key, Fact(scheme, name.origin))
    return Fact({key: Fact([], known.origin)}, name.origin)
