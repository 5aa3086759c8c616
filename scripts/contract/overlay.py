"""OpenAPI Overlay 1.0: facts that the pages hide, each with its reason and its source.

Applied by the letter of the specification (https://spec.openapis.org/overlay/v1.0.html), and
stricter where silence would lose a fact: a target that matches nothing, an unknown key, an action
that does nothing, and an action without `description` (why) or `x-source` (where it is known
from) are errors.

An action's `update` is merged into each node that its target selects: objects member by member,
arrays by appending, anything else is replaced. An update to an array is one entry to append.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import jsonpath_rfc9535 as jsonpath

from scripts import documents
from scripts.documents import Document
from scripts.facts import Fact, Kind, Node, Origin, escape, plain, tree
from scripts.failure import PipelineError, Problem

__all__ = ["Action", "Effect", "Overlay", "apply", "attempt", "parse", "read", "trace"]

Location: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead from the root of a document to a part of it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an overlay.

    `index` counts from 0, `line` is where the action stands in the overlay. With `remove`, an
    `update` has no effect, as the specification says.
    """

    index: int
    line: int
    target: str
    description: str
    source: str
    update: Any
    remove: bool


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay as read from `file`."""

    file: str
    title: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action did, as JSON pointers into the document as it was just after the action.

    `added` and `changed` name the topmost parts only; `removed` points into the document as it was
    just before. All three are empty when the document said all that already.
    """

    action: Action
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


# Reading


def read(path: Path, file: str | None = None) -> Overlay:
    """Read an overlay; `file` is the name to report, `path` itself by default.

    Raises `PipelineError` as `documents.read` and `parse` do.
    """
    return parse(documents.read(path, file))


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
    if problems:
        raise PipelineError.of(sorted(problems, key=lambda problem: problem.line or 0))
    return Overlay(document.file, value["info"]["title"], tuple(filter(None, read_actions)))


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
        )


_HINTS = {
    "description": "say why the contract needs this",
    "x-source": "say where this is known from, for the next person to check it",
}


# Applying


def apply(document: Node, overlay: Overlay) -> Node:
    """Return the document with all actions applied in order; see `trace`."""
    return trace(document, overlay)[0]


def trace(document: Node, overlay: Overlay) -> tuple[Node, list[Effect]]:
    """Return the document with all actions applied in order, and the effect of each.

    What an action added or changed has its origin in that action; everything else keeps the
    origin it had, the containers of changed parts included. `document` itself is not changed.

    Raises `PipelineError`, after trying every action, for each whose target selects nothing or a
    scalar, removes the root, or does not fit its update.
    """
    document, effects, problems = _tried(document, overlay)
    if problems:
        raise PipelineError.of(problems)
    return document, effects


def attempt(document: Node, overlay: Overlay) -> tuple[Node, list[Problem]]:
    """Return the document with the actions that fit it applied, and a problem for each other."""
    document, _, problems = _tried(document, overlay)
    return document, problems


def _tried(document: Node, overlay: Overlay) -> tuple[Node, list[Effect], list[Problem]]:
    effects: list[Effect] = []
    problems: list[Problem] = []
    for action in overlay.actions:
        try:
            document, effect = _act(document, action, overlay.file)
        except _Misfit as misfit:
            what = f"action {action.index} (target {action.target}) {misfit.what}"
            problems.append(Problem(what, overlay.file, action.line, hint=misfit.hint))
        else:
            effects.append(effect)
    return document, effects, problems


class _Misfit(Exception):
    """An action cannot be applied to the document at hand."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


def _act(document: Node, action: Action, file: str) -> tuple[Node, Effect]:
    selected = jsonpath.find(action.target, plain(document))
    if not selected:
        hint = "the page may have changed: correct the target, or delete the action"
        raise _Misfit("matches nothing", hint)
    for node in selected:
        if not isinstance(node.value, dict | list):
            hint = "select the object or array that contains it, and update that"
            raise _Misfit(f"selects {node.path()}, which is neither object nor array", hint)
    # A query may select a node twice.
    locations = list(dict.fromkeys(node.location for node in selected))
    if action.remove:
        for location in _deepest_first(locations):
            if not location:
                raise _Misfit("removes the whole document")
            document = _remove(document, location)
        return document, Effect(action, (), (), tuple(map(_pointer, locations)))
    note = f"{action.description} (source: {action.source})"
    merge = _Merge(
        action.update, Origin(Kind.OVERLAY, file, action.line, note, action.index), [], []
    )
    for location in _deepest_first(locations):
        document = _at(document, location, location, merge)
    return document, Effect(
        action, tuple(map(_pointer, merge.added)), tuple(map(_pointer, merge.changed)), ()
    )


def _deepest_first(locations: Iterable[Location]) -> list[Location]:
    """Order locations so that acting on one leaves the others valid: deep ones and ends first."""
    return sorted(
        locations,
        key=lambda location: (len(location), [s if isinstance(s, int) else -1 for s in location]),
        reverse=True,
    )


def _pointer(location: Sequence[str | int]) -> str:
    return "".join(f"/{escape(step)}" for step in location)


def _remove(node: Node, location: Location) -> Node:
    """Return a tree without the part at a location."""
    step, *rest = location
    members = node.value.copy()
    if rest:
        members[step] = _remove(members[step], tuple(rest))
    else:
        del members[step]
    return Fact(members, node.origin)


def _at(node: Node, rest: Location, location: Location, merge: _Merge) -> Node:
    """Return a tree with the action's update merged in at a location, `rest` of it below `node`."""
    if not rest:
        return merge.into(node, location)
    members = node.value.copy()
    members[rest[0]] = _at(members[rest[0]], rest[1:], location, merge)
    return Fact(members, node.origin)


@dataclass(frozen=True, slots=True)
class _Merge:
    """Merges an update of one origin into a tree, and notes where it added and changed parts."""

    update: Any
    origin: Origin
    added: list[Location]
    changed: list[Location]

    def into(self, target: Node, location: Location) -> Node:
        """Return a selected node with the update merged in."""
        if isinstance(target.value, list):
            return self._append(target, [self.update], location)
        if not isinstance(self.update, dict):
            raise _Misfit("selects an object, so `update` must be an object")
        return self._merge(target, self.update, location)

    def _merge(self, target: Node, update: Any, location: Location) -> Node:
        if isinstance(target.value, dict) and isinstance(update, dict):
            members = target.value.copy()
            for key, value in update.items():
                where = (*location, key)
                if key in members:
                    members[key] = self._merge(members[key], value, where)
                else:
                    members[key] = tree(value, self.origin)
                    self.added.append(where)
            return Fact(members, target.origin)
        if isinstance(target.value, list) and isinstance(update, list):
            return self._append(target, update, location)
        if _same(plain(target), update):
            return target
        self.changed.append(location)
        return tree(update, self.origin)

    def _append(self, target: Node, entries: list[Any], location: Location) -> Node:
        start = len(target.value)
        self.added.extend((*location, start + index) for index in range(len(entries)))
        return Fact([*target.value, *(tree(e, self.origin) for e in entries)], target.origin)


def _same(left: Any, right: Any) -> bool:
    """Say whether two JSON values are equal; unlike Python, true is not 1."""
    return type(left) is type(right) and bool(left == right)
