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

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath

from scripts import documents
from scripts.contract.belief import Belief, Decision, Location, Outcome, definition
from scripts.contract.merging.names import NO_NAMES, Names
from scripts.contract.names import names_in
from scripts.documents import Document
from scripts.facts import (
    Fact,
    Kind,
    Node,
    Origin,
    changed_at,
    escape,
    inside,
    origins,
    plain,
    target,
    tree,
)
from scripts.failure import Problem
from scripts.members import Members


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


def parse(document: Document) -> Overlay:
    """Return the overlay that a document holds.

    Raises `PipelineError` with every problem found: missing, unknown or ill-typed members.
    """
    value = document.value
    members = Members(document, _HINTS)
    members.keys("", value, {"overlay", "info", "extends", "actions", "x-names"})
    version = members.text("", value, "overlay")
    if version and not re.fullmatch(r"1\.0\.\d+", version):
        members.problem(
            f"overlay version {version} is not 1.0", "/overlay", "write `overlay: 1.0.0`"
        )
    members.text("", value, "extends", required=False)
    info = value.get("info")
    if isinstance(info, dict):
        members.keys("/info", info, {"title", "version"})
        members.text("/info", info, "title")
        members.text("/info", info, "version")
    else:
        members.problem("`info` must be an object with `title` and `version`", "/info")
    actions = value.get("actions")
    if not isinstance(actions, list) or not actions:
        members.problem("`actions` must be a list of at least one action", "/actions")
        actions = []
    read_actions = [_read_action(members, index, action) for index, action in enumerate(actions)]
    names = names_in(members, value.get("x-names", {}), "/x-names")
    members.refuse()
    return Overlay(document.file, value["info"]["title"], tuple(filter(None, read_actions)), names)


def _read_action(members: Members, index: int, action: Any) -> Action | None:
    pointer = f"/actions/{index}"
    if not isinstance(action, dict):
        members.problem(f"action {index} is not an object", pointer)
        return None
    known = {"target", "description", "update", "remove", "x-source", "x-overrules"}
    members.keys(pointer, action, known)
    overrules = members.text(pointer, action, "x-overrules", required=False)
    target = members.text(pointer, action, "target")
    if target:
        try:
            jsonpath.compile(target)
        except jsonpath.JSONPathError as error:
            what = f"target {target} is no JSONPath: {error.args[0]}"
            members.problem(what, f"{pointer}/target")
    remove = action.get("remove", False)
    if not isinstance(remove, bool):
        members.problem("`remove` must be true or false", f"{pointer}/remove")
    elif not remove and "update" not in action:
        hint = "give it an `update`, or `remove: true`"
        members.problem(f"action {index} does nothing", pointer, hint)
    return Action(
        index,
        members.document.line(pointer),
        target,
        members.text(pointer, action, "description"),
        members.text(pointer, action, "x-source"),
        action.get("update"),
        remove is True,
        overrules,
    )


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
    notices: list[Problem] = []
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
            gone, others = _unlisted(effect)
            unmatched += _of_unlisted(document, effect, gone, overlay.file)
            notices += _of_unlisted(document, effect, others, overlay.file)
            for location in gone:
                document = changed_at(document, location[:-1], partial(_removed, location[-1]))
    unmatched += [notice for one in effects for notice in _renamed(document, one, overlay.file)]
    notices += [notice for one in effects for notice in _notices(one, overlay.file)]
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
            document = changed_at(document, location[:-1], partial(_removed, location[-1]))
        return document, Effect(action, (), tuple(locations))
    update = tree(action.update, _origin(action, file))
    belief = Belief(partial(target, document), overrules=bool(action.overrules))
    for location in _deepest_first(locations):
        document = changed_at(document, location, partial(_updated, update, belief, location))
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


def _removed(step: str | int, holder: Node) -> Node:
    """Return an object or array without one of its members."""
    members = holder.value.copy()
    del members[step]
    return Fact(members, holder.origin)


