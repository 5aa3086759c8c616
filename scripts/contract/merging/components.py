"""One set of components from many contributions: equal ones shared, different ones kept apart.

Components of one name fall into classes. Equal ones are of one class, and so are compatible ones
(the same component on pages of different dates), which are united with a note of what differs. The
class of the contribution that comes first (`Contribution.order`, after the depth at which a schema
stands) keeps the name; another one gets `NAMEOfOPERATION`. A page that is added thus renames
nothing, unless it comes first with something that contradicts what has had the name.

The vendor's own names, from `.md` pages, stand also for schemas of page text that have the same
shape.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.contract.merging.renaming import ComponentKey, renamed, with_references
from scripts.contract.merging.union import Union, compatible
from scripts.contract.operations.contribution import Contribution, component, references
from scripts.contract.operations.naming import pascal, words
from scripts.contract.operations.schema import ANNOTATIONS
from scripts.facts import Node, plain
from scripts.failure import Problem

_UNNAMED = frozenset({*ANNOTATIONS, "title", "example", "externalDocs"})


@dataclass(frozen=True, slots=True)
class Merged:
    """The operations of the contributions, in order, and the components that they refer to.

    `own` are the schemas that no page of the vendor's names. `replaced` leads from names that
    schemas would have with fewer pages to those that they got.
    """

    operations: tuple[Node, ...]
    components: dict[str, dict[str, Node]]
    notices: tuple[Problem, ...]
    own: frozenset[str]
    replaced: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A component as one contribution has it."""

    index: int
    contribution: Contribution
    key: ComponentKey
    node: Node

    @property
    def order(self) -> tuple[Any, ...]:
        depth = self.contribution.depths.get(self.key[1], 0) if self.key[0] == "schemas" else 0
        # `{"message": ..., "id": ...}` acknowledges something; it does not show the resource.
        properties = (
            self.node.value.get("properties") if isinstance(self.node.value, dict) else None
        )
        acknowledges = properties is not None and len(properties.value) < 3
        return (not self.contribution.vendor, depth, acknowledges, *self.contribution.order)


def merge(contributions: Sequence[Contribution], pinned: Collection[str] = ()) -> Merged:
    """Return the contributions' operations with their components brought together.

    The operations' ids must be unique: names are made of them. The names in `pinned` stay.
    """
    contributions, replaced = _with_vendor_names(contributions, pinned)
    found: dict[ComponentKey, list[_Seen]] = {}
    for index, contribution in enumerate(contributions):
        for section, nodes in contribution.components.items():
            for name, node in nodes.items():
                key = (section, name)
                found.setdefault(key, []).append(_Seen(index, contribution, key, node))
    names: list[dict[ComponentKey, str]] = [{} for _ in contributions]
    classes: list[tuple[str, list[_Seen]]] = []
    digests = _Digests()
    taken = set(found)
    for key in sorted(found):
        for number, members in enumerate(_classes(found[key], digests)):
            name = key[1] if number == 0 else _other_name(members[0], taken)
            classes.append((name, members))
            if number and key[0] == "schemas":
                # Without the first page the class would be called by the second.
                replaced |= {_wanted(one): name for one in members[1:] if _wanted(one) != name}
            for one in members:
                if name != key[1]:
                    names[one.index][key] = name
    notices: list[Problem] = []
    components: dict[str, dict[str, Node]] = {}
    for name, members in sorted(classes, key=lambda item: item[0]):
        united = _united(name, members, names, digests, notices)
        components.setdefault(members[0].key[0], {})[name] = united
    operations = tuple(
        with_references(one.operation, mapping)
        for one, mapping in zip(contributions, names, strict=True)
    )
    _drop_unused(components, operations, classes)
    own = {
        name
        for name, members in classes
        if name not in pinned and not any(one.contribution.vendor for one in members)
    }
    return Merged(operations, components, tuple(notices), frozenset(own), replaced)


# Classes of components


@dataclass(frozen=True, slots=True)
class _Own:
    """What a component is without what it refers to: digests of its content and of its shape."""

    content: str
    shape: str
    references: tuple[ComponentKey, ...]


