"""Two contracts compared: none, patch, minor or major, and why.

What counts is what callers meet: the wire, and the Python API of the generated client. So what
a response holds is compared as the generators see it, by the client profile: a null or an unknown
value that the generated code takes anyway is harmless. Error responses are patches: the profile
drops them, and the hand-written layer raises by status. Whatever differs and is of no concern to
callers' code, such as prose, is a patch as well. No difference are `info.version`, the order of
keys, what references alone change, two ways to write the same, and scopes that no operation needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scripts.comparison.change import BUMPS, Bump, Change, Difference
from scripts.comparison.normal_form import normalized
from scripts.comparison.operations import Operation, flattened, operations, target
from scripts.comparison.schemas import Direction, SchemaComparison, changed_prose
from scripts.facts import escape, unescape
from scripts.generation.restatement.profile import OTHER_NAMES, profile


def compare(old: dict[str, Any], new: dict[str, Any]) -> Difference:
    """Compare two OpenAPI contracts, plain JSON; neither is changed."""
    old, new = normalized(old), normalized(new)
    needed = _needed_scopes(old) | _needed_scopes(new)
    for document in (old, new):
        _drop_other_scopes(document, needed)
    # Of responses, what the generators see of them.
    old_seen, new_seen = flattened(profile(old)), flattened(profile(new))
    old, new = flattened(old), flattened(new)
    read = _used(old, requests=False) & _used(new, requests=False)
    others = new_seen.get(OTHER_NAMES, {})
    schemas = SchemaComparison(
        {"request": (old, new), "response": (old_seen, new_seen)}, frozenset(read), others
    )
    before, after = _with_responses(old, old_seen), _with_responses(new, new_seen)
    found = [
        *_operations(before, after, schemas),
        *_components(old, new, others),
        *_schemes(old, new),
    ]
    found += schemas.changes
    places = {change.pointer for change in found}
    for place in changed_prose(old, new):
        if place != "/info/version" and not _is_noted(place, places):
            found.append(Change("patch", place, f"{place.rpartition('/')[2]} changed"))
    unique = dict.fromkeys(found)
    order = sorted(unique, key=lambda change: (-BUMPS.index(change.bump), change.pointer))
    return Difference(tuple(order))


def _is_noted(place: str, places: set[str]) -> bool:
    """Say whether a change was noted at a place or around it."""
    while place:
        if place in places:
            return True
        place = place.rpartition("/")[0]
    return False


def _with_responses(document: dict[str, Any], seen: dict[str, Any]) -> list[Operation]:
    """Return the operations of a contract, their successful responses as the generators see them.

    Both contracts are flattened.
    """
    successes = {one.pointer: one.value.get("responses") or {} for one in operations(seen)}
    return [
        replace(one, value={**one.value, "responses": {**(one.value.get("responses") or {}),
                                                       **successes[one.pointer]}})
        for one in operations(document)
    ]  # fmt: skip


def _operations(
    old: list[Operation], new: list[Operation], schemas: SchemaComparison
) -> Iterator[Change]:
    before = {operation.shape: operation for operation in old}
    after = {operation.shape: operation for operation in new}
    removed = {shape: one for shape, one in before.items() if shape not in after}
    added = {shape: one for shape, one in after.items() if shape not in before}
    ids = {one.value.get("operationId"): one for one in added.values()}
    for one in removed.values():
        name = one.value.get("operationId")
        if name and name in ids:
            moved = ids.pop(name)
            del added[moved.shape]
            yield Change("major", moved.pointer, f"{name} moved: {one.name} became {moved.name}")
        else:
            yield Change("major", one.pointer, f"operation {one.name} removed")
    for one in added.values():
        yield Change("minor", one.pointer, f"operation {one.name} added")
    for shape, one in before.items():
        if shape in after:
            yield from _operation(one, after[shape], schemas)


def _operation(old: Operation, new: Operation, schemas: SchemaComparison) -> Iterator[Change]:
    place, name = new.pointer, new.name
    before, after = old.value.get("operationId"), new.value.get("operationId")
    if before != after:
        what = f"{name}: operationId {before} became {after}: another module"
        yield Change("major", f"{place}/operationId", what)
    first, other = (((one.value.get("tags") or [None])[0]) for one in (old, new))
    if first != other:
        what = f"{name}: first tag {first} became {other}: another package"
        yield Change("major", f"{place}/tags", what)
    yield from _flag(old.value, new.value, "deprecated", place, name)
    if old.path_parameters != new.path_parameters:
        what = f"{name}: path parameters {old.path_parameters} became {new.path_parameters}"
        yield Change("major", f"{place}/parameters", what)
    yield from _parameters(old, new, schemas)
    yield from _body(old, new, schemas)
    yield from _responses(old, new, schemas)
    yield from _security(old, new)
    yield from _servers(old, new)


def _parameters(old: Operation, new: Operation, schemas: SchemaComparison) -> Iterator[Change]:
    before, after = (
        {(one.get("name"), one.get("in")): one for one in operation.value["parameters"]}
        for operation in (old, new)
    )
    place = f"{new.pointer}/parameters"
    added = {key: one for key, one in after.items() if key not in before}
    for key in before.keys() - after.keys():
        moved = next((one for one in added if one[0] == key[0]), None)
        what = "removed"
        if moved is not None:
            del added[moved]
            what = f"moved to the {moved[1]}"
        yield Change("major", place, f"{new.name}: {key[1]} parameter {key[0]} {what}")
    for key, one in added.items():
        required = one.get("required") is True
        what = f"{'required' if required else 'optional'} {key[1]} parameter {key[0]} added"
        yield Change("major" if required else "minor", place, f"{new.name}: {what}")
    for index, (key, one) in enumerate(after.items()):
        if key not in before:
            continue
        was, where = before[key], f"{place}/{index}"
        subject = f"{new.name}: {key[1]} parameter {key[0]}"
        yield from _flag(was, one, "required", where, subject)
        for style in ("style", "explode", "allowReserved", "allowEmptyValue"):
            if was.get(style) != one.get(style):
                yield Change("major", f"{where}/{style}", f"{subject}: {style} changed")
        yield from _flag(was, one, "deprecated", where, subject)
        schemas.compare(was.get("schema", {}), one.get("schema", {}), f"{where}/schema", "request")
        yield from _content(was, one, where, subject, "request", schemas)


_FLAGS: dict[str, tuple[tuple[Bump, str], tuple[Bump, str]]] = {
    "required": (("major", "became required"), ("minor", "became optional")),
    "deprecated": (("minor", "is deprecated"), ("patch", "is no longer deprecated")),
}
"""What it asks of callers that a flag is set, and that it is not any more."""


def _flag(
    old: dict[str, Any], new: dict[str, Any], key: str, place: str, subject: str
) -> Iterator[Change]:
    now = new.get(key) is True
    if now != (old.get(key) is True):
        bump, what = _FLAGS[key][0 if now else 1]
        yield Change(bump, f"{place}/{key}", f"{subject} {what}")


def _members(
    old: dict[str, Any], new: dict[str, Any], place: str, subject: str
) -> Iterator[Change]:
    """Yield the names that an object has no more, and those that are new."""
    for name in sorted(old.keys() - new.keys()):
        yield Change("major", f"{place}/{escape(name)}", f"{subject} {name} removed")
    for name in sorted(new.keys() - old.keys()):
        yield Change("minor", f"{place}/{escape(name)}", f"{subject} {name} added")


def _content(
    old: dict[str, Any], new: dict[str, Any], place: str, subject: str, way: Direction,
    schemas: SchemaComparison,
) -> Iterator[Change]:  # fmt: skip
    before, after = old.get("content") or {}, new.get("content") or {}
    yield from _members(before, after, f"{place}/content", f"{subject}: media type")
    for kind in sorted(before.keys() & after.keys()):
        one, other = before[kind].get("schema", {}), after[kind].get("schema", {})
        schemas.compare(one, other, f"{place}/content/{escape(kind)}/schema", way)


def _body(old: Operation, new: Operation, schemas: SchemaComparison) -> Iterator[Change]:
    before, after = old.value.get("requestBody"), new.value.get("requestBody")
    place, subject = f"{new.pointer}/requestBody", f"{new.name}: request body"
    if before is None and after is None:
        return
    if after is None:
        yield Change("major", place, f"{subject} removed")
    elif before is None:
        required = after.get("required") is True
        kind = "required" if required else "optional"
        yield Change("major" if required else "minor", place, f"{subject} added, {kind}")
    else:
        yield from _flag(before, after, "required", place, subject)
        yield from _content(before, after, place, subject, "request", schemas)


def _responses(old: Operation, new: Operation, schemas: SchemaComparison) -> Iterator[Change]:
    before, after = old.value.get("responses") or {}, new.value.get("responses") or {}
    for status in sorted(before.keys() | after.keys()):
        place = f"{new.pointer}/responses/{status}"
        subject = f"{new.name}: response {status}"
        success = status.startswith("2")
        if status not in after:
            yield Change("major" if success else "patch", place, f"{subject} removed")
        elif status not in before:
            bump: Bump = "patch"
            if success:
                # The same answer under one more status leaves the return type as it is.
                kept = [one.get("content") for code, one in before.items() if code[:1] == "2"]
                bump = "minor" if after[status].get("content") in kept else "major"
            yield Change(bump, place, f"{subject} added")
        elif success:
            was, one = before[status], after[status]
            yield from _content(was, one, place, subject, "response", schemas)
            names = was.get("headers") or {}, one.get("headers") or {}
            yield from _members(*names, f"{place}/headers", f"{subject}: header")


def _security(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _alternatives(old), _alternatives(new)
    place = f"{new.pointer}/security"
    for names in before.keys() - after.keys():
        bump: Bump = "major" if after and set(after) != {()} else "minor"
        yield Change(bump, place, f"{new.name}: security {_scheme(names)} removed")
    for names in after.keys() - before.keys():
        bump = "minor" if before else "major"
        yield Change(bump, place, f"{new.name}: security {_scheme(names)} added")
    for names in before.keys() & after.keys():
        for scope in sorted(after[names] - before[names]):
            yield Change("major", place, f"{new.name}: scope {scope} needed now")
        for scope in sorted(before[names] - after[names]):
            yield Change("minor", place, f"{new.name}: scope {scope} no longer needed")


def _alternatives(operation: Operation) -> dict[tuple[str, ...], set[str]]:
    """Return the scopes by the schemes that are needed together; nothing where none is needed."""
    return {
        tuple(sorted(one)): {f"{name}:{scope}" for name, scopes in one.items() for scope in scopes}
        for one in operation.value.get("security") or ()
    }


def _scheme(names: tuple[str, ...]) -> str:
    return " with ".join(names) or "(anonymous)"


def _servers(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = (
        [json.dumps([one.get("url"), one.get("variables")], sort_keys=True)
         for one in operation.value.get("servers") or ()]
        for operation in (old, new)
    )  # fmt: skip
    if before == after:
        return
    place = f"{new.pointer}/servers"
    if before[:1] != after[:1]:
        what = f"the server {_first(before)} became {_first(after)}"
        yield Change("major", place, f"{new.name}: {what}")
    for one in sorted(set(before[1:]) - set(after)):
        yield Change("major", place, f"{new.name}: server {_first([one])} removed")
    for one in sorted(set(after[1:]) - set(before)):
        yield Change("minor", place, f"{new.name}: server {_first([one])} added")


def _first(servers: list[str]) -> str:
    return str(json.loads(servers[0])[0]) if servers else "(none)"


# Components


def _components(
    old: dict[str, Any], new: dict[str, Any], others: dict[str, str]
) -> Iterator[Change]:
    """Yield the classes that were added or removed, of those that operations use.

    One that is another's further name now can be imported still.
    """
    before, after = _used(old), _used(new)
    for name in sorted(before - after - others.keys()):
        same = [
            other for other in sorted(after - before)
            if target(new, f"#/components/schemas/{escape(other)}")
            == target(old, f"#/components/schemas/{escape(name)}")
        ]  # fmt: skip
        what = f"model {name} renamed to {same[0]}" if same else f"model {name} removed"
        yield Change("major", f"/components/schemas/{escape(name)}", what)
    for name in sorted(after - before):
        yield Change("minor", f"/components/schemas/{escape(name)}", f"model {name} added")


def _used(document: dict[str, Any], *, requests: bool = True) -> set[str]:
    """Return the names of the schemas that successful responses reach, and requests."""
    waiting: list[Any] = []
    for operation in operations(document):
        responses = operation.value.get("responses") or {}
        if requests:
            waiting += [operation.value["parameters"], operation.value.get("requestBody")]
        waiting += [one for status, one in responses.items() if status.startswith("2")]
    found: set[str] = set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, str) and part.startswith("#/components/schemas/"):
            name = unescape(part.split("/")[3])
            if name not in found:
                found.add(name)
                waiting.append(target(document, f"#/components/schemas/{escape(name)}"))
    return found


def _needed_scopes(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Return (scheme, scope) of all scopes that operations need."""
    return {
        (name, scope)
        for operation in operations(document)
        for one in operation.value.get("security") or ()
        for name, scopes in one.items()
        for scope in scopes
    }


