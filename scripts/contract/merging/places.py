"""Places of schemas: where in an operation, or in another schema, a component stands.

    getJob.200              the answer of an operation; `getJob.request` what it is sent
    listJobs.parameters.sort    the value of a parameter
    Job.tasks[]             the items of a property; `Job.labels{}` the values of a map
    Job.owner|2             the second alternative, where a union has several that have a name

A point, bracket, brace, bar or backslash that belongs to a property's name has a backslash before
it. A union of one schema with null or plain text is no step, nor is `allOf` of schemas that stand
inline: pages write these in several ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from scripts.contract.operations.components import LISTS
from scripts.contract.operations.contribution import component
from scripts.facts import Node, inside
from scripts.reading.document.traversal import operations

_DEEPEST = 10
"""References, and schemas made of others, that are followed: circles lead nowhere."""
_WITHIN, _NAME = r"\[\]|\{\}|\|[1-9][0-9]{0,3}", r"(?:\\.|[^.\[\]{}|\\])+"
_STEP = re.compile(f"{_WITHIN}|{_NAME}")
_STEPS = re.compile(f"{_NAME}(?:{_WITHIN}|\\.{_NAME})+")


@dataclass(frozen=True, slots=True)
class Parts:
    """Operations by id, and components by section and name: what places lead through."""

    operations: Mapping[str, Node]
    components: Mapping[str, Mapping[str, Node]]

    @property
    def schemas(self) -> Mapping[str, Node]:
        """The components that are schemas."""
        return self.components.get("schemas", {})

    def at(self, spot: Spot) -> Node | None:
        """Return what is at a spot."""
        section = self.components.get(spot.section, {}) if spot.section else self.operations
        return inside(section[spot.name], spot.at) if spot.name in section else None


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a component, or of an operation, which is in the section ""."""

    section: str
    name: str
    at: tuple[str, ...] = ()

    def below(self, *steps: str) -> Spot:
        """Return a spot within this one."""
        return Spot(self.section, self.name, (*self.at, *steps))


def parts_of(contract: Node) -> Parts:
    """Return what places lead through in a contract."""
    named = {
        str(one.value["operationId"].value): one
        for *_, one in operations(contract)
        if "operationId" in one.value
    }
    sections = contract.value["components"].value if "components" in contract.value else {}
    return Parts(named, {section: members.value for section, members in sections.items()})


def is_place(text: object) -> bool:
    """Return whether a text is written as a place is."""
    return isinstance(text, str) and _STEPS.fullmatch(text) is not None


# From a place to what is there


def find(parts: Parts, place: str, called: Callable[[str], str] = lambda name: name) -> Spot | None:
    """Return the spot of a place, None where there is none; a component's, if it is one.

    `called` says what the schema that a place begins with is called in `parts`.
    """
    first, *steps = (re.sub(r"\\(.)", r"\1", step) for step in _STEP.findall(place))
    rest = list(steps)
    spot = _body(parts, Spot("", first), rest) if first in parts.operations and rest else None
    if spot is None and called(first) in parts.schemas:
        spot, rest = Spot("schemas", called(first)), steps
    if spot is None:
        return None
    for step in rest:
        if step[0] == "|":
            spot = _followed(parts, spot)
            spot = spot.below(_union(parts.at(spot)), str(int(step[1:]) - 1))
        else:
            key = {"[]": ("items",), "{}": ("additionalProperties",)}
            spot = _member_of(parts, spot, key.get(step, ("properties", step)))
    spot = _followed(parts, spot, whole=True)
    node = parts.at(spot)
    return spot if node is not None and isinstance(node.value, dict) else None


def _body(parts: Parts, spot: Spot, steps: list[str]) -> Spot | None:
    """Return the spot of an operation's body or parameter, whose steps are taken off the list."""
    what = steps.pop(0)
    if what == "parameters" and steps:
        name = steps.pop(0)
        listed = parts.at(spot.below("parameters"))
        for index in range(0 if listed is None else len(listed.value)):
            one = _target(parts, spot.below("parameters", str(index)))
            found = parts.at(one.below("name"))
            if found is not None and found.value == name:
                return one.below("schema")
        return None
    body = spot.below("requestBody") if what == "request" else spot.below("responses", what)
    body = _target(parts, body)
    content = parts.at(body.below("content"))
    if content is None or not content.value:
        return None
    return body.below("content", next(iter(content.value)), "schema")