class _Digests:
    """What makes components equal, with all that they refer to: by content, and by shape alone."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, ComponentKey, bool], str] = {}
        self._own: dict[tuple[int, ComponentKey], _Own] = {}

    def of(self, contribution: Contribution, key: ComponentKey, *, bare: bool) -> str:
        known = self._known.get((id(contribution), key, bare))
        if known is None:
            reached = self._reached(contribution, key)
            parts = [[*one, own.shape if bare else own.content] for one, own in reached.items()]
            known = self._known[id(contribution), key, bare] = _digest(sorted(parts))
        return known

    def _reached(self, contribution: Contribution, key: ComponentKey) -> dict[ComponentKey, _Own]:
        """Return a component and all that it reaches, by name."""
        reached: dict[ComponentKey, _Own] = {}
        waiting = [key]
        while waiting:
            one = waiting.pop()
            node = contribution.components.get(one[0], {}).get(one[1])
            if one not in reached and node is not None:
                reached[one] = self._of_itself(contribution, one, node)
                waiting += reached[one].references
        return reached

    def _of_itself(self, contribution: Contribution, key: ComponentKey, node: Node) -> _Own:
        known = self._own.get((id(contribution), key))
        if known is None:
            content = plain(node)
            shape = _shape(content) if key[0] == "schemas" else content
            known = _Own(_digest(content), _digest(shape), tuple(references(node)))
            self._own[id(contribution), key] = known
        return known


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _shape(value: Any, *, names: bool = False) -> Any:
    """Return a schema without what has no bearing on its shape; `names` are names of properties."""
    if isinstance(value, list):
        return [_shape(member) for member in value]
    if not isinstance(value, dict):
        return value
    bare = {}
    for key, member in value.items():
        if names:
            bare[key] = _shape(member)
        elif key in ("required", "enum") and isinstance(member, list):
            bare[key] = sorted(member, key=lambda one: json.dumps(one, sort_keys=True))
        elif key not in _UNNAMED and not key.startswith("x-"):
            bare[key] = _shape(member, names=key == "properties")
    return bare


def _classes(seen: list[_Seen], digests: _Digests) -> list[list[_Seen]]:
    """Return the classes of one name, the one that keeps it first; members in their order."""
    if len(seen) == 1:
        return [seen]
    shapes: dict[str, list[_Seen]] = {}
    for one in sorted(seen, key=lambda one: one.order):
        shapes.setdefault(digests.of(one.contribution, one.key, bare=True), []).append(one)
    classes: list[list[list[_Seen]]] = []
    for members in shapes.values():
        for known in classes:
            if all(_compatible(members[0], others[0]) for others in known):
                known.append(members)
                break
        else:
            classes.append([members])
    return [[one for members in known for one in members] for known in classes]


def _compatible(one: _Seen, other: _Seen) -> bool:
    section = one.key[0]
    if section == "schemas":
        looks = other.contribution.target, one.contribution.target
        return compatible(other.node, one.node, *looks)
    left, right = (
        {k: v for k, v in plain(seen.node).items() if k not in ("description", "example")}
        if isinstance(seen.node.value, dict)
        else plain(seen.node)
        for seen in (one, other)
    )
    return bool(left == right)


def _wanted(one: _Seen) -> str:
    return f"{one.key[1]}Of{pascal(one.contribution.operation.value['operationId'].value)}"


def _other_name(first: _Seen, taken: set[ComponentKey]) -> str:
    """Return the name of a class that does not keep its own: by the operation that shows it."""
    section, wanted = first.key[0], _wanted(first)
    number = 2
    other = wanted
    while (section, other) in taken:
        other, number = f"{wanted}{number}", number + 1
    taken.add((section, other))
    return other


# One component of a class


def _united(
    name: str,
    members: list[_Seen],
    names: list[dict[ComponentKey, str]],
    digests: _Digests,
    notices: list[Problem],
) -> Node:
    """Return the union of a class; of equal members the first stands for all."""
    if len(members) == 1:
        only = members[0]
        return with_references(only.node, names[only.index])
    contents: dict[str, _Seen] = {}
    for one in members:
        contents.setdefault(digests.of(one.contribution, one.key, bare=False), one)
    # The vendor's own first, then what is newer; sorting is stable.
    different = sorted(contents.values(), key=lambda one: one.contribution.date or "", reverse=True)
    different.sort(key=lambda one: not one.contribution.vendor)
    first = different[0]
    node = with_references(first.node, names[first.index])
    for one in different[1:]:
        decided = (first.contribution.vendor, first.contribution.date or "") > (
            one.contribution.vendor,
            one.contribution.date or "",
        )
        partial = first.contribution.vendor and not one.contribution.vendor
        union = Union(decided=decided, partial=partial)
        place = f"components.{one.key[0]}.{name}"
        node = union.of(node, with_references(one.node, names[one.index]), place)
        notices += union.notes
    return node


def _drop_unused(
    components: dict[str, dict[str, Node]],
    operations: Sequence[Node],
    classes: list[tuple[str, list[_Seen]]],
) -> None:
    """Drop schemas of page text that the vendor's own have replaced."""
    vendors = {
        (members[0].key[0], name)
        for name, members in classes
        if any(one.contribution.vendor for one in members)
    }
    if not vendors:
        return
    used: set[ComponentKey] = set()
    waiting = [*vendors, *(key for one in operations for key in references(one))]
    while waiting:
        key = waiting.pop()
        node = components.get(key[0], {}).get(key[1])
        if key not in used and node is not None:
            used.add(key)
            waiting += references(node)
    schemas = components.get("schemas", {})
    for name in [name for name in schemas if ("schemas", name) not in used]:
        del schemas[name]


