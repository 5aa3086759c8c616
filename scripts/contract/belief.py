"""Who is believed where a page and the overlay speak of the same part of the contract.

    stated by a page  >  overlay  >  shown by a sample  >  assumed by a rule

One rule decides everywhere. What is stated stands; what is only shown or assumed gives way. An
overlay that says what a thing is (`type`, `$ref`, `anyOf` ...) takes the whole place of what is
weaker, so that no `$ref` is ever mixed into an inline schema; one that only adds a description or a
property adds it. Members of lists have identities, so nothing stands there twice. An action with
`x-overrules` wins even over what is stated.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from scripts.contract.operations.schema import ANNOTATIONS
from scripts.facts import Fact, Kind, Node, Origin, origins, plain

Location: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead from the root of a document to a part of it."""

_STRENGTH = {Kind.ASSUMED: 0, Kind.SAMPLE: 1, Kind.OVERLAY: 2, Kind.STATED: 3}
_WHAT = ("$ref", "type", "anyOf", "oneOf", "allOf")
"""Keywords that say what a thing is, and not only something about it."""

_LISTS = ("parameters", "properties", "enum", "required")
"""What a page that has them lists whole; but headers of all operations, which pages leave out."""

_BESIDE = {*ANNOTATIONS, "summary", "title"}
"""What may stand beside a `$ref`."""


class Outcome(StrEnum):
    """How it was decided between a part of the overlay and what was there."""

    ADDED = "added"
    REDUNDANT = "a page says it, too"
    STANDS = "the page says otherwise, and stands"
    REPLACED = "takes the place of what was only shown or assumed"
    CHANGED = "changes what an earlier action said"
    OVERRULED = "overrules the page"


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for one part of an update.

    `there` is the origin of the other side; of what was added, that of the list which lacked it.
    """

    outcome: Outcome
    location: Location
    there: Origin | None = None


@dataclass(frozen=True, slots=True)
class Belief:
    """Brings updates into a document of facts, and notes each decision.

    `look` returns what a `$ref` leads to; `overrules` says that the update wins over stated facts.
    """

    look: Callable[[str], Node | None]
    overrules: bool = False
    decisions: list[Decision] = field(default_factory=list)

    def merged(self, mine: Node, new: Node, at: Location) -> Node:
        """Return the part at a location with an update brought in."""
        if isinstance(mine.value, dict) and isinstance(new.value, dict):
            if _is_another_thing(mine, new):
                return self._one_of(mine, new, at)
            return self._members(mine, new, at)
        if isinstance(mine.value, list) and isinstance(new.value, list):
            # What a credential must allow is one fact, and no list that two may add to.
            if (
                _are_scopes(at)
                and new.value
                and (mine.value or _strength(mine) > _STRENGTH[Kind.OVERLAY])
            ):
                return self._one_of(mine, new, at)
            weak = _strength(mine) < _STRENGTH[Kind.OVERLAY]
            return self._one_of(mine, new, at) if weak else self.extended(mine, new.value, at)
        return self._one_of(mine, new, at)

    def extended(self, mine: Node, entries: list[Node], at: Location) -> Node:
        """Return a list with the entries that it lacks; those that it has are merged into."""
        members = list(mine.value)
        places = {self._identity(one): index for index, one in enumerate(members)}
        for entry in entries:
            identity = self._identity(entry)
            index = places.get(identity)
            if index is None:
                places[identity] = len(members)
                is_header = isinstance(identity, tuple) and identity[0] in ("header", "cookie")
                there = None if is_header else _listed(mine, at)
                self._note(Outcome.ADDED, (*at, len(members)), there)
                members.append(entry)
            else:
                members[index] = self.merged(members[index], entry, (*at, index))
        return Fact(members, mine.origin)

    def _members(self, mine: Node, new: Node, at: Location) -> Node:
        members = dict(mine.value)
        for key, value in new.value.items():
            where = (*at, key)
            if key in members:
                members[key] = self.merged(members[key], value, where)
            else:
                members[key] = value
                self._note(Outcome.ADDED, where, _listed(mine, at))
        return Fact(members, mine.origin)

    def _one_of(self, mine: Node, new: Node, at: Location) -> Node:
        """Return the one of two facts that is believed, whole."""
        strength = _strength(mine)
        stated = strength == _STRENGTH[Kind.STATED]
        if _text(mine) == _text(new):
            if stated:
                self._note(Outcome.REDUNDANT, at, mine.origin)
            return new if strength < _STRENGTH[Kind.OVERLAY] else mine
        if stated and not self.overrules:
            self._note(Outcome.STANDS, at, mine.origin)
            return mine
        outcome = Outcome.OVERRULED if stated else Outcome.REPLACED
        if strength == _STRENGTH[Kind.OVERLAY]:
            outcome = Outcome.CHANGED
        self._note(outcome, at, mine.origin)
        return new

    def _note(self, outcome: Outcome, at: Location, there: Origin | None = None) -> None:
        self.decisions.append(Decision(outcome, at, there))

    def _identity(self, entry: Node) -> object:
        """Return what makes two members of a list the same one."""
        value = entry.value
        if not isinstance(value, dict):
            return _text(entry)
        reference = value.get("$ref")
        if reference is not None:
            found = self.look(str(reference.value))
            return ("$ref", str(reference.value)) if found is None else self._identity(found)
        if "name" in value and "in" in value:
            place, name = (str(value[key].value) for key in ("in", "name"))
            return (place, name.lower() if place == "header" else name)
        for key in ("url", "name"):
            if key in value:
                return (key, str(value[key].value).rstrip("/"))
        if value and all(isinstance(one.value, list) for one in value.values()):
            return frozenset(value)  # a security requirement
        return _text(entry)


def _listed(mine: Node, at: Location) -> Origin | None:
    """Return the origin of what a page lists, or its sample, None for anything else."""
    known = mine.origin.kind in (Kind.STATED, Kind.SAMPLE)
    return mine.origin if known and at and at[-1] in _LISTS else None


def _are_scopes(at: Location) -> bool:
    """Return whether a location is that of a scheme's scopes in a security requirement."""
    return len(at) > 2 and at[-3] == "security" and isinstance(at[-2], int)


def _is_another_thing(mine: Node, new: Node) -> bool:
    """Return whether the new one says what the thing is, and not as the one that is there does."""
    new_kind, there = definition(new), definition(mine)
    if "$ref" in there and "$ref" not in new.value:
        return not new.value.keys() <= _BESIDE
    if not new_kind:
        return False
    if _strength(mine) < _STRENGTH[Kind.OVERLAY]:
        return True
    if not there:
        return "$ref" in new_kind and bool(mine.value)
    return {key: plain(one) for key, one in there.items()} != {
        key: plain(one) for key, one in new_kind.items()
    }


def definition(node: Node) -> dict[str, Node]:
    """Return what says what a thing is; a property may be called `type`, and is an object then."""
    members = node.value if isinstance(node.value, dict) else {}
    return {
        key: members[key]
        for key in _WHAT
        if key in members and not isinstance(members[key].value, dict)
    }


def _strength(node: Node) -> int:
    """Return how well a part is known: by what says what it is, else by the best of its parts."""
    parts = list(definition(node).values())
    known = [one.origin for one in parts] or [origin for _, origin in origins(node)]
    return max(_STRENGTH[origin.kind] for origin in known)


def _text(node: Node) -> str:
    value: Any = plain(node)
    return json.dumps(value, sort_keys=True)
