"""References within a document: each leads to a part of it, and none back to itself."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.facts import Node, target
from scripts.failure import Problem, refuse
from scripts.reading.document.traversal import parts


def check_references(document: Node) -> None:
    """Refuse references to other files and to what is not in the document."""
    problems: list[Problem] = []
    for _, part in parts(document):
        reference = part.value.get("$ref")
        if reference is None:
            continue
        written, origin = reference.value, reference.origin
        if not isinstance(written, str):
            problems.append(origin.problem("$ref is not a string"))
        elif not written.startswith("#"):
            hint = "what it refers to is not on the page: capture the page again"
            problems.append(origin.problem(f"$ref leads out of the page: {written}", hint))
        elif target(document, written) is None:
            hint = "is the document's end missing? capture the page again"
            problems.append(origin.problem(f"$ref leads to nothing: {written}", hint))
    if not problems:
        problems = list(_circles(document))
    refuse(problems)


def _circles(document: Node) -> Iterator[Problem]:
    """Yield a problem for each reference that leads back to itself, with no property on the way.

    A schema that is itself, or itself or something else, says nothing that a reader could find.
    """
    done: set[str] = set()
    for _, part in parts(document):
        for first in _same(part):
            way: list[tuple[str, Iterator[Node]]] = []
            reference: Node | None = first
            while reference is not None or way:
                written = "" if reference is None else str(reference.value)
                if reference is not None and any(written == before for before, _ in way):
                    hint = "a part of the document is missing: capture the page again"
                    yield reference.origin.problem(f"$ref leads back to itself: {written}", hint)
                elif reference is not None and written not in done:
                    found = target(document, written)
                    way.append((written, iter(_same(found) if found is not None else ())))
                if not way:
                    break
                reference = next(way[-1][1], None)
                if reference is None:
                    done.add(way.pop()[0])


def _same(part: Node) -> list[Node]:
    """Return the references to what a part is, or has for an alternative."""
    found: list[Node] = []
    waiting = [part]
    while waiting:
        value = waiting.pop().value
        if not isinstance(value, dict):
            continue
        if "$ref" in value:
            found.append(value["$ref"])
        for key in ("allOf", "anyOf", "oneOf"):
            if key in value and isinstance(value[key].value, list):
                waiting.extend(value[key].value)
    return found
