"""Names that stay, whatever form a page was captured in and whichever pages stand beside it.

Callers import them: an operation's id is its module, its tag the package around that, a component
a class. The vendor's `.md` pages have names of their own, and page text is named by rule, so both
follow what is pinned here. A component is pinned by its place: where it stands in an operation, or
in another component.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from scripts.contract.merging.components import renamed
from scripts.contract.merging.precedence import respelt
from scripts.contract.operations.contribution import Contribution, component, template
from scripts.facts import Fact, Kind, Node, Origin, tree
from scripts.failure import Problem

__all__ = ["NO_NAMES", "Names", "Operation", "pin"]


_DEEPEST = 10
"""References, and schemas made of others, that are followed: circles lead nowhere."""


@dataclass(frozen=True, slots=True)
class Operation:
    """The names of one operation: its id, its tag, and the path with its parameters' names."""

    name: str
    path: str
    tag: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Names:
    """What is pinned: operations by method and path template, schemas by name.

    A schema has places, such as `cancelJobExecution.200` (a response of an operation) or
    `JobExecution.tasks[]` (a property, and its items); the first that is there counts.
    """

    operations: dict[tuple[str, str], Operation] = field(default_factory=dict)
    schemas: dict[str, tuple[Fact[str], ...]] = field(default_factory=dict)

    def of(self, one: Contribution) -> Operation | None:
        """Return the names of the operation of a page, None where nothing is pinned."""
        return self.operations.get((one.method, template(one.path.value)))


NO_NAMES = Names()


def pin(
    contributions: Iterable[Contribution], names: Names
) -> tuple[list[Contribution], list[Problem]]:
    """Return the contributions with the names that are pinned, and a notice for each change."""
    notices: list[Problem] = []
    result = [_with_operation(one, names.of(one), notices) for one in contributions]
    for name, places in names.schemas.items():
        # The vendor's names are the same on all its pages; those of page text are each page's own.
        vendor: dict[str, str] = {}
        for index, one in enumerate(result):
            found, place, one = _first_of(one, places, name)
            result[index] = one
            if found is None or found == name:
                continue
            if not one.vendor:
                result[index] = _called(one, {found: name})
            elif not vendor:
                vendor[found] = name
                notices.append(_kept(name, found, place.origin, one))
        if vendor:
            result = [_called(one, vendor) if one.vendor else one for one in result]
    return result, notices


def _first_of(
    one: Contribution, places: Sequence[Fact[str]], name: str
) -> tuple[str | None, Fact[str], Contribution]:
    for place in places:
        found, one = _component_at(one, place.value, name)
        if found is not None:
            return found, place, one
    return None, places[0], one


def _kept(name: str, found: str, pinned: Origin, one: Contribution) -> Problem:
    what = f"{one.place}: {found!r} is called {name!r}, as callers know it"
    line = one.operation.origin.line
    hint = f"pinned at {pinned.file}:{pinned.line}"
    return Problem(what, one.file, line, hint=hint)


# Operations


def _with_operation(
    one: Contribution, pinned: Operation | None, notices: list[Problem]
) -> Contribution:
    if pinned is None:
        return one
    origin = pinned.origin
    note = f"pinned in {origin.file}, since callers import it"
    assumed = Origin(Kind.ASSUMED, origin.file, origin.line, note)
    value = dict(one.operation.value)
    own = value["operationId"]
    if own.value != pinned.name:
        value["operationId"] = Fact(pinned.name, assumed)
        notices.append(_kept(pinned.name, own.value, origin, one))
    tags = [tag.value for tag in value["tags"].value] if "tags" in value else []
    if tags[:1] != [pinned.tag]:
        value["tags"] = tree([pinned.tag, *(tag for tag in tags if tag != pinned.tag)], assumed)
        if tags:
            notices.append(_kept(pinned.tag, tags[0], origin, one))
    one = replace(one, operation=Fact(value, one.operation.origin), pinned=True)
    if one.path.value != pinned.path:
        notices.append(_kept(pinned.path, one.path.value, origin, one))
        one = respelt(one, pinned.path, note)
    return one


# Components


