"""The union of two schemas that are the same thing, seen on different pages.

Pages of different dates show a component as it was then: with fewer properties, another
description, one enum value less. Such schemas are compatible, and united; what differs is noted.
Schemas that contradict each other in a type, or have little in common, are different things that
happen to share a name: they are not compatible, and `merge` keeps them apart.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from scripts.contract.operations.components import LISTS
from scripts.contract.operations.schema import ANNOTATIONS
from scripts.facts import Fact, Kind, Node, plain, with_members, without
from scripts.failure import Problem

Look: TypeAlias = Callable[[str], Node | None]
"""Returns what a `$ref` leads to."""

_ANNOTATIONS = {*ANNOTATIONS, "title", "example", "externalDocs", "xml"}
"""Keywords without a bearing on what values are allowed."""


def compatible(
    one: Node,
    other: Node,
    look: Look,
    look_other: Look,
    seen: frozenset[tuple[str, str]] = frozenset(),
) -> bool:
    """Return whether two schemas may be the same thing; `look` follows the references of each."""
    if not isinstance(one.value, dict) or not isinstance(other.value, dict):
        return bool(plain(one) == plain(other))
    pair = tuple(
        str(part.value["$ref"].value) if "$ref" in part.value else "" for part in (one, other)
    )
    if any(pair):
        if pair in seen:
            return True
        seen = seen | {(pair[0], pair[1])}
        first = look(pair[0]) if pair[0] else one
        second = look_other(pair[1]) if pair[1] else other
        if first is None or second is None:
            return first is second
        return compatible(first, second, look, look_other, seen)
    if (_of_null(one) is None) != (_of_null(other) is None):
        sides = _of_null(one) or one, _of_null(other) or other
        return compatible(*sides, look, look_other, seen)
    mine, yours = _constraints(one), _constraints(other)
    if not mine or not yours:
        return True  # a sample's null, or `<any>`: nothing is known of one of the two
    if _holds_json(mine) or _holds_json(yours):
        return True  # the value itself may be an object
    if not _types_agree(mine, yours):
        return False
    for keyword in ("format", "const", "$ref", "discriminator"):
        if keyword in mine and keyword in yours and plain(mine[keyword]) != plain(yours[keyword]):
            return False
    if "enum" in mine and "enum" in yours:
        values = [{_text(value) for value in one["enum"].value} for one in (mine, yours)]
        if values[0].isdisjoint(values[1]):
            return False

    def fits(left: Node, right: Node) -> bool:
        return compatible(left, right, look, look_other, seen)

    if "properties" in mine and "properties" in yours:
        left, right = mine["properties"].value, yours["properties"].value
        shared = left.keys() & right.keys()
        if 2 * len(shared) < max(len(left), len(right)):
            return False
        if not all(fits(left[key], right[key]) for key in shared):
            return False
    for keyword in ("items", "additionalProperties", "not"):
        if keyword in mine and keyword in yours and not fits(mine[keyword], yours[keyword]):
            return False
    for keyword in LISTS:
        if (keyword in mine) != (keyword in yours):
            return False
        if keyword in mine:
            branches = mine[keyword].value, yours[keyword].value
            if len(branches[0]) != len(branches[1]) or not all(map(fits, *branches)):
                return False
    return True


def _of_null(schema: Node) -> Node | None:
    """Return the only alternative of a schema beside null, None for any other schema."""
    listed = schema.value.get("anyOf") if isinstance(schema.value, dict) else None
    others = [one for one in listed.value if plain(one) != {"type": "null"}] if listed else []
    return others[0] if listed and len(listed.value) == 2 and len(others) == 1 else None


def _constraints(schema: Node) -> dict[str, Node]:
    return {
        k: v for k, v in schema.value.items() if k not in _ANNOTATIONS and not k.startswith("x-")
    }


def _stated(schema: Node) -> int:
    """Return how much of a schema is stated: a list may state `object`, or its properties, too."""
    parts = [schema, schema.value.get("properties", schema)]
    return sum(part.origin.kind is not Kind.SAMPLE for part in parts)


def _sampled(one: Node, other: Node) -> bool:
    """Return whether only a sample shows the one, while the other is stated."""
    return one.origin.kind is Kind.SAMPLE and other.origin.kind is Kind.STATED


def _holds_json(schema: dict[str, Node]) -> bool:
    """Return whether a sample shows JSON inside a string: `sample` marks that as an assumption."""
    kind = schema.get("contentMediaType")
    return kind is not None and kind.origin.kind is Kind.ASSUMED


def _types_agree(mine: dict[str, Node], yours: dict[str, Node]) -> bool:
    if "type" not in mine or "type" not in yours:
        return True
    left, right = (_types(one["type"]) - {"null"} for one in (mine, yours))
    if left == right:
        return True
    # A sample shows 1 where the schema says number.
    sampled = any(one["type"].origin.kind is Kind.SAMPLE for one in (mine, yours))
    return sampled and left | right == {"integer", "number"}


def _types(node: Node) -> set[str]:
    value = plain(node)
    return set(value) if isinstance(value, list) else {value}


def _text(node: Node) -> str:
    return json.dumps(plain(node), sort_keys=True)


@dataclass(frozen=True, slots=True)
class Union:
    """Unites a schema with others that are compatible.

    `decided` says that the first is the better one (the vendor's own, or the newer) wherever the
    two contradict each other; otherwise of `required` only what both say stays. With `partial`,
    the other comes from page text beside the vendor's own schema: it hides much, and what it lacks
    is no difference.
    """

    decided: bool = False
    partial: bool = False
    notes: list[Problem] = field(default_factory=list)

    def of(self, one: Node, other: Node, place: str) -> Node:
        """Return what both say; `place` names it in the notes."""
        if not isinstance(one.value, dict) or not isinstance(other.value, dict):
            if plain(one) != plain(other):
                self._differ(place, one, other)
            return one
        if not _constraints(one) and _constraints(other):
            annotations = {k: v for k, v in one.value.items() if k in _ANNOTATIONS}
            return with_members(other, annotations)
        if (_of_null(one) is None) != (_of_null(other) is None):
            return self._with_null(one, other, place)
        if "$ref" in one.value or "$ref" in other.value:
            return self._reference(one, other, place)
        if _holds_json(one.value) != _holds_json(other.value):
            self._differ(f"{place} > type", one, other)
            return other if _holds_json(one.value) else one
        # A sample beside a list of fields hides flags and descriptions: no difference, no doubt.
        hides, other_hides = _stated(one) < _stated(other), _stated(other) < _stated(one)
        value = dict(one.value)
        for key, theirs in other.value.items():
            mine = value.get(key)
            if mine is None:
                if key != "required" or hides or self.decided:
                    value[key] = theirs
                if key != "required" and not hides:
                    self._only(place, key, theirs, one)
            elif key == "properties":
                value[key] = self._properties(
                    mine, theirs, place, quiet=self.partial or other_hides, quiet_new=hides
                )
            else:
                merged = self._keyword(key, mine, theirs, f"{place} > {key}")
                if merged is None:
                    del value[key]
                else:
                    value[key] = merged
        if not self.partial and not other_hides:
            for key in sorted(one.value.keys() - other.value.keys()):
                self._only(place, key, one.value[key], other)
            if not self.decided and "required" not in other.value:
                value.pop("required", None)
        return Fact(value, other.origin if hides else one.origin)

    def _with_null(self, one: Node, other: Node, place: str) -> Node:
        """Return what both say where one of the two allows null besides: so does the union."""
        holder, bare = (other, one) if _of_null(one) is None else (one, other)
        self._note(f"{place} allows null here, but not at", holder, bare)
        united = self.of(_of_null(one) or one, _of_null(other) or other, place)
        branches = holder.value["anyOf"]
        null = next(part for part in branches.value if plain(part) == {"type": "null"})
        annotations = {k: v for k, v in {**other.value, **one.value}.items() if k in _ANNOTATIONS}
        schema = without(united, annotations)
        return Fact({**annotations, "anyOf": Fact([schema, null], branches.origin)}, one.origin)

    def _reference(self, one: Node, other: Node, place: str) -> Node:
        """Return the first reference, with what both say about it.

        Where only one of the two is a reference, a page that merely shows a value is no match for
        it: an enum is not seen in a sample.
        """
        if ("$ref" in one.value) != ("$ref" in other.value):
            if "$ref" in other.value and one.origin.kind is Kind.SAMPLE:
                one, other = other, one
            if other.origin.kind is not Kind.SAMPLE:
                self._differ(place, one, other)
            return one
        value = dict(one.value)
        for key in ANNOTATIONS:
            if key in other.value:
                if key not in value:
                    value[key] = other.value[key]
                elif plain(value[key]) != plain(other.value[key]):
                    self._differ(f"{place} > {key}", value[key], other.value[key])
        return Fact(value, one.origin)

    def _keyword(self, key: str, mine: Node, theirs: Node, place: str) -> Node | None:
        if key == "required":
            return self._required(mine, theirs, place)
        if key == "enum":
            known = {_text(value) for value in mine.value}
            new = [value for value in theirs.value if _text(value) not in known]
            for value in new:
                self._note(f"{place} has the value {_text(value)} here, but not at", value, mine)
            if not self.partial:
                have = {_text(value) for value in theirs.value}
                for value in mine.value:
                    if _text(value) not in have:
                        what = f"{place} lacks the value {_text(value)} here; it is at"
                        self._note(what, theirs, value)
            return Fact([*mine.value, *new], mine.origin)
        if key in ("items", "additionalProperties", "not"):
            return self.of(mine, theirs, place)
        if key in LISTS:
            branches = zip(mine.value, theirs.value, strict=True)
            united = [self.of(*pair, f"{place}[{n}]") for n, pair in enumerate(branches)]
            return Fact(united, mine.origin)
        if key == "type" and _types(mine) != _types(theirs):
            self._differ(place, mine, theirs)
            both = _types(mine) | _types(theirs)
            wider = both == {"integer", "number"} and plain(theirs) == "number"
            return theirs if wider and mine.origin.kind is Kind.SAMPLE else mine
        if plain(mine) != plain(theirs):
            if key != "examples":
                self._differ(place, mine, theirs)
        elif _sampled(mine, theirs):
            return theirs
        return mine

    def _properties(
        self, mine: Node, theirs: Node, place: str, *, quiet: bool, quiet_new: bool
    ) -> Node:
        value = dict(mine.value)
        for key, member in theirs.value.items():
            if key in value:
                value[key] = self.of(value[key], member, f"{place} > {key}")
            else:
                value[key] = member
                if not quiet_new:
                    self._note(f"{place} > {key} is given here, but not at", member, mine)
        if not quiet:
            for key in sorted(mine.value.keys() - theirs.value.keys()):
                self._note(f"{place} > {key} is missing here; it is at", theirs, mine.value[key])
        return Fact(value, mine.origin)

    def _required(self, mine: Node, theirs: Node, place: str) -> Node | None:
        left, right = ({str(one.value): one for one in part.value} for part in (mine, theirs))
        for key in sorted(right.keys() - left.keys()):
            self._note(f"{place}: {key} is required here, but not at", right[key], mine)
        if not self.partial:
            for key in sorted(left.keys() - right.keys()):
                self._note(f"{place}: {key} is not required here, but it is at", theirs, left[key])
        if self.decided:
            return mine
        both = [one for key, one in left.items() if key in right]
        return Fact(both, mine.origin) if both else None

    def _only(self, place: str, key: str, there: Node, lacking: Node) -> None:
        if key not in ("examples", "example"):
            self._note(f"{place} > {key} is given here, but not at", there, lacking)

    def _differ(self, place: str, mine: Node, theirs: Node) -> None:
        what = f"{place} is {_short(theirs)} here; {_short(mine)} was taken, from"
        self._note(what, theirs, mine)

    def _note(self, what: str, here: Node, there: Node) -> None:
        self.notes.append(here.origin.problem(f"{what} {there.origin.place}"))


def _short(node: Node) -> str:
    value: Any = plain(node)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
