"""OpenAPI Overlay 1.0: facts that the pages hide, each with its reason and its source.

Read by the letter of the specification (https://spec.openapis.org/overlay/v1.0.html), and stricter
where silence would lose a fact: an unknown key, an action that does nothing, and an action without
`description` (why) or `x-source` (where it is known from) are errors.

An action's `update` is brought into each node that its target selects, by the rule in `belief`: the
overlay is one source of facts among others. An update to an array is one entry of it. An action
whose target matches nothing stops nothing, since pages change: a notice names what was looked for
and the nearest name that is there now.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath

from scripts import documents
from scripts.contract.belief import Belief, Decision, Location, Outcome
from scripts.contract.merging.names import NO_NAMES, Names, Operation
from scripts.contract.merging.places import is_place
from scripts.contract.operations.contribution import template
from scripts.contract.operations.naming import pascal
from scripts.documents import Document
from scripts.facts import Fact, Kind, Node, Origin, escape, plain, tree, unescape
from scripts.failure import PipelineError, Problem
from scripts.reading.document.traversal import METHODS

__all__ = [
    "Action",
    "Applied",
    "Effect",
    "Overlay",
    "apply",
    "nearest",
    "parse",
    "read",
    "read_names",
]


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an overlay.

    `index` counts from 0, `line` is where the action stands in the overlay. With `remove`, an
    `update` has no effect, as the specification says. `overrules` is the reason (`x-overrules`) why
    the action wins even over what a page states, or "".
    """

    index: int
    line: int
    target: str
    description: str
    source: str
    update: Any
    remove: bool
    overrules: str = ""


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay as read from `file`; `names` are those that it pins (`x-names`)."""

    file: str
    title: str
    actions: tuple[Action, ...]
    names: Names = NO_NAMES


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action did: what was decided of each of its parts, and where it removed something."""

    action: Action
    decisions: tuple[Decision, ...]
    removed: tuple[Location, ...] = ()

    def at(self, outcome: Outcome) -> list[str]:
        """Return the JSON pointers of the parts with an outcome, topmost only."""
        return [_pointer(one.location) for one in self.decisions if one.outcome is outcome]


@dataclass(frozen=True, slots=True)
class Applied:
    """A document with an overlay applied.

    `notices` say what was decided between the overlay and the pages; `unmatched` are the actions
    that match nothing there; `problems` are those that can be applied to no such document.
    `removed` gives the action that has removed a member, by the JSON pointer of what held it.
    """

    document: Node
    effects: tuple[Effect, ...]
    notices: tuple[Problem, ...]
    unmatched: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    removed: dict[str, Origin]


# Reading


def read(path: Path, file: str | None = None) -> Overlay:
    """Read an overlay; `file` is the name to report, `path` itself by default.

    Raises `PipelineError` as `documents.read` and `parse` do.
    """
    return parse(documents.read(path, file))


def read_names(path: Path, file: str | None = None, *, must_exist: bool = False) -> Names:
    """Read a file of names that were published, empty where there is none and none must be.

    Raises `PipelineError` as `documents.read` does, and with every problem found in it.
    """
    if not (must_exist or os.path.lexists(path)):
        return NO_NAMES
    document = documents.read(path, file)
    problems: list[Problem] = []
    check = _Check(document, problems)
    names = check.names(document.value, "", ("operations", "schemas", "equal"))
    if problems:
        raise PipelineError.of(sorted(problems, key=lambda problem: problem.line or 0))
    return names


def parse(document: Document) -> Overlay:
    """Return the overlay that a document holds.

    Raises `PipelineError` with every problem found: missing, unknown or ill-typed members.
    """
    problems: list[Problem] = []
    value = document.value
    check = _Check(document, problems)
    check.keys("", value, {"overlay", "info", "extends", "actions"})
    version = check.text("", value, "overlay")
    if version and not re.fullmatch(r"1\.0\.\d+", version):
        check.problem(f"overlay version {version} is not 1.0", "/overlay", "write `overlay: 1.0.0`")
    check.text("", value, "extends", required=False)
    info = value.get("info")
    if isinstance(info, dict):
        check.keys("/info", info, {"title", "version"})
        check.text("/info", info, "title")
        check.text("/info", info, "version")
    else:
        check.problem("`info` must be an object with `title` and `version`", "/info")
    actions = value.get("actions")
    if not isinstance(actions, list) or not actions:
        check.problem("`actions` must be a list of at least one action", "/actions")
        actions = []
    read_actions = [check.action(index, action) for index, action in enumerate(actions)]
    names = check.names(value.get("x-names", {}), "/x-names")
    if problems:
        raise PipelineError.of(sorted(problems, key=lambda problem: problem.line or 0))
    return Overlay(document.file, value["info"]["title"], tuple(filter(None, read_actions)), names)


