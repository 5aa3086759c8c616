"""Names that were published: what the last run called operations and schemas, they stay called.

`make generate` writes them into a file, `spec/names.yaml`, and the next run reads it. A schema is
known by its places (`places`), which are the same in every form of a page. So it keeps its name
when its page is captured in another form, and when another page comes that wants the name. Where
pages now show as one what they showed as two, the second name refers to the first. A name is gone
when none of its places is there.

What an overlay pins (`names`) is not in the file: people have decided it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import chain, count

from scripts.contract.merging.equal import other_names
from scripts.contract.merging.names import Names, Operation
from scripts.contract.merging.places import Parts, find, parts_of, sites
from scripts.contract.operations.contribution import template
from scripts.contract.operations.naming import pascal
from scripts.facts import Fact, Kind, Node, Origin
from scripts.failure import Problem
from scripts.reading.document.traversal import operations

_PLACES = 5
"""How many places of a schema are kept: what many pages show needs no more."""


def pins(pinned: Names, published: Names, there: Collection[tuple[str, str]]) -> Names:
    """Return what is pinned with, further, what published operations that are there are called."""
    taken = {one.name for one in pinned.operations.values()}
    operations = {
        key: replace(one, origin=replace(one.origin, line=None), published=True)  # lines move
        for key, one in published.operations.items()
        if key in there and one.name not in taken
    }
    return Names({**operations, **pinned.operations}, pinned.schemas)


@dataclass(frozen=True, slots=True)
class Kept:
    """What schemas are called: by the name that they have without regard to published ones.

    `others` leads from further published names of a schema to the name that it has. `gone` are
    names whose places are not there.
    """

    names: dict[str, str]
    others: dict[str, str]
    gone: tuple[str, ...]


def kept(published: Names, pinned_names: Names, parts: Parts) -> Kept:
    """Return what the schemas in `parts` are called, as far as that has been published.

    Those that are pinned have their names for good.
    """
    pinned = _decided(pinned_names, parts)
    places = _Places(published, parts)
    known: dict[str, list[str]] = {}
    gone = []
    for name in sorted(published.schemas.keys() - pinned):
        found = places.schema(name)
        if found is None:
            gone.append(name)
        else:
            known.setdefault(found, []).append(name)
    names = {
        schema: schema
        if schema in pinned
        else min(called, key=lambda n: (n in published.equal, n != schema, len(n), n))
        for schema, called in known.items()
    }
    others = {
        name: names[schema]
        for schema, called in known.items()
        for name in called
        if name != names[schema]
    }
    taken = {*names.values(), *others, *pinned}
    new = sorted(parts.schemas.keys() - names.keys() - pinned)
    owners = _owners(parts) if taken & set(new) else {}
    for schema in new:
        wanted = f"{schema}{owners.get(schema, '')}"
        numbered = chain([schema, wanted], (f"{wanted}{number}" for number in count(2)))
        names[schema] = next(
            name
            for name in numbered
            if name not in taken and (name == schema or name not in parts.schemas)
        )
        taken.add(names[schema])
    return Kept(names, others, tuple(gone))


def _owners(parts: Parts) -> dict[str, str]:
    """Return what is added to a schema's name that gives way: the operation that shows it."""
    found: dict[str, str] = {}
    for place, name in sites(parts):
        operation = place.partition(".")[0]
        if operation in parts.operations:
            found.setdefault(name, f"Of{pascal(operation)}")
    return found


class _Places:
    """Finds what stands at the places of published names, which lead on from each other."""

    def __init__(self, published: Names, parts: Parts) -> None:
        self._published = published.schemas
        self._equal = published.equal
        self._parts = parts
        self._known: dict[str, str | None] = {}
        self._sought: set[str] = set()

    def schema(self, name: str) -> str | None:
        """Return what the schema of a published name is called in the parts."""
        if name in self._known:
            return self._known[name]
        if name not in self._published:  # pinned, and so called as it is
            return name if name in self._parts.schemas else None
        if name in self._sought:  # places that lead back here lead nowhere
            return None
        is_first = not self._sought
        self._sought.add(name)
        found = self._sought_for(name)
        if is_first:
            self._sought.clear()
        if is_first or found is not None:  # what is missing on this way may be there on another
            self._known[name] = found
        return found

    def _sought_for(self, name: str) -> str | None:
        found = [self._at(place.value) for place in self._published[name]]
        there = Counter(one for one in found if one is not None)
        if there:
            # Where its places have become two things, most of them decide, else the first.
            return max(there.items(), key=lambda one: (one[1], one[0] == name))[0]
        if name in self._parts.schemas:
            return name
        equal = {one for pair in self._equal.items() if name in pair for one in pair} - {name}
        known = map(self.schema, sorted(equal))
        return next((one for one in known if one is not None), None)

    def _at(self, place: str) -> str | None:
        spot = find(self._parts, place, lambda name: self.schema(name) or name)
        return spot.name if spot is not None and spot.section == "schemas" and not spot.at else None


