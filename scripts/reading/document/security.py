"""Security requirements of a document whose schemes are not on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scripts.facts import Fact, Kind, Node, tree
from scripts.failure import Problem
from scripts.reading.document.traversal import parts

__all__ = ["with_schemes"]

_BEARER = {"type": "http", "scheme": "bearer"}


def with_schemes(document: Node) -> tuple[Node, tuple[Problem, ...]]:
    """Return a document in which each requirement names a scheme, with a remark on what was added.

    A requirement without its scheme still says that calls need a credential. That it is sent as a
    bearer token is assumed, so that an overlay can say otherwise.
    """
    components = document.value.get("components")
    members = components.value if components is not None else {}
    listed = members.get("securitySchemes")
    known: dict[str, Node] = dict(listed.value) if listed is not None else {}
    remarks: list[Problem] = []
    for name, scopes in _requirements(document):
        if name in known:
            continue
        what = f"the security requirement {name!r} names no scheme of the document"
        origin = scopes.origin
        hint = "it was taken for a bearer token; an overlay can state the scheme"
        remarks.append(Problem(what, origin.file, origin.line, hint=hint))
        note = "a requirement names it, and the document does not say what it is"
        known[name] = tree(_BEARER, replace(origin, kind=Kind.ASSUMED, note=note))
    if not remarks:
        return document, ()
    schemes = Fact(known, (listed or document).origin)
    held = Fact({**members, "securitySchemes": schemes}, (components or document).origin)
    return Fact({**document.value, "components": held}, document.origin), tuple(remarks)


def _requirements(document: Node) -> Iterator[tuple[str, Node]]:
    for kind, part in parts(document):
        if kind == "requirement":
            yield from part.value.items()
