"""The contract: one OpenAPI 3.1 document from the pages, every part a fact."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from scripts import naming
from scripts.components import Root, share
from scripts.facts import Fact, Kind, Node, Origin, tree
from scripts.failure import PipelineError
from scripts.page import Field, Page
from scripts.schema import field_schema, object_schema

__all__ = ["assemble"]

_OPENAPI = "3.1.1"
_JSON = "application/json"


def assemble(pages: Sequence[Page]) -> Node:
    """Return the OpenAPI document of all pages, in the order of their paths.

    Raises PipelineError where two pages describe the same operation, or a page lacks what a
    contract cannot do without.
    """
    ordered = sorted(pages, key=lambda page: (page.path.value, page.method.value))
    if not ordered:
        raise PipelineError("there are no pages to assemble a contract from")
    _refuse_twice(ordered)
    roots = [root for page in ordered for root in (_request_root(page), _response_root(page))]
    schemas, components = share([root for root in roots if root is not None])
    remaining = iter(schemas)
    schemes: dict[str, Node] = {}
    paths: dict[str, dict[str, Node]] = {}
    for page in ordered:
        request = next(remaining) if _request_root(page) is not None else None
        response = next(remaining) if _response_root(page) is not None else None
        operation = _operation(page, request, response, schemes)
        paths.setdefault(page.path.value, {})[page.method.value.lower()] = operation

    first = ordered[0]
    assumed = _assumed(first, "what this pipeline writes")
    contract: dict[str, Node] = {
        "openapi": Fact(_OPENAPI, assumed),
        "info": Fact(_info(ordered), assumed),
        "servers": Fact(_servers(ordered), assumed),
        "paths": Fact(
            {path: tree(item, next(iter(item.values())).origin) for path, item in paths.items()},
            assumed,
        ),
        "components": Fact(
            {
                "schemas": Fact(components, assumed),
                "securitySchemes": Fact(dict(sorted(schemes.items())), assumed),
            },
            assumed,
        ),
    }
    return Fact(contract, assumed)


def _refuse_twice(pages: Sequence[Page]) -> None:
    seen: dict[tuple[str, str], Page] = {}
    names: dict[str, Page] = {}
    for page in pages:
        if not naming.operation_id(page.title.value)[:1].isalpha():
            raise PipelineError(
                "the title gives no operationId: it does not begin with a word in Latin letters",
                file=page.file, line=page.title.origin.line, text=page.title.value,
                hint="translate the title",
            )  # fmt: skip
        operation = f"{page.method.value} {page.path.value}"
        other = seen.setdefault((page.path.value, page.method.value), page)
        if other is not page:
            raise PipelineError(
                f"{operation} is described by {other.file} already",
                file=page.file, line=page.method.origin.line, hint="remove one of the two pages",
            )  # fmt: skip
        named = names.setdefault(naming.operation_id(page.title.value), page)
        if named is not page:
            raise PipelineError(
                f"the title gives the same operationId as that of {named.file}: "
                f"{naming.operation_id(page.title.value)}",
                file=page.file, line=page.title.origin.line, hint="make the titles differ",
            )  # fmt: skip


def _assumed(page: Page, note: str, line: int | None = None) -> Origin:
    return Origin(Kind.ASSUMED, page.file, line, note)


def _info(pages: Sequence[Page]) -> dict[str, Node]:
    based = next((page for page in pages if page.base_url is not None), pages[0])
    host = urlsplit(based.base_url.value).hostname if based.base_url else None
    labels = (host or "api").split(".")
    brand = labels[-2] if len(labels) > 1 else labels[0]
    at = based.base_url.origin.line if based.base_url else None
    dates = [(_date(page.last_modified), page) for page in pages if page.last_modified]
    version = Fact("0", _assumed(pages[0], "no page says when it was last modified"))
    if dates:
        latest, page = max(dates, key=lambda item: item[0])
        line = page.last_modified.origin.line if page.last_modified else None
        version = Fact(latest, _assumed(page, "the latest 'Last modified on' of the pages", line))
    title = Fact(f"{brand.capitalize()} API", _assumed(based, "from the host's name", at))
    return {"title": title, "version": version}


def _date(fact: Fact[str]) -> str:
    try:
        return datetime.strptime(fact.value, "%B %d, %Y").date().isoformat()
    except ValueError:
        raise PipelineError(
            f"{fact.value!r} is not a date",
            file=fact.origin.file,
            line=fact.origin.line,
            hint="expected a date such as May 27, 2026",
        ) from None


def _servers(pages: Sequence[Page]) -> list[Node]:
    urls: dict[str, Node] = {}
    for page in pages:
        if page.base_url is not None:
            urls.setdefault(page.base_url.value, Fact({"url": page.base_url}, page.base_url.origin))
    return list(urls.values())


def _request_root(page: Page) -> Root | None:
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
    schema = object_schema(page.body.fields, sample, None, origin)
    return Root(naming.pascal(page.title.value) + "Request", schema)


def _response_root(page: Page) -> Root | None:
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
        return Root(naming.resource(page.path.value), Fact(array, sample.origin))
    return Root(naming.resource(page.path.value), object_schema(fields, sample, described, origin))


def _origin_of(sample: Node | None) -> Origin:
    assert sample is not None, "asked for only where there is a sample"
    return sample.origin


def _operation(
    page: Page, request: Node | None, response: Node | None, schemes: dict[str, Node]
) -> Node:
    title = page.title
    derived = _assumed(page, "from the page's title", title.origin.line)
    by_path = _assumed(page, "the path's first segment", page.path.origin.line)
    operation: dict[str, Node] = {
        "operationId": Fact(naming.operation_id(title.value), derived),
        "summary": title,
    }
    if page.description is not None:
        operation["description"] = page.description
    operation["tags"] = tree([naming.tag(page.path.value)], by_path)
    if page.parameters:
        described = [_parameter(one) for one in page.parameters]
        operation["parameters"] = Fact(described, page.parameters[0].name.origin)
    if request is not None and page.body is not None:
        operation["requestBody"] = _request_body(page, request)
    operation["responses"] = _responses(page, response)
    security = [_security(page, one, schemes) for one in page.authorizations]
    if security:
        operation["security"] = Fact(security, security[0].origin)
    return Fact(operation, page.method.origin)


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
    content_type = body.content_type or Fact(_JSON, _assumed(page, "no content type is printed"))
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
        "200", _assumed(page, "the page prints no status: there are several", line)
    )
    if response is not None and response.status is not None:
        status = response.status
    description: Fact[str] = Fact("", _assumed(page, "the response has no description", line))
    if response is not None and response.description is not None:
        description = response.description
    described: dict[str, Node] = {"description": description}
    if schema is not None:
        content_type = Fact(_JSON, _assumed(page, "the sample is JSON", line))
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
        kind = Fact("apiKey", _assumed(page, "a credential in a named place", name.origin.line))
        scheme = {"type": kind, "in": location, "name": name}
    if one.description is not None:
        scheme["description"] = one.description
    known = schemes.setdefault(key, Fact(scheme, name.origin))
    return Fact({key: Fact([], known.origin)}, name.origin)
