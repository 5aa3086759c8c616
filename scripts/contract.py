"""The contract: one OpenAPI 3.1 document from the pages, every part a fact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from scripts import naming
from scripts.components import share
from scripts.facts import Fact, Node, tree
from scripts.failure import PipelineError
from scripts.operation import assumed, operation, request_root, response_root
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
    roots = [root for page in ordered for root in (request_root(page), response_root(page))]
    schemas, components = share([root for root in roots if root is not None])
    remaining = iter(schemas)
    schemes: dict[str, Node] = {}
    paths: dict[str, dict[str, Node]] = {}
    for page in ordered:
        request = next(remaining) if request_root(page) is not None else None
        response = next(remaining) if response_root(page) is not None else None
        described = operation(page, request, response, schemes)
        paths.setdefault(page.path.value, {})[page.method.value.lower()] = described

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