def _drop_other_scopes(document: dict[str, Any], needed: set[tuple[str, str]]) -> None:
    for name, scheme in _security_schemes(document).items():
        for flow in (scheme.get("flows") or {}).values():
            scopes = flow.get("scopes") or {}
            flow["scopes"] = {one: scopes[one] for one in scopes if (name, one) in needed}


def _security_schemes(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (document.get("components") or {}).get("securitySchemes") or {}
    return found


def _schemes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """Yield what changed of the schemes that operations take; the others concern no caller."""
    before, after = _security_schemes(old), _security_schemes(new)
    taken = {name for one in operations(old) for names in _alternatives(one) for name in names}
    needed = _needed_scopes(new)
    for name in sorted(before.keys() & after.keys() & taken):
        place, subject = f"/components/securitySchemes/{escape(name)}", f"security scheme {name}"
        for key in ("type", "in", "name", "scheme", "openIdConnectUrl"):
            if before[name].get(key) != after[name].get(key):
                yield Change("major", f"{place}/{key}", f"{subject}: {key} changed")
        flows, others = before[name].get("flows") or {}, after[name].get("flows") or {}
        yield from _members(flows, others, f"{place}/flows", f"{subject}: flow")
        for flow in sorted(flows.keys() & others.keys()):
            where = f"{place}/flows/{escape(flow)}"
            still = {scope for scheme, scope in needed if scheme == name}
            yield from _flow(flows[flow], others[flow], where, subject, still)


def _flow(
    old: dict[str, Any], new: dict[str, Any], place: str, subject: str, needed: set[str]
) -> Iterator[Change]:
    for key in ("authorizationUrl", "tokenUrl", "refreshUrl"):
        if old.get(key) != new.get(key):
            yield Change("major", f"{place}/{key}", f"{subject}: {key} changed")
    before, after = old.get("scopes") or {}, new.get("scopes") or {}
    # What an operation needs now, or needs no more, is stated for the operation.
    for scope in sorted((before.keys() - after.keys()) & needed):
        what = f"{subject}: scope {scope} removed, though operations need it"
        yield Change("major", f"{place}/scopes/{escape(scope)}", what)
