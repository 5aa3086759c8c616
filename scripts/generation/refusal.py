"""What the generators would spoil without a word: refused by the line that states it.

openapi-python-client keeps only one of two enum values that give the same Python name, and sends
parameters in one style whatever the contract says. Neither it nor the file system knows two
components, or a name, of which there is but one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scripts.contract.operations.naming import words
from scripts.facts import Node, inside
from scripts.failure import Problem
from scripts.generation.generators import styles
from scripts.reading.document.traversal import operations, parts

_LONGEST = 200
"""Characters of a name that becomes that of a file, which has 255 bytes in most file systems."""

_MOST = 50_000
"""Members of one enum or of one object; the generators take half a minute for so many."""


def problems(contract: Node) -> list[Problem]:
    """Return what the generators would spoil, each with its line."""
    return [
        *_enums(contract),
        *_components(contract),
        *_operations(contract),
        *_sizes(contract),
        *styles.refused(contract),
    ]


def _enums(contract: Node) -> Iterator[Problem]:
    for kind, part in parts(contract):
        seen: dict[str, Node] = {}
        values = part.value["enum"].value if kind == "schema" and "enum" in part.value else ()
        for one in values if all(not isinstance(one.value, float) for one in values) else ():
            if not isinstance(one.value, str):
                continue
            other = seen.setdefault(re.sub(r"[\W_]+", "_", one.value).upper(), one)
            if other is not one and other.value != one.value:
                what = (
                    f"the enum values {other.value!r} and {one.value!r} give the same Python name"
                )
                hint = "remove one of the two by an action of the overlay"
                yield one.origin.problem(what, hint)


def _sizes(contract: Node) -> Iterator[Problem]:
    for kind, part in parts(contract):
        for key in ("enum", "properties") if kind == "schema" else ():
            members = part.value.get(key)
            if members is not None and len(members.value) > _MOST:
                what = f"{len(members.value)} members of one schema are more than {_MOST}"
                hint = "is this one schema? replace it by the overlay"
                yield members.origin.problem(what, hint)


def _components(contract: Node) -> Iterator[Problem]:
    """Yield a problem for each component that would be the same class, or file, as another."""
    seen: dict[str, str] = {}
    schemas = inside(contract, ("components", "schemas"))
    for name, schema in schemas.value.items() if schemas is not None else ():
        other = seen.setdefault("".join(words(name)).lower(), name)
        if other != name:
            what = f"the components {other!r} and {name!r} give the same Python class"
            yield schema.origin.problem(what, "rename one of the two where it is defined")
        elif len(name) > _LONGEST:
            yield _too_long(schema, "the component's name", name)


def _operations(contract: Node) -> Iterator[Problem]:
    for *_, operation in operations(contract):
        tags = operation.value["tags"].value if "tags" in operation.value else []
        identifier = operation.value.get("operationId")
        for one in (*tags[:1], *([identifier] if identifier is not None else [])):
            if len(one.value) > _LONGEST:
                yield _too_long(one, "the operation's name or tag", one.value)


def _too_long(node: Node, what: str, name: str) -> Problem:
    what = f"{what} has {len(name)} characters, of which no file can be named: {name[:40]}..."
    return node.origin.problem(what, f"shorten it to {_LONGEST}, by an action of the overlay")
