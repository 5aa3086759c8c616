"""The contract: one OpenAPI 3.1 document from the pages, every part a fact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from scripts import naming
from scripts.components import Root, share
from scripts.facts import Fact, Node, tree
from scripts.failure import PipelineError
from scripts.operation import assumed, operation
from scripts.page import Page

__all__ = ["assemble"]

_OPENAPI = "3.1.1"


def assemble(pages: Sequence[Page]) -> Node:
    """Return the OpenAPI document of all pages, in the order of their paths.

    Raises PipelineError where two pages describe the same operation, or a page lacks what a
    contract cannot do without.
    """
    ordered = sorted(pages, key=lambda page: (page.path.value, page.method.value))
    if not ordered:
        raise PipelineError("there are no pages to assemble a contract from")
    _refuse_twice(ordered)
    schemes: dict[str, Node] = {}
    operations = [operation(page, schemes) for page in ordered]
    roots: list[Root] = []
    for page, described in zip(ordered, operations, strict=True):
        replaced(described, lambda root: roots.append(root) or root.schema, page)
    schemas, components = share(roots)
    remaining = iter(schemas)
    paths: dict[str, dict[str, Node]] = {}
    for page, described in zip(ordered, operations, strict=True):
        shared = replaced(described, lambda _: next(remaining), page)
        paths.setdefault(page.path.value, {})[page.method.value.lower()] = shared

    first = ordered[0]
    origin = assumed(first, "what this pipeline writes")
    contract: dict[str, Node] = {
        "openapi": Fact(_OPENAPI, origin),
        "info": Fact(_info(ordered), origin),
        "servers": Fact(_servers(ordered), origin),
        "paths": Fact(
            {path: tree(item, next(iter(item.values())).origin) for path, item in paths.items()},
            origin,
        ),
        "components": Fact(
            {
                "schemas": Fact(components, origin),
                "securitySchemes": Fact(dict(sorted(schemes.items())), origin),
            },
            origin,
        ),
    }
    return Fact(contract, origin)


def replaced(described: Node, change: Callable[[Root], Node], page: Page) -> Node:
    """Return an operation with the schemas of its bodies changed."""
    value = dict(described.value)
    if "requestBody" in value:
        name = naming.pascal(page.title.value) + "Request"
        value["requestBody"] = _with_content(value["requestBody"], name, change)
    responses = value["responses"]
    name = naming.resource(page.path.value)
    changed = {s: _with_content(one, name, change) for s, one in responses.value.items()}
    value["responses"] = Fact(changed, responses.origin)
    return Fact(value, described.origin)


def _with_content(body: Node, name: str, change: Callable[[Root], Node]) -> Node:
    if "content" not in body.value:
        return body
    content = body.value["content"]
    types = {}
    for key, media in content.value.items():
        value = dict(media.value)
        if "schema" in value:
            value["schema"] = change(Root(name, value["schema"]))
        types[key] = Fact(value, media.origin)
    return Fact({**body.value, "content": Fact(types, content.origin)}, body.origin)


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
        place = f"{page.method.value} {page.path.value}"
        other = seen.setdefault((page.path.value, page.method.value), page)
        if other is not page:
            raise PipelineError(
                f"{place} is described by {other.file} already",
                file=page.file, line=page.method.origin.line, hint="remove one of the two pages",
            )  # fmt: skip
        named = names.setdefault(naming.operation_id(page.title.value), page)
        if named is not page:
            raise PipelineError(
                f"the title gives the same operationId as that of {named.file}: "
                f"{naming.operation_id(page.title.value)}",
                file=page.file, line=page.title.origin.line, hint="make the titles differ",
            )  # fmt: skip


def _info(pages: Sequence[Page]) -> dict[str, Node]:
    based = next((page for page in pages if page.base_url is not None), pages[0])
    host = urlsplit(based.base_url.value).hostname if based.base_url else None
    labels = (host or "api").split(".")
    brand = labels[-2] if len(labels) > 1 else labels[0]
    at = based.base_url.origin.line if based.base_url else None
    dates = [(_date(page.last_modified), page) for page in pages if page.last_modified]
    version = Fact("0", assumed(pages[0], "no page says when it was last modified"))
    if dates:
        latest, page = max(dates, key=lambda item: item[0])
        line = page.last_modified.origin.line if page.last_modified else None
        version = Fact(latest, assumed(page, "the latest 'Last modified on' of the pages", line))
    title = Fact(f"{brand.capitalize()} API", assumed(based, "from the host's name", at))
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