@dataclass(frozen=True, slots=True)
class _Check:
    """Notes what is wrong with the members of an overlay."""

    document: Document
    problems: list[Problem]

    def problem(self, what: str, pointer: str, hint: str | None = None) -> None:
        self.problems.append(self.document.problem(what, pointer, hint=hint))

    def keys(self, pointer: str, value: dict[str, Any], known: set[str]) -> None:
        """Note keys that are neither known nor extensions (`x-...`)."""
        for key in value:
            if key not in known and not key.startswith("x-"):
                hint = "known here: " + ", ".join(sorted(known)) + ", x-..."
                self.problem(f"unknown key {key!r}", f"{pointer}/{escape(key)}", hint)

    def text(self, pointer: str, value: dict[str, Any], key: str, *, required: bool = True) -> str:
        """Return a member that must be a text with something in it, or ""."""
        found = value.get(key)
        if isinstance(found, str) and found.strip():
            return found.strip()
        if required or key in value:
            what = "must be a text" if key in value else "is missing"
            self.problem(f"`{key}` {what}", f"{pointer}/{escape(key)}", _HINTS.get(key))
        return ""

    def action(self, index: int, action: Any) -> Action | None:
        pointer = f"/actions/{index}"
        if not isinstance(action, dict):
            self.problem(f"action {index} is not an object", pointer)
            return None
        self.keys(pointer, action, {"target", "description", "update", "remove", "x-source"})
        overrules = self.text(pointer, action, "x-overrules", required=False)
        target = self.text(pointer, action, "target")
        if target:
            try:
                jsonpath.compile(target)
            except jsonpath.JSONPathError as error:
                what = f"target {target} is no JSONPath: {error.args[0]}"
                self.problem(what, f"{pointer}/target")
        remove = action.get("remove", False)
        if not isinstance(remove, bool):
            self.problem("`remove` must be true or false", f"{pointer}/remove")
        elif not remove and "update" not in action:
            hint = "give it an `update`, or `remove: true`"
            self.problem(f"action {index} does nothing", pointer, hint)
        return Action(
            index,
            self.document.line(pointer),
            target,
            self.text(pointer, action, "description"),
            self.text(pointer, action, "x-source"),
            action.get("update"),
            remove is True,
            overrules,
        )

    def names(
        self, value: Any, at: str, sections: Sequence[str] = ("operations", "schemas")
    ) -> Names:
        """Return the names in an object at a pointer: operations by id, schemas by name."""
        found = Names()
        classes: dict[str, str] = {}
        if not isinstance(value, dict):
            self.problem("`x-names` must be an object", at)
            return found
        self.keys(at, value, set(sections))
        for section in sections:
            members = value.get(section, {})
            if not isinstance(members, dict):
                self.problem(f"`{section}` must be an object", f"{at}/{section}")
                continue
            for name, member in members.items():
                pointer = f"{at}/{section}/{escape(name)}"
                line = self.document.line(pointer)
                origin = Origin(Kind.OVERLAY, self.document.file, line, "pinned")
                if section == "operations":
                    self._operation(found, name, member, pointer, origin)
                elif section == "schemas":
                    self._schema(found, name, member, pointer, origin, classes)
                else:
                    found.equal[name] = self.text(f"{at}/{section}", members, name)
        return found

    def _schema(
        self,
        names: Names,
        name: str,
        member: Any,
        pointer: str,
        origin: Origin,
        classes: dict[str, str],
    ) -> None:
        places = member if isinstance(member, list) else [member]
        alike = classes.setdefault(pascal(name), name)
        if not _NAME.fullmatch(name):
            hint = "letters, digits, points, underscores and hyphens"
            self.problem(f"no component can be called {name!r}", pointer, hint)
        elif alike != name:
            what = f"{name!r} gives the class {pascal(name)}, as {alike!r} does"
            self.problem(what, pointer, "remove one of the two")
        elif not places or not all(map(is_place, places)):
            hint = "such as `cancelJobExecution.200`, or `JobExecution.tasks[]`"
            self.problem("expected one or more places", pointer, hint)
        else:
            names.schemas[name] = tuple(Fact(place, origin) for place in places)

    def _operation(
        self, names: Names, name: str, member: Any, pointer: str, origin: Origin
    ) -> None:
        members = member if isinstance(member, dict) else {}
        self.keys(pointer, members, {"operation", "tag"})
        tag, text = (self.text(pointer, members, key) for key in ("tag", "operation"))
        method, _, path = text.partition(" ")
        key = method.lower(), template(path)
        if key[0] not in METHODS or not _PATH.fullmatch(path):
            hint = "such as `operation: DELETE /jobs/{jobId}`"
            self.problem("expected a method and a path", f"{pointer}/operation", hint)
        elif key in names.operations:
            other = names.operations[key]
            what = f"{text} is {other.name!r} already, at {other.origin.place}"
            self.problem(what, pointer, "an operation has one name: remove one of the two")
        elif tag:
            names.operations[key] = Operation(name, path, tag, origin)


