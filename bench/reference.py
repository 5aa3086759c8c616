"""A whole reference: as many pages as the vendor's has operations, and a client of them all.

With `REFERENCE=FILE` the operations are those of an OpenAPI document, a page of the `.md` form for
each; else they are 160 variations of the captured page, each with components of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.reading import variation
from scripts import documents
from scripts.emitter import dump

__all__ = ["write_pages"]

_METHODS: tuple[str, ...] = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_OPERATIONS = 160


def write_pages(folder: Path, reference: Path | None) -> int:
    """Write the pages into an empty folder; return how many operations they describe."""
    pages = _variations() if reference is None else _of_document(documents.read(reference).value)
    count = 0
    for count, (suffix, text) in enumerate(pages, 1):
        (folder / f"page-{count:04}{suffix}").write_text(text, encoding="utf-8")
    return count


def _variations() -> Iterator[tuple[str, str]]:
    for number in range(_OPERATIONS):
        yield ".txt", variation(number)


def _of_document(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    members = ("openapi", "info", "servers", "security")
    shared: dict[str, Any] = {key: document[key] for key in members if key in document}
    for path, item in document["paths"].items():
        common = {key: value for key, value in item.items() if key not in _METHODS}
        for method, operation in item.items():
            if method in common:
                continue
            paths = {path: {**common, method: operation}}
            pruned = {**shared, "paths": paths, "components": _reached(document, paths)}
            title = operation.get("summary", f"{method} {path}")
            fence = f"````yaml reference {method} {path}\n{dump(pruned)}````"
            yield ".md", f"# {title}\n\n## OpenAPI\n\n{fence}\n"


def _reached(document: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """Return the components that an operation refers to, directly or not, and all security."""
    components = document.get("components", {})
    found: dict[str, Any] = {}
    if "securitySchemes" in components:
        found["securitySchemes"] = components["securitySchemes"]
    waiting: list[Any] = [paths]
    while waiting:
        for section, name in _references(waiting.pop()):
            if name not in found.get(section, {}):
                found.setdefault(section, {})[name] = components[section][name]
                waiting.append(components[section][name])
    return found


def _references(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/"):
            section, _, name = reference.removeprefix("#/components/").partition("/")
            yield section, name
    members = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for member in members:
        yield from _references(member)
