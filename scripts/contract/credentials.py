"""Where a page says that a credential is sent, held against the schemes that an overlay puts there.

Page text names no scheme, so an overlay's takes its place. But in which header it is sent, or in
the query, the page states.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from scripts.facts import Node, Origin, inside
from scripts.failure import Problem
from scripts.reading.document.traversal import operations

_Sent: TypeAlias = tuple[str, str, str]
"""Place, name and, of the header `Authorization`, scheme in small letters, "" where any fits."""


def elsewhere(pages: Node, contract: Node) -> list[Problem]:
    """Return a notice for each credential of the pages that the contract sends nowhere alike."""
    found: dict[Problem, None] = {}
    now = {(path, method): one for path, method, one in operations(contract)}
    for path, method, operation in operations(pages):
        sent = {one for one, _ in _credentials(contract, now.get((path, method)))}
        for one, origin in _credentials(pages, operation):
            place, name, scheme = one
            if sent and not any(
                other[:2] == one[:2] and (not scheme or scheme == other[2]) for other in sent
            ):
                by = f" with the scheme {scheme!r}" if scheme else ""
                what = f"the page sends a credential in the {place} {name!r}{by}, "
                what += "but the contract, by an overlay, does not"
                hint = "correct the overlay; the hand-written client sends `Authorization: Bearer`"
                found[origin.problem(what, hint)] = None
    return list(found)


def undefined(contract: Node) -> list[Problem]:
    """Return a notice for each requirement that names no scheme of the contract."""
    schemes = inside(contract, ("components", "securitySchemes"))
    known = schemes.value if schemes is not None else {}
    hint = "correct the name, or add the scheme"
    found = {
        (key, scopes.origin): None
        for _, _, operation in operations(contract)
        for requirement in (
            operation.value["security"].value if "security" in operation.value else ()
        )
        for key, scopes in requirement.value.items()
        if key not in known
    }
    return [
        origin.problem(f"the security requirement {key!r} names no scheme of the contract", hint)
        for key, origin in found
    ]


def _credentials(contract: Node, operation: Node | None) -> Iterator[tuple[_Sent, Origin]]:
    """Yield each credential of an operation, and the line behind it."""
    security = None if operation is None else operation.value.get("security")
    schemes = inside(contract, ("components", "securitySchemes"))
    for requirement in security.value if security is not None else ():
        for key in requirement.value:
            scheme = schemes.value.get(key) if schemes is not None else None
            if scheme is not None and (sent := _sent(scheme)) is not None:
                yield sent, scheme.origin


def _sent(scheme: Node) -> _Sent | None:
    known = {key: str(one.value) for key, one in scheme.value.items() if key != "flows"}
    kind = known.get("type")
    if kind == "apiKey" and {"in", "name"} <= known.keys():
        return known["in"], known["name"].lower(), ""
    if kind == "http":
        return "header", "authorization", known.get("scheme", "").lower()
    return ("header", "authorization", "bearer") if kind in ("oauth2", "openIdConnect") else None