_NAME = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*")
_PATH = re.compile(r"/(?:[^{}]|\{[^{}/]+\})*")


_HINTS = {
    "description": "say why the contract needs this",
    "x-overrules": "give the reason why this wins even over what a page states",
    "x-source": "say where this is known from, for the next person to check it",
}


# Applying


def apply(document: Node, overlay: Overlay) -> Applied:
    """Apply all actions in order; `document` itself is not changed.

    What comes from an action has its origin there; everything else keeps the origin it had, the
    containers of changed parts included.
    """
    effects: list[Effect] = []
    unmatched: list[Problem] = []
    problems: list[Problem] = []
    for action in overlay.actions:
        selected = jsonpath.find(action.target, plain(document))
        if not selected:
            unmatched.append(_unmatched(document, action, overlay))
            continue
        try:
            document, effect = _act(document, action, overlay.file, selected)
        except _NotApplicable as error:
            what = f"action {action.index} (target {action.target}) {error.what}"
            problems.append(Problem(what, overlay.file, action.line, hint=error.hint))
        else:
            effects.append(effect)
    notices = [notice for one in effects for notice in _notices(one, overlay.file)]
    removed = {
        _pointer(location[:-1]): _origin(one.action, overlay.file)
        for one in effects
        for location in one.removed
    }
    return Applied(
        document, tuple(effects), tuple(notices), tuple(unmatched), tuple(problems), removed
    )


