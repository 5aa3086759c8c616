"""Equal components are one; the other names that it had refer to it.

Page text names a component by the page and the place that show it, so that a page added or removed
renames nothing. What many pages show (an event, the page of a list) would stand as often in the
contract, and be as many classes. So one of them stands for all, and each other name stays, as a
reference to it: callers import either, and get the same class.

This comes after the overlay, which may have said of one what is not so of the others. Names that
are pinned, or are the vendor's own, never become references.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

from scripts.contract.merging.places import parts_of, sites
from scripts.contract.merging.renaming import with_references
from scripts.contract.operations.contribution import component
from scripts.facts import Fact, Kind, Node, Origin, changed_at, inside, plain, without

_SCHEMAS = ("components", "schemas")
_RULE = "equal to the other, or taken for it: one class has both names"


def shared(
    contract: Node,
    own: Collection[str],
    replaced: Mapping[str, str],
    published: Collection[str] = (),
) -> Node:
    """Return a contract in which each schema stands once.

    `own` are the names that may become references: those by rule. `replaced` leads from names that
    schemas would have with fewer pages to those that they got; these become references, too. Of
    equal schemas, one that was `published` as such stands for the others.
    """
    schemas = _schemas(contract)
    names: dict[str, str] = {}
    for equals in _classes(schemas, _uses(contract)):
        first, *others = sorted(
            equals, key=lambda name: (name in own, name not in published, len(name), name)
        )
        names |= {name: first for name in others if name in own}
    names |= {
        old: names.get(new, new)
        for old, new in replaced.items()
        if old not in schemas and new in schemas
    }
    if not names:
        return contract
    redirected = with_references(contract, {("schemas", old): new for old, new in names.items()})

    def referred(known: Node) -> Node:
        references = {old: _reference(new, known.value[new].origin) for old, new in names.items()}
        return Fact(dict(sorted({**known.value, **references}.items())), known.origin)

    return changed_at(redirected, _SCHEMAS, referred)


def other_names(contract: Node) -> dict[str, list[str]]:
    """Return the other names of each schema that has some."""
    found: dict[str, list[str]] = {}
    for name, node in _schemas(contract).items():
        if _is_other_name(node):
            found.setdefault(str(node.value["$ref"].value).rpartition("/")[2], []).append(name)
    return found


def without_other_names(contract: Node) -> Node:
    """Return a contract without the names that only refer to another."""
    others = [name for name, node in _schemas(contract).items() if _is_other_name(node)]
    return changed_at(contract, _SCHEMAS, partial(without, keys=others)) if others else contract


def _schemas(contract: Node) -> dict[str, Node]:
    schemas = inside(contract, _SCHEMAS)
    return {} if schemas is None else schemas.value


def _is_other_name(schema: Node) -> bool:
    return schema.origin.kind is Kind.ASSUMED and schema.origin.note == _RULE


def _reference(name: str, there: Origin) -> Node:
    origin = there.assumed(_RULE)
    return Fact({"$ref": Fact(f"#/components/schemas/{name}", origin)}, origin)


def _uses(contract: Node) -> dict[str, list[str]]:
    """Return what the properties are called whose values a map is: it says little itself."""
    parts = parts_of(contract)
    maps = {
        name
        for name, node in parts.schemas.items()
        if not {"properties", "enum", "allOf", "anyOf", "oneOf"} & node.value.keys()
    }
    found: dict[str, set[str]] = {}
    for place, name in sites(parts) if maps else ():
        if name in maps:
            found.setdefault(name, set()).add(place.rpartition(".")[2])
    return {name: sorted(known) for name, known in found.items()}


def _classes(schemas: Mapping[str, Node], uses: Mapping[str, list[str]]) -> list[list[str]]:
    """Return the names of equal schemas, by the name of the first.

    Two are equal if they say the same, and refer to equal ones. Maps are if they are the values of
    the same property, too: whatever may be anything is not the same thing. All are taken for equal
    at first, and separated until nothing more differs, so circles of references come to an end.
    """
    texts: dict[str, str] = {}
    targets: dict[str, list[str]] = {}
    for name, node in schemas.items():
        targets[name] = []
        content = _without_targets(plain(node), targets[name], schemas)
        texts[name] = json.dumps([content, uses.get(name)])
    numbers = _numbered((name, (text,)) for name, text in texts.items())
    while True:
        finer = _numbered(
            (name, (numbers[name], *(numbers[target] for target in targets[name])))
            for name in schemas
        )
        if max(finer.values(), default=0) == max(numbers.values(), default=0):
            break
        numbers = finer
    classes: dict[int, list[str]] = {}
    for name, number in numbers.items():
        classes.setdefault(number, []).append(name)
    return list(classes.values())


def _numbered(contents: Iterable[tuple[str, tuple[object, ...]]]) -> dict[str, int]:
    known: dict[tuple[object, ...], int] = {}
    return {name: known.setdefault(content, len(known)) for name, content in contents}


def _without_targets(value: Any, targets: list[str], schemas: Collection[str]) -> Any:
    """Return a schema with nothing in place of each name that it refers to, which are noted."""
    if isinstance(value, list):
        return [_without_targets(member, targets, schemas) for member in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, member in sorted(value.items()):
        found = component(member) if key == "$ref" and isinstance(member, str) else None
        name = str(member).rpartition("/")[2]
        if found == ("schemas", name) and name in schemas:
            targets.append(name)
            member = None
        result[key] = _without_targets(member, targets, schemas)
    return result
