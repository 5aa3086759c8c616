"""Names that stay, whatever form a page was captured in and whichever pages stand beside it.

Callers import them: an operation's id is its module, its tag the package around that, a component
a class. The vendor's `.md` pages have names of their own, and page text is named by rule, so both
follow what is pinned here. A component is pinned by its place: where it stands in an operation, or
in another component.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from scripts.contract.merging.places import Parts, Spot, chooses, find
from scripts.contract.merging.precedence import respelt
from scripts.contract.merging.renaming import renamed
from scripts.contract.operations.contribution import Contribution, template
from scripts.facts import Fact, Node, Origin, changed_at, tree
from scripts.failure import Problem


@dataclass(frozen=True, slots=True)
class Operation:
    """The names of one operation: its id, its tag, and the path with its parameters' names.

    `published` is true where no overlay has decided them, but the last run.
    """

    name: str
    path: str
    tag: str
    origin: Origin
    published: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """What is pinned or was published: operations by method and path template, schemas by name.

    A schema has places, such as `cancelJobExecution.200` (a response of an operation) or
    `JobExecution.tasks[]` (a property, and its items); the first that is there counts. `equal`
    leads from published schemas to those that stood for them, since they were equal.
    """

    operations: dict[tuple[str, str], Operation] = field(default_factory=dict)
    schemas: dict[str, tuple[Fact[str], ...]] = field(default_factory=dict)
    equal: dict[str, str] = field(default_factory=dict)

    def of(self, one: Contribution) -> Operation | None:
        """Return the names of the operation of a page, None where nothing is pinned."""
        return self.operations.get((one.method, template(one.path.value)))


NO_NAMES = Names()


def pin(
    contributions: Iterable[Contribution], names: Names
) -> tuple[list[Contribution], list[Problem]]:
    """Return the contributions with the names that are pinned, and a notice for each change.

    One notice is for all that keep the names that they were published under.
    """
    notices: list[Problem] = []
    published: list[Problem] = []
    result = []
    for one in contributions:
        pinned = names.of(one)
        of = published if pinned is not None and pinned.published else notices
        result.append(_with_operation(one, pinned, of))
    if published:
        what = f"names of operations stay as published ({len(published)}): {published[0].what}"
        notices.append(Problem(what, published[0].file, published[0].line))
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
    what = f"{one.place}: {found!r} is called {name!r} in the contract"
    hint = f"pinned at {pinned.place}" if pinned.line is not None else None
    return one.operation.origin.problem(what, hint)


# Operations


def _with_operation(
    one: Contribution, pinned: Operation | None, notices: list[Problem]
) -> Contribution:
    if pinned is None:
        return one
    origin = pinned.origin
    note = f"pinned in {origin.file}, since callers import it"
    assumed = origin.assumed(note)
    value = dict(one.operation.value)
    own = value["operationId"]
    if own.value != pinned.name:
        value["operationId"] = Fact(pinned.name, assumed)
        notices.append(_kept(pinned.name, own.value, origin, one))
    tags = [tag.value for tag in value["tags"].value] if "tags" in value else []
    if (tags[:1] or ["default"]) != [pinned.tag]:
        value["tags"] = tree([pinned.tag, *(tag for tag in tags if tag != pinned.tag)], assumed)
        if tags:
            notices.append(_kept(pinned.tag, tags[0], origin, one))
    one = replace(
        one,
        operation=Fact(value, one.operation.origin),
        pinned=True,
        published=pinned.published,
    )
    if one.path.value != pinned.path:
        notices.append(_kept(pinned.path, one.path.value, origin, one))
        one = respelt(one, pinned.path, note)
    return one


# Components


def _component_at(one: Contribution, place: str, name: str) -> tuple[str | None, Contribution]:
    """Return the component at a place of a contribution, None where that place is not there.

    A schema that stands there inline becomes a component of the name.
    """
    parts = Parts({str(one.operation.value["operationId"].value): one.operation}, one.components)
    spot = find(parts, place)
    node = None if spot is None else parts.at(spot)
    if spot is None or node is None:
        return None, one
    if not spot.at:
        return spot.name, one
    if not ({"properties", "enum", "additionalProperties"} & node.value.keys() or chooses(node)):
        return None, one
    return name, _lifted(one, spot, node, name)


def _lifted(one: Contribution, spot: Spot, node: Node, name: str) -> Contribution:
    """Return a contribution with a schema that stands inline made a component."""
    if name in one.components.get("schemas", {}):
        return one
    components = {**one.components, "schemas": {**one.components.get("schemas", {}), name: node}}
    reference = Fact({"$ref": Fact(f"#/components/schemas/{name}", node.origin)}, node.origin)
    if not spot.section:
        operation = changed_at(one.operation, spot.at, lambda _: reference)
        return replace(one, operation=operation, components=components)
    section = components[spot.section]
    changed = changed_at(section[spot.name], spot.at, lambda _: reference)
    return replace(one, components={**components, spot.section: {**section, spot.name: changed}})


def _called(one: Contribution, names: dict[str, str]) -> Contribution:
    """Return a contribution with components renamed; another one that has the name gives way."""
    schemas = one.components.get("schemas", {})
    changes = {old: new for old, new in names.items() if old in schemas}
    for new in list(changes.values()):
        if new in schemas and new not in changes:
            numbered = (f"{new}{number}" for number in range(2, len(schemas) + 3))
            changes[new] = next(name for name in numbered if name not in schemas)
    return renamed(one, {("schemas", old): new for old, new in changes.items()})
