"""Operations of an OpenAPI document as the documentation platform shows them: text, `.md`, HTML."""

from __future__ import annotations

import html
from typing import Any

from scripts.emitter import dump
from tests.pipeline.rendering.renderer import Json, Operation, Style, render, resolve

__all__ = ["html_page", "markdown_page", "operation_of", "text_page"]


def operation_of(document: Json, path: str, method: str) -> Operation:
    """Return an operation as `render` takes it; of several responses, the first success."""
    own = document["paths"][path][method]
    responses = {str(status): _target(one, document) for status, one in own["responses"].items()}
    status = next(iter(sorted(responses)))
    body = _target(own.get("requestBody", {}), document)
    schemes = document["components"]["securitySchemes"]
    first = schemes[next(iter(own["security"][0]))]
    return Operation(
        method=method,
        path=path,
        title=own["summary"],
        base_url=document["servers"][0]["url"],
        credentials=(
            {"name": "Authorization", "in": "header", "value": "Bearer <token>",
             "description": first.get("description", "")},
        ),
        parameters=tuple(
            {**one, "schema": resolve(one.get("schema", {}), document)}
            for one in (_target(one, document) for one in own.get("parameters", ()))
        ),
        body_description=body.get("description", ""),
        bodies=_schemas(body, document),
        status=status,
        response_description=responses[status]["description"],
        responses=_schemas(responses[status], document),
        statuses=len(responses),
    )  # fmt: skip


def text_page(document: Json, path: str, method: str, style: Style | None = None) -> str:
    """Return the visible text of an operation's page."""
    return render(operation_of(document, path, method), style) + "\n"


def html_page(text: str) -> bytes:
    """Return a page whose visible text this is."""
    return f"<!doctype html><title>page</title><body><pre>{html.escape(text)}</pre>".encode()


def markdown_page(document: Json, path: str, method: str) -> str:
    """Return the `.md` page of an operation: the part of the document that it needs, in a fence."""
    own = document["paths"][path][method]
    paths = {path: {method: own}}
    shared = {key: document[key] for key in ("openapi", "info", "servers")}
    components: Json = {"securitySchemes": document["components"]["securitySchemes"]}
    waiting: list[Any] = [paths]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict) and isinstance(part.get("$ref"), str):
            _, section, name = part["$ref"].removeprefix("#/").split("/")
            if name not in components.get(section, {}):
                found = document["components"][section][name]
                components.setdefault(section, {})[name] = found
                waiting.append(found)
        waiting += (
            part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        )
    pruned = dump({**shared, "paths": paths, "components": components})
    return (
        f"> ## Documentation Index\n> Fetch the complete documentation index at: "
        f"https://docs.example.com/llms.txt\n\n# {own['summary']}\n\n"
        f"> {own.get('description', own['summary'])}\n\n"
        f"## OpenAPI\n\n````yaml {method} {path}\n{pruned}````\n"
    )


def _target(part: Json, document: Json) -> Json:
    if "$ref" not in part:
        return part
    _, section, name = part["$ref"].removeprefix("#/").split("/")
    return document["components"][section][name]


def _schemas(part: Json, document: Json) -> Json:
    content = part.get("content", {})
    return {kind: resolve(one["schema"], document) for kind, one in content.items()} or None
