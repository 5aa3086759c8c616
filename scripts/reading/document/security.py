"""Security requirements of a document whose schemes are not on the page."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.facts import Fact, Node, inside, tree, with_members
from scripts.failure import Problem
from scripts.reading.document.traversal import parts

_BEARER = {"type": "http", "scheme": "bearer"}


def with_schemes(document: Node) -> tuple[Node, tuple[Problem, ...]]:
    """Return a document in which each requirement names a scheme, with a remark on what was added.

    A requirement without its scheme still says that calls need a credential. That it is sent as a
    bearer token is assumed, so that an overlay can say otherwise.
    """
    listed = inside(document, ("components", "securitySchemes"))
    known: dict[str, Node] = dict(listed.value) if listed is not None else {}
    remarks: list[Problem] = []
    for name, scopes in _requirements(document):
        if name in known:
            continue
        what = f"the security requirement {name!r} names no scheme of the document"
        hint = "it was taken for a bearer token; an overlay can state the scheme"
        remarks.append(scopes.origin.problem(what, hint))
        note = "a requirement names it, and the document does not say what it is"
        known[name] = tree(_BEARER, scopes.origin.assumed(note))
    if not remarks:
        return document, ()
    schemes = {"securitySchemes": Fact(known, (listed or document).origin)}
    components = with_members(document.value.get("components", tree({}, document.origin)), schemes)
    return with_members(document, {"components": components}), tuple(remarks)


def _requirements(document: Node) -> Iterator[tuple[str, Node]]:
    for kind, part in parts(document):
        if kind == "requirement":
            yield from part.value.items()
