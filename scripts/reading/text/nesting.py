"""Fields within fields: sites that unfold an object list what is in it by dotted names.

`extractors.id` is the field `id` of the items of `extractors`, where that is listed before it as
an object or a list; `headers.{key}` is any key of the map `headers`; an entry without a name, the
items of the list before it. A dot in any other name is part of the name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from scripts.facts import Fact
from scripts.reading.page import Field


@dataclass(slots=True)
class _Node:
    own: Field
    children: dict[str, _Node] = field(default_factory=dict)

    def built(self) -> Field:
        if not self.children:
            return self.own
        return replace(self.own, children=tuple(one.built() for one in self.children.values()))


def nested(fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return a section's fields, each with those within it."""
    roots: list[_Node] = []
    known: dict[str, _Node] = {}
    last = ""
    for one in fields:
        name = one.name.value
        whole = name or f"{last}."
        owner = _owner(whole, known)
        node = _Node(one)
        known[whole] = node
        last = whole
        if owner is None:
            roots.append(node)
            continue
        inner = whole.removeprefix(f"{owner}.")
        node.own = replace(one, name=Fact(inner, one.name.origin))
        known[owner].children[inner] = node
    return tuple(node.built() for node in roots)


def _owner(name: str, known: dict[str, _Node]) -> str | None:
    """Return the longest name before a dot that is the name of a field with others in it."""
    end = name.rfind(".")
    while end > 0:
        node = known.get(name[:end])
        if node is not None and any(
            type_.depth or type_.base in ("object", "array", "any")
            for type_ in node.own.types.value
        ):
            return name[:end]
        end = name.rfind(".", 0, end)
    return None