def _component_at(one: Contribution, place: str, name: str) -> tuple[str | None, Contribution]:
    """Return the component at a place of a contribution, None where that place is not there.

    A schema that stands there inline becomes a component of the name.
    """
    first, *steps = place.replace("[]", ".[]").split(".")
    if first in one.components.get("schemas", {}):
        spot = _Spot(first, ())
    elif one.operation.value["operationId"].value == first and steps:
        content = _inside(one.operation, ("responses", status := steps.pop(0), "content"))
        if content is None or not content.value:
            return None, one
        spot = _Spot("", ("responses", status, "content", next(iter(content.value)), "schema"))
    else:
        return None, one
    for step in steps:
        spot = _member_of(one, spot, ("items",) if step == "[]" else ("properties", step))
    spot = _followed(one, spot, whole=True)
    node = _inside(_part(one, spot.component), spot.at)
    if node is None or not isinstance(node.value, dict):
        return None, one
    if not spot.at:
        return spot.component, one
    if not ({"properties", "enum", "additionalProperties"} & node.value.keys() or _chooses(node)):
        return None, one
    return name, _lifted(one, spot, node, name)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A part of a contribution: of a schema by name, or of the operation, which has the name ""."""

    component: str
    at: tuple[str, ...]


def _part(one: Contribution, name: str) -> Node:
    return one.components["schemas"][name] if name else one.operation


def _member_of(one: Contribution, spot: _Spot, steps: tuple[str, ...], depth: int = 0) -> _Spot:
    """Return the spot of a member of a schema, which may have it from another by `allOf`."""
    spot = _followed(one, spot)
    node = _inside(_part(one, spot.component), spot.at)
    if node is not None and _inside(node, steps) is None and depth < _DEEPEST:
        parts = _inside(node, ("allOf",))
        for index in range(0 if parts is None else len(parts.value)):
            part = _Spot(spot.component, (*spot.at, "allOf", str(index)))
            found = _member_of(one, part, steps, depth + 1)
            if _inside(_part(one, found.component), found.at) is not None:
                return found
    return _Spot(spot.component, (*spot.at, *steps))


def _followed(one: Contribution, spot: _Spot, *, whole: bool = False) -> _Spot:
    """Return the spot that a spot refers to, itself where it holds no reference.

    Of a union that is left open, or may be null, the only alternative that says more; of such a
    component, with `whole`, the component.
    """
    for _ in range(_DEEPEST):
        node = _inside(_part(one, spot.component), spot.at)
        found = None if node is None else _refers(node)
        branch = None if node is None else _only_branch(node)
        if found is not None and found in one.components.get("schemas", {}):
            spot = _Spot(found, ())
        elif branch is not None and (spot.at or not whole):
            spot = _Spot(spot.component, (*spot.at, *branch))
        else:
            break
    return spot


def _only_branch(node: Node) -> tuple[str, str] | None:
    value = node.value if isinstance(node.value, dict) else {}
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in value and not {"properties", "enum"} & value.keys():
            branches = enumerate(value[keyword].value)
            more = [index for index, branch in branches if not _is_scalar(branch)]
            return (keyword, str(more[0])) if len(more) == 1 else None
    return None


def _chooses(node: Node) -> bool:
    """Tell whether a schema is a union of constants: an enum whose values each have a word."""
    for keyword in ("anyOf", "oneOf"):
        branches = node.value[keyword].value if keyword in node.value else []
        if branches and all("const" in one.value for one in branches):
            return True
    return False


def _is_scalar(branch: Node) -> bool:
    """Return whether an alternative is any text, any number, null ...: it has no name."""
    if not isinstance(branch.value, dict) or {"enum", "const"} & branch.value.keys():
        return False
    kind = branch.value.get("type")
    return kind is not None and kind.value in ("string", "integer", "number", "boolean", "null")


def _refers(node: Node) -> str | None:
    """Return the schema that a part refers to, also as the only one of `allOf` or beside null."""
    value = node.value if isinstance(node.value, dict) else {}
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in value:
            branches = [b for b in value[keyword].value if not _is_null(b)]
            if len(branches) == 1:
                return _refers(branches[0])
    if "$ref" not in value:
        return None
    key = component(str(value["$ref"].value))
    return key[1] if key is not None and key[0] == "schemas" else None


def _is_null(branch: Node) -> bool:
    kind = branch.value.get("type") if isinstance(branch.value, dict) else None
    return kind is not None and kind.value == "null"


def _inside(node: Node, at: Sequence[str]) -> Node | None:
    for step in at:
        if isinstance(node.value, list) and step.isdecimal() and int(step) < len(node.value):
            node = node.value[int(step)]
        elif isinstance(node.value, dict) and step in node.value:
            node = node.value[step]
        else:
            return None
    return node


def _lifted(one: Contribution, spot: _Spot, node: Node, name: str) -> Contribution:
    """Return a contribution with a schema that stands inline made a component."""
    schemas = one.components.get("schemas", {})
    if name in schemas:
        return one
    reference = Fact({"$ref": Fact(f"#/components/schemas/{name}", node.origin)}, node.origin)
    changed = _put(_part(one, spot.component), spot.at, reference)
    if spot.component:
        schemas = {**schemas, spot.component: changed}
    else:
        one = replace(one, operation=changed)
    return replace(one, components={**one.components, "schemas": {**schemas, name: node}})


def _put(node: Node, at: Sequence[str], part: Node) -> Node:
    if not at:
        return part
    if isinstance(node.value, list):
        members = list(node.value)
        members[int(at[0])] = _put(members[int(at[0])], at[1:], part)
        return Fact(members, node.origin)
    return Fact({**node.value, at[0]: _put(node.value[at[0]], at[1:], part)}, node.origin)


def _called(one: Contribution, names: dict[str, str]) -> Contribution:
    """Return a contribution with components renamed; another one that has the name gives way."""
    schemas = one.components.get("schemas", {})
    changes = {old: new for old, new in names.items() if old in schemas}
    for new in list(changes.values()):
        if new in schemas and new not in changes:
            numbered = (f"{new}{number}" for number in range(2, len(schemas) + 3))
            changes[new] = next(name for name in numbered if name not in schemas)
    return renamed(one, {("schemas", old): new for old, new in changes.items()})