def _target(parts: Parts, spot: Spot) -> Spot:
    """Return the spot that a part which is no schema refers to, itself where it does not."""
    for _ in range(_DEEPEST):
        reference = parts.at(spot.below("$ref"))
        key = None if reference is None else component(str(reference.value))
        if key is None:
            break
        spot = Spot(*key)
    return spot


def _member_of(parts: Parts, spot: Spot, steps: tuple[str, ...], depth: int = 0) -> Spot:
    """Return the spot of a member of a schema, which may have it from another by `allOf`."""
    spot = _followed(parts, spot)
    node = parts.at(spot)
    if node is not None and inside(node, steps) is None and depth < _DEEPEST:
        branches = inside(node, ("allOf",))
        for index in range(0 if branches is None else len(branches.value)):
            found = _member_of(parts, spot.below("allOf", str(index)), steps, depth + 1)
            if parts.at(found) is not None:
                return found
    return spot.below(*steps)


def _followed(parts: Parts, spot: Spot, *, whole: bool = False) -> Spot:
    """Return the spot that a spot refers to, itself where it holds no reference.

    Of a union that is left open, or may be null, the only alternative that says more; of such a
    component, with `whole`, the component.
    """
    for _ in range(_DEEPEST):
        node = parts.at(spot)
        found = None if node is None else _refers(node)
        branch = None if node is None else _only_branch(node)
        if found is not None and found in parts.schemas:
            spot = Spot("schemas", found)
        elif branch is not None and (spot.at or not whole):
            spot = spot.below(*branch)
        else:
            break
    return spot


def _union(node: Node | None) -> str:
    return next((key for key in LISTS if node is not None and key in node.value), "anyOf")


def _only_branch(node: Node) -> tuple[str, str] | None:
    value = node.value if isinstance(node.value, dict) else {}
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in value and not {"properties", "enum"} & value.keys():
            branches = enumerate(value[keyword].value)
            more = [index for index, branch in branches if not _is_scalar(branch)]
            return (keyword, str(more[0])) if len(more) == 1 else None
    return None


def chooses(node: Node) -> bool:
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


# From what is there to its places


def sites(parts: Parts) -> Iterator[tuple[str, str]]:
    """Yield (place, name of the schema that stands there) of each reference to a schema."""
    for name, operation in parts.operations.items():
        for what in ("request", *operation.value["responses"].value):
            yield from _body_sites(parts, name, [what])
        listed = operation.value.get("parameters")
        for index in range(0 if listed is None else len(listed.value)):
            one = _target(parts, Spot("", name, ("parameters", str(index))))
            called = parts.at(one.below("name"))
            if called is not None and called.value:
                yield from _body_sites(parts, name, ["parameters", str(called.value)])
    for name, schema in parts.schemas.items():
        yield from _members(schema, _written(name))


def _body_sites(parts: Parts, name: str, steps: list[str]) -> Iterator[tuple[str, str]]:
    place = ".".join(map(_written, (name, *steps)))
    spot = _body(parts, Spot("", name), steps)
    node = None if spot is None else parts.at(spot)
    if node is not None:
        yield from _sites(node, place)


def _sites(node: Node, place: str) -> Iterator[tuple[str, str]]:
    if not isinstance(node.value, dict):
        return
    found = _refers(node)
    if found is not None:
        yield place, found
    else:
        yield from _members(node, place)


def _members(node: Node, place: str) -> Iterator[tuple[str, str]]:
    value = node.value if isinstance(node.value, dict) else {}
    for key, one in value["properties"].value.items() if "properties" in value else ():
        if key:
            yield from _sites(one, f"{place}.{_written(key)}")
    for keyword, step in (("items", "[]"), ("additionalProperties", "{}")):
        if keyword in value:
            yield from _sites(value[keyword], place + step)
    only = _only_branch(node)
    for keyword in LISTS:
        for index, one in enumerate(value[keyword].value if keyword in value else ()):
            if only is not None or (keyword == "allOf" and "$ref" not in one.value):
                yield from _sites(one, place)
            elif keyword == _union(node):
                yield from _sites(one, f"{place}|{index + 1}")


def _written(name: str) -> str:
    return re.sub(r"([.\[\]{}|\\])", r"\\\1", name)