# The vendor's names


def _with_vendor_names(
    contributions: Sequence[Contribution], pinned: Collection[str]
) -> tuple[list[Contribution], dict[str, str]]:
    """Return the contributions, those of page text with the vendor's names for equal shapes.

    And for names that differ in their capitals alone: they would be one class. And, from the names
    that these had, to the vendor's.
    """
    known: dict[str, set[str]] = {}
    spelt: dict[str, str] = {}
    for one in contributions:
        if one.vendor:
            shapes = _Shapes(one)
            for name in one.components.get("schemas", {}):
                known.setdefault(shapes.of(name), set()).add(name)
                spelt.setdefault(_letters(name), name)
    replaced: dict[str, str] = {}
    result = list(contributions)
    for index, one in enumerate(contributions):
        if known and not one.vendor:
            names = _adopted(one, known, spelt, pinned)
            replaced |= {
                key[1]: new for key, new in names.items() if _letters(key[1]) != _letters(new)
            }
            result[index] = renamed(one, names)
    return result, replaced


def _letters(name: str) -> str:
    return "".join(words(name)).lower()


def _adopted(
    contribution: Contribution,
    known: dict[str, set[str]],
    spelt: dict[str, str],
    pinned: Collection[str],
) -> dict[ComponentKey, str]:
    schemas = contribution.components["schemas"]
    shapes = _Shapes(contribution)
    names: dict[ComponentKey, str] = {}
    taken = set(schemas)
    for name in (name for name in schemas if name not in pinned):
        theirs = known.get(shapes.of(name), set())
        # Two names of the vendor for one shape: which of them is meant, the page does not say.
        alike = next(iter(theirs)) if name not in theirs and len(theirs) == 1 else name
        new = spelt.get(_letters(name), alike)
        if new not in taken:
            names["schemas", name] = new
            taken.add(new)
    # What is within one that is spelt otherwise is called after it.
    spellings = {old: new for (_, old), new in names.items() if _letters(old) == _letters(new)}
    for old, spelling in sorted(spellings.items(), key=lambda item: -len(item[0])):
        for name in schemas:
            rest = name.removeprefix(old)
            new = spelling + rest
            # `JobTask` is within `Job`, `Jobs` is not.
            within = name.startswith(old) and not rest[:1].islower()
            within = within and ("schemas", name) not in names
            decided = name in pinned or _letters(name) in spelt
            if within and not decided and new not in taken:
                names["schemas", name] = new
                taken.add(new)
    return names


class _Shapes:
    """The shapes of a contribution's schemas, whatever they are called: references are followed."""

    def __init__(self, contribution: Contribution) -> None:
        self.schemas = contribution.components.get("schemas", {})
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        known = self._known.get(name)
        if known is None:
            if name not in self.schemas:
                return name
            self._known[name] = "in a circle"
            bare = self._followed(_shape(plain(self.schemas[name])))
            known = self._known[name] = _digest(bare)
        return known

    def _followed(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._followed(member) for member in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str) and (key := component(reference)) is not None:
            return {"$ref": self.of(key[1])}
        return {key: self._followed(member) for key, member in value.items()}