class _NotApplicable(Exception):
    """An action cannot be applied to the document at hand."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def _act(
    document: Node, action: Action, file: str, selected: jsonpath.JSONPathNodeList
) -> tuple[Node, Effect]:
    for node in selected:
        if not isinstance(node.value, dict | list):
            hint = "select the object or array that contains it, and update that"
            raise _NotApplicable(f"selects {node.path()}, which is neither object nor array", hint)
    # A query may select a node twice.
    locations = list(dict.fromkeys(node.location for node in selected))
    if action.remove:
        for location in _deepest_first(locations):
            if not location:
                raise _NotApplicable("removes the whole document")
            document = _remove(document, location)
        return document, Effect(action, (), tuple(locations))
    update = tree(action.update, _origin(action, file))
    whole = document

    def look(reference: str) -> Node | None:
        return _found(whole, reference)

    belief = Belief(look, overrules=bool(action.overrules))
    for location in _deepest_first(locations):
        document = _at(document, location, location, update, belief)
    return document, Effect(action, tuple(belief.decisions))


def _origin(action: Action, file: str) -> Origin:
    note = f"{action.description} (source: {action.source})"
    return Origin(Kind.OVERLAY, file, action.line, note, action.index)


def _deepest_first(locations: Iterable[Location]) -> list[Location]:
    """Order locations so that acting on one leaves the others valid: deep ones and ends first."""
    return sorted(
        locations,
        key=lambda location: (len(location), [s if isinstance(s, int) else -1 for s in location]),
        reverse=True,
    )


def _pointer(location: Sequence[str | int]) -> str:
    return "".join(f"/{escape(step)}" for step in location)


def _found(document: Node, reference: str) -> Node | None:
    """Return the part of a document that a `$ref` within it leads to."""
    node = document
    for token in reference.removeprefix("#/").split("/") if reference.startswith("#/") else [""]:
        key = unescape(token)
        if not isinstance(node.value, dict) or key not in node.value:
            return None
        node = node.value[key]
    return node


def _remove(node: Node, location: Location) -> Node:
    """Return a tree without the part at a location."""
    step, *rest = location
    members = node.value.copy()
    if rest:
        members[step] = _remove(members[step], tuple(rest))
    else:
        del members[step]
    return Fact(members, node.origin)


def _at(node: Node, rest: Location, location: Location, update: Node, belief: Belief) -> Node:
    """Return a tree with an update brought in at a location, `rest` of it below `node`."""
    if rest:
        members = node.value.copy()
        members[rest[0]] = _at(members[rest[0]], rest[1:], location, update, belief)
        return Fact(members, node.origin)
    if isinstance(node.value, list):
        return belief.extended(node, [update], location)
    if not isinstance(update.value, dict):
        raise _NotApplicable("selects an object, so `update` must be an object")
    return belief.merged(node, update, location)


# Notices


_NOTICED = (
    (Outcome.REPLACED, "takes the place of what pages only show or rules assume", None),
    (Outcome.OVERRULED, "overrules what pages state", None),
    (
        Outcome.STANDS,
        "differs from what pages state, and they stand",
        "correct the action, or give it the reason why it wins: `x-overrules`",
    ),
    (Outcome.REDUNDANT, "says what pages say, too", "what pages state now can go from the action"),
)


def _notices(effect: Effect, file: str) -> Iterator[Problem]:
    """Yield a notice for each way in which an action met what pages say, with their lines."""
    action = effect.action
    for outcome, what, hint in _NOTICED:
        met = [
            (one.location, one.there)
            for one in effect.decisions
            if one.outcome is outcome and one.there is not None
        ]
        if outcome is Outcome.REDUNDANT:
            met = [(at, there) for at, there in met if at[-1] not in _IDENTITY]
        if not met:
            continue
        where = [f"{_words(at)} ({there.place})" for at, there in met]
        more = f" and {len(where) - _SHOWN} more" if len(where) > _SHOWN else ""
        reason = f", since {action.overrules}" if outcome is Outcome.OVERRULED else ""
        yield Problem(
            f"action {action.index} {what}{reason}: {', '.join(where[:_SHOWN])}{more}",
            file,
            action.line,
            hint="it can go: pages say all of it"
            if outcome is Outcome.REDUNDANT and _is_redundant(effect)
            else hint,
        )


_SHOWN = 3
"""How many places a notice names: REPORT.md and the picture show all."""
_IDENTITY = ("$ref", "type", "name", "in", "required")
"""Keywords that an action repeats to say which part it is about."""


def _is_redundant(effect: Effect) -> bool:
    return all(one.outcome is Outcome.REDUNDANT for one in effect.decisions)


def _words(location: Location) -> str:
    text = " > ".join(str(step) for step in location)
    return text.replace("components > ", "", 1).replace("schemas > ", "", 1)


def _unmatched(document: Node, action: Action, overlay: Overlay) -> Problem:
    """Return the notice of an action that matches nothing, with the nearest name there is."""
    query = jsonpath.compile(action.target)
    there: list[Any] = [plain(document)]
    missing, known = "", set[str]()
    for count in range(1, len(query.segments) + 1):
        segments = query.segments[:count]
        found = jsonpath.JSONPathQuery(env=query.env, segments=segments).find(plain(document))
        if not found:
            selectors = query.segments[count - 1].selectors
            missing = str(getattr(selectors[0], "name", ""))
            known = {key for one in there if isinstance(one, dict) for key in one}
            break
        there = [node.value for node in found]
    # What has a new name is none of those that are pinned.
    close = nearest(missing, known - overlay.names.schemas.keys())
    looked = f"{missing!r} is not there" if missing else "no part is as its filter says"
    hint = "correct the target, or delete the action"
    return Problem(
        f"action {action.index} (target {action.target}) matches nothing: {looked}"
        + (f"; the nearest name there is {close!r}" if close else ""),
        overlay.file,
        action.line,
        hint=f"a page may have changed: {hint}",
    )


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name that is most like another, None where none is like it at all."""
    rated = [(SequenceMatcher(None, name.lower(), one.lower()).ratio(), one) for one in known]
    best = max(sorted(rated, key=lambda pair: pair[1]), key=lambda pair: pair[0], default=(0, ""))
    return best[1] if best[0] >= 0.5 else None
