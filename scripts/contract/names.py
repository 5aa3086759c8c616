"""The names of a contract, as files have them: `x-names` of an overlay, and spec/names.yaml."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts import documents
from scripts.contract.merging.names import NO_NAMES, Names, Operation
from scripts.contract.merging.places import is_place
from scripts.contract.operations.contribution import template
from scripts.contract.operations.naming import pascal
from scripts.emitter import dump
from scripts.facts import Fact, Kind, Origin, escape
from scripts.members import Members
from scripts.reading.document.traversal import METHODS

_HEADER = """\
# The names under which operations and schemas were published, and where each of them stands.
# PRODUCED by `make generate`, which keeps them whatever form a page is captured in; names that are
# pinned in the overlay do not stand here. To rename something, or to drop a name that nobody
# imports any more, change or delete its lines. Where two branches differ, keep the names of both,
# each once.
"""
_NAME = re.compile(r"[A-Za-z0-9._-]*[A-Za-z0-9][A-Za-z0-9._-]*")
_PATH = re.compile(r"/(?:[^{}]|\{[^{}/]+\})*")


def read(path: Path, file: str | None = None, *, must_exist: bool = False) -> Names:
    """Read a file of names that were published, empty where there is none and none must be.

    Raises `PipelineError` as `documents.read` does, and with every problem found in it.
    """
    if not (must_exist or os.path.lexists(path)):
        return NO_NAMES
    document = documents.read(path, file)
    members = Members(document)
    names = names_in(members, document.value, "", ("operations", "schemas", "equal"))
    members.refuse()
    return names


def text(names: Names) -> str:
    """Return the file of names, sorted by name."""
    operations = {
        one.name: {"operation": f"{method.upper()} {one.path}", "tag": one.tag}
        for (method, _), one in sorted(names.operations.items(), key=lambda item: item[1].name)
    }
    schemas = {name: [one.value for one in places] for name, places in names.schemas.items()}
    members = {"operations": operations, "schemas": schemas, "equal": names.equal}
    return _HEADER + dump(members)


def names_in(
    members: Members, value: Any, at: str, sections: Sequence[str] = ("operations", "schemas")
) -> Names:
    """Return the names in an object at a pointer: operations by id, schemas by name."""
    found = Names()
    classes: dict[str, str] = {}
    if not isinstance(value, dict):
        members.problem("the names must be an object", at)
        return found
    members.keys(at, value, set(sections))
    for section in sections:
        named = value.get(section, {})
        if not isinstance(named, dict):
            members.problem(f"`{section}` must be an object", f"{at}/{section}")
            continue
        for name, member in named.items():
            pointer = f"{at}/{section}/{escape(name)}"
            line = members.document.line(pointer)
            origin = Origin(Kind.OVERLAY, members.document.file, line, "pinned")
            if section == "operations":
                _operation(members, found, name, member, pointer, origin)
            elif section == "schemas":
                _schema(members, found, name, member, pointer, origin, classes)
            else:
                found.equal[name] = members.text(f"{at}/{section}", named, name)
    return found


def _schema(
    members: Members,
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
        members.problem(f"no component can be called {name!r}", pointer, hint)
    elif alike != name:
        what = f"{name!r} gives the class {pascal(name)}, as {alike!r} does"
        members.problem(what, pointer, "remove one of the two")
    elif not places or not all(map(is_place, places)):
        hint = "such as `cancelJobExecution.200`, or `JobExecution.tasks[]`"
        members.problem("expected one or more places", pointer, hint)
    else:
        names.schemas[name] = tuple(Fact(place, origin) for place in places)


def _operation(
    members: Members, names: Names, name: str, member: Any, pointer: str, origin: Origin
) -> None:
    written = member if isinstance(member, dict) else {}
    members.keys(pointer, written, {"operation", "tag"})
    tag, text = (members.text(pointer, written, key) for key in ("tag", "operation"))
    method, _, path = text.partition(" ")
    key = method.lower(), template(path)
    if key[0] not in METHODS or not _PATH.fullmatch(path):
        hint = "such as `operation: DELETE /jobs/{jobId}`"
        members.problem("expected a method and a path", f"{pointer}/operation", hint)
    elif key in names.operations:
        other = names.operations[key]
        what = f"{text} is {other.name!r} already, at {other.origin.place}"
        members.problem(what, pointer, "an operation has one name: remove one of the two")
    elif tag:
        names.operations[key] = Operation(name, path, tag, origin)
