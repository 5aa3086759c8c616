"""The operation of one page: parameters, bodies, responses and security, every part a fact."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl

from scripts.contract.operations import naming
from scripts.contract.operations.schema import body_schema, field_schema
from scripts.facts import Fact, Kind, Node, Origin, tree
from scripts.failure import PipelineError
from scripts.reading.page import Body, CodeRequest, Field, Page
from scripts.reading.text.field_line import literal

_JSON = "application/json"
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_WITHOUT_BODY = ("204", "205", "304")


def _request_type(page: Page, body: Body) -> Fact[str]:
    """Return the content type of the request: the list's, else curl's, else what it sends."""
    if body.content_type is not None:
        return body.content_type
    headers = page.request.headers if page.request is not None else {}
    for name, value in headers.items():
        if name.lower() == "content-type" and "/" in value.value:
            # A boundary belongs to one request, not to the operation.
            return Fact(value.value.split("; boundary")[0].rstrip(";"), value.origin)
    if page.request is not None and page.request.form:
        _, first = page.request.form[0]
        return Fact(_FORMS[0], first.origin.assumed("curl sends a form"))
    return Fact(_JSON, Origin(Kind.ASSUMED, page.file, note="no content type is printed"))


def request_sample(page: Page, content_type: str) -> Node | None:
    """Return what curl sends, as a tree of sample facts, if the page shows it."""
    request = page.request
    if request is None:
        return None
    data = request.data
    if request.form or (data is not None and content_type.startswith(_FORMS)):
        return _form(page, request)
    if data is None:
        return None
    origin = Origin(Kind.SAMPLE, page.file, data.origin.line)
    if not is_json(content_type):
        return Fact(data.value, origin)
    try:
        return tree(json.loads(data.value), origin)
    except (ValueError, RecursionError):
        raise PipelineError(
            "curl's --data is not JSON",
            file=page.file,
            line=data.origin.line,
            text=data.value.strip().partition("\n")[0],
            hint=f"the request's content type is {content_type}; capture the page again",
        ) from None


def is_json(content_type: str) -> bool:
    """Return whether a content type is JSON, or may be."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json")) or kind == "*/*"


def _form(page: Page, request: CodeRequest) -> Node:
    """Return a form's parts; `@name` stands for a file, of which nothing is shown."""
    parts = [(name, value.value, value.origin.line) for name, value in request.form]
    if request.data is not None:
        line = request.data.origin.line
        pairs = parse_qsl(request.data.value, keep_blank_values=True)
        parts += [(name, value, line) for name, value in pairs]
    types = {one.name.value: one.types.value for one in page.body.fields} if page.body else {}
    shown: dict[str, Node] = {}
    for name, text, line in parts:
        if text.strip("'\"").startswith("@"):
            continue
        known = types.get(name, ())
        textual = any(one.base in ("string", "enum") and not one.depth for one in known)
        value = text.strip() if textual else literal(text.strip())
        shown.setdefault(name.removesuffix("[]"), tree(value, Origin(Kind.SAMPLE, page.file, line)))
    first = parts[0][2] if parts else None
    return Fact(shown, Origin(Kind.SAMPLE, page.file, first))


def _request_schema(page: Page, body: Body, content_type: Fact[str]) -> Node | None:
    """Return the schema of the request's body, if the page describes it."""
    sample = request_sample(page, content_type.value)
    if not is_json(content_type.value) and not body.fields:
        sample = None
    first = body.fields[0].name if body.fields else sample
    if first is None:
        return _opaque(content_type)
    return body_schema(body.fields, sample, None, first.origin, body.types, body.branches)


def _opaque(content_type: Fact[str]) -> Node | None:
    """Return the schema of a body without fields: text, or bytes; of JSON nothing is known."""
    kind = content_type.value.partition(";")[0].lower()
    if content_type.origin.kind is Kind.ASSUMED:
        return None
    origin = content_type.origin.assumed(f"a body of type {kind}")
    if is_json(kind):
        return tree({}, origin)
    if kind.startswith("text/") or kind.endswith(("xml", "yaml", "javascript")):
        return tree({"type": "string"}, origin)
    return tree({"type": "string", "format": "binary"}, origin)


def _response_schema(page: Page) -> Node | None:
    """Return the schema of the response's body, if the page has one."""
    response = page.response
    if page.method.value == "HEAD" or (
        response is not None
        and response.status is not None
        and response.status.value in _WITHOUT_BODY
    ):
        return None
    fields = response.fields if response else ()
    first = fields[0].name if fields else page.sample
    if first is None:
        stated = response.content_type if response is not None else None
        return None if stated is None else _opaque(stated)
    if response is None:
        return body_schema(fields, page.sample, None, first.origin)
    described, types = response.schema_description, response.types
    return body_schema(fields, page.sample, described, first.origin, types, response.branches)


def operation(page: Page, schemes: dict[str, Node]) -> Node:
    """Return the operation of a page, the schemas of its bodies in place: `contract` shares them.

    `schemes` takes up the security schemes of the page's credentials.
    """
    response = _response_schema(page)
    by_path = page.path.origin.assumed("the path's first segment")
    described: dict[str, Node] = {}
    if page.title is not None:
        described["summary"] = page.title
    if page.description is not None:
        described["description"] = page.description
    if page.deprecated is not None:
        described["deprecated"] = page.deprecated
    described["tags"] = tree([naming.tag(page.path.value)], by_path)
    if page.parameters:
        parameters = [_parameter(one) for one in page.parameters]
        described["parameters"] = Fact(parameters, page.parameters[0].name.origin)
    if page.body is not None:
        content_type = _request_type(page, page.body)
        request = _request_schema(page, page.body, content_type)
        if request is not None:
            described["requestBody"] = _request_body(page.body, content_type, request)
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
        described["required"] = Fact(True, one.name.origin.assumed(note))
    described["schema"] = Fact(inner, schema.origin)
    return Fact(described, one.name.origin)


def _request_body(body: Body, content_type: Fact[str], schema: Node) -> Node:
    described: dict[str, Node] = {}
    if body.description is not None:
        described["description"] = body.description
    media = Fact({"schema": schema}, content_type.origin)
    described["content"] = Fact({content_type.value: media}, content_type.origin)
    needed = next((one.required for one in body.fields if one.required is not None), None)
    if needed is not None:
        origin = needed.origin.assumed("a field of the body is required")
        described["required"] = Fact(True, origin)
    return Fact(described, schema.origin)


def _responses(page: Page, schema: Node | None) -> Node:
    response = page.response
    origin = page.sample.origin if page.sample else Origin(Kind.ASSUMED, page.file)
    several = "the page prints no status: there are several"
    status: Fact[str] = Fact("200", origin.assumed(several))
    if response is not None and response.status is not None:
        status = response.status
    description: Fact[str] = Fact("", origin.assumed("the response has no description"))
    if response is not None and response.description is not None:
        description = response.description
    described: dict[str, Node] = {"description": description}
    if schema is not None:
        content_type = Fact(_JSON, origin.assumed("the sample is JSON"))
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
        kind = Fact("apiKey", name.origin.assumed("a credential in a named place"))
        scheme = {"type": kind, "in": location, "name": name}
    if one.description is not None:
        scheme["description"] = one.description
    schemes.setdefault(key, Fact(scheme, name.origin))
    note = "a credential is sent; the page names neither its scheme nor scopes"
    return tree({key: []}, name.origin.assumed(note))