def _updated(update: Node, belief: Belief, location: Location, node: Node) -> Node:
    """Return the part at a location with an update brought in."""
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
        redundant = all(one.outcome is Outcome.REDUNDANT for one in effect.decisions)
        more = f" and {len(where) - _SHOWN} more" if len(where) > _SHOWN else ""
        reason = f", since {action.overrules}" if outcome is Outcome.OVERRULED else ""
        yield Problem(
            f"action {action.index} {what}{reason}: {', '.join(where[:_SHOWN])}{more}",
            file,
            action.line,
            hint="it can go: pages say all of it" if redundant else hint,
        )


def _unlisted(effect: Effect) -> tuple[list[Location], list[Location]]:
    """Return where an action has added to what a page lists, and describes itself.

    It says of the same part what the page says, too, or says otherwise: so it is older than the
    page, and has what the page has renamed or dropped. One that only adds fills a gap. The first
    are properties, which a client would read in vain; parameters and values do no harm.
    """
    met = [
        one.location
        for one in effect.decisions
        if one.outcome is not Outcome.ADDED and one.there and one.location[-1] not in _IDENTITY
    ]
    found: tuple[list[Location], list[Location]] = [], []
    for one in _added(effect, Kind.STATED):
        owner = one.location[:-2]
        if not effect.action.overrules and any(at[: len(owner)] == owner for at in met):
            found[one.location[-2] != "properties"].append(one.location)
    return found


def _added(effect: Effect, kind: Kind) -> list[Decision]:
    """Return what an action has added to what is known in this way."""
    return [
        one
        for one in effect.decisions
        if one.outcome is Outcome.ADDED and one.there is not None and one.there.kind is kind
    ]


def _renamed(document: Node, effect: Effect, file: str) -> Iterator[Problem]:
    """Yield a notice for each property that a sample does not show, but one by nearly its name.

    One that is described only is no property.
    """
    action = effect.action
    for one in _added(effect, Kind.SAMPLE):
        holder, name = inside(document, one.location[:-1]), str(one.location[-1])
        shown = holder.value if holder is not None else {}
        if name not in shown or not definition(shown[name]):
            continue
        others = [key for key in shown if not _is_mentioned(shown[key])]
        if close := nearest(name, others):
            yield Problem(
                f"action {action.index} adds {name!r} to {_words(one.location[:-1])}, "
                f"which no page shows; the nearest name there is {close!r}",
                file,
                action.line,
                hint="has a page renamed it? then correct it in this action",
            )


def _is_mentioned(node: Node) -> bool:
    return any(origin.kind is Kind.OVERLAY for _, origin in origins(node))


def _of_unlisted(
    document: Node, effect: Effect, unlisted: Sequence[Location], file: str
) -> Iterator[Problem]:
    """Yield a notice for each list that an action has added to."""
    action, places = effect.action, {one.location: one.there for one in effect.decisions}
    for holder in dict.fromkeys(location[:-1] for location in unlisted):
        own = [location for location in unlisted if location[:-1] == holder]
        names = sorted(_name(inside(document, at), at[-1]) for at in own)
        page = places[own[0]]
        where = f", which are listed at {page.place}" if page else ""
        left_out = ": left out" if holder[-1] == "properties" else ""
        yield Problem(
            f"action {action.index} adds {', '.join(names)} to {_words(holder)}{where}{left_out}",
            file,
            action.line,
            hint="has a page renamed or dropped it? then correct or delete it in this action, "
            "or give the reason why it is there all the same: `x-overrules`",
        )


def _name(node: Node | None, key: str | int) -> str:
    value = node.value if node is not None else None
    if node is not None and isinstance(value, dict) and isinstance(key, int):
        value = value["name"].value if "name" in value else plain(node)
    return repr(value if isinstance(key, int) else key)


_SHOWN = 3
"""How many places a notice names: REPORT.md and the picture show all."""
_IDENTITY = ("$ref", "type", "name", "in", "required")
"""Keywords that an action repeats to say which part it is about."""


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