def _decided(pinned: Names, parts: Parts) -> set[str]:
    """Return the names that are pinned and stand where they are pinned to."""
    return {
        name
        for name, places in pinned.schemas.items()
        if name in parts.schemas and any(find(parts, place.value) for place in places)
    }


def misplaced(pinned: Names, contract: Node) -> tuple[list[Problem], list[Problem]]:
    """Return a notice for each pin without a place in a contract, and for each place it has not.

    A pin may name places of pages that are not captured; one of them that is there has to be right.
    A place whose schema differs from that at the others has another class.
    """
    parts = parts_of(contract)
    begin = {*parts.operations, *parts.schemas}
    missing, other = [], []
    for name, places in pinned.schemas.items():
        spots = [(place.value, place.origin, find(parts, place.value)) for place in places]
        is_there = any(spot is not None for *_, spot in spots)
        for place, origin, spot in spots:
            if not is_there and re.split(r"[.\[{|]", place)[0] in begin:
                what = f"{name!r} is pinned to {place}, which is not there"
                hint = "a page may have changed: correct the place in `x-names`, or delete it"
                missing.append(origin.problem(what, hint))
            is_schema = spot is not None and spot.section == "schemas" and not spot.at
            if spot is not None and is_schema and spot.name != name:
                what = f"{place} is a {spot.name}, though it is pinned as {name!r}"
                hint = "what stands there differs from what stands at the name's other places"
                other.append(origin.problem(what, hint))
    return missing, other


def to_publish(apart: Node, contract: Node, published: Names, pinned: Names) -> Names:
    """Return the names of a contract for the next run; `apart` is it with equal schemas apart.

    Further names of a schema keep the places that they were published with, as long as these are
    there, and each name keeps its first place: a page that comes back finds its name. Left out is
    what is `pinned`, or the overlay's own.
    """
    parts = parts_of(apart)
    found: dict[str, list[str]] = {}
    for place, name in sorted(sites(parts), key=lambda site: (len(site[0]), site)):
        places = found.setdefault(name, [])
        if len(places) < _PLACES and name in parts.schemas:
            places.append(place)
    names = {other: name for name, known in other_names(contract).items() for other in known}
    for other in names.keys() - parts.schemas.keys():
        known = [one.value for one in published.schemas.get(other, ())]
        there = [place for place in known if find(parts, place, lambda n: names.get(n, n))]
        found[other] = there or found.get(names[other], [])
    for name, places in found.items():
        first = next((one.value for one in published.schemas.get(name, ())), None)
        if first is not None and places and not find(parts, first, lambda n: names.get(n, n)):
            found[name] = [first, *(place for place in places if place != first)][:_PLACES]
    decided = _decided(pinned, parts) | {
        name for name, node in parts.schemas.items() if node.origin.kind is Kind.OVERLAY
    }
    schemas = {
        name: tuple(Fact(one, _NOWHERE) for one in places)
        for name, places in sorted(found.items())
        if places and name not in decided
    }
    called = {}
    for path, method, one in operations(apart):
        key = (method, template(path))
        value = one.value
        if key in pinned.operations or one.origin.kind is Kind.OVERLAY:
            continue
        tags = [str(tag.value) for tag in value["tags"].value] if "tags" in value else []
        name = str(value["operationId"].value)
        called[key] = Operation(name, path, next(iter(tags), "default"), _NOWHERE)
    equal = {other: name for other, name in sorted(names.items()) if other in schemas}
    return Names(called, schemas, equal)


def is_read_as_written(published: Names, pinned: Names, apart: Node) -> bool:
    """Return whether each schema is called by its published name where the names are read."""
    read = kept(published, pinned, parts_of(apart))
    return not read.gone and all(name == called for name, called in read.names.items())


_NOWHERE = Origin(Kind.ASSUMED, "")
