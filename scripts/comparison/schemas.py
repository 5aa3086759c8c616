"""What a change of a schema asks of callers, by the direction in which its values travel.

A request may accept more and a response may promise more; the other way round, something that
worked ends. Where Python sees more than the wire does, such as the name of a class, both count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from scripts.comparison.change import Bump, Change
from scripts.comparison.operations import target
from scripts.facts import escape, json_type, unescape

Direction: TypeAlias = Literal["request", "response"]
Schema: TypeAlias = dict[str, Any]

_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_OTHER = ("pattern", "multipleOf", "uniqueItems", "contentEncoding", "not")
_PARSED = ("date", "date-time", "time", "uuid", "binary", "byte")
"""Formats that change the Python type where the client profile leaves them."""
_TIMES = ("date", "date-time", "time", "uuid")
"""Formats that it takes off all that a response can hold."""
_RANGES = ("int32", "int64", "float", "double")
_WIDER = {"int32": "int64", "float": "double"}


@dataclass(slots=True)
class SchemaComparison:
    """Compares schemas of two contracts, each pair of components once for each direction.

    `documents` are the old and the new contract by direction; `read` names the components that
    responses hold in both, which are tolerant in Python where requests share them, too. `others`
    are the further names of classes in the new contract, with the names that they have.
    """

    documents: dict[Direction, tuple[dict[str, Any], dict[str, Any]]]
    read: frozenset[str] = frozenset()
    others: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    seen: set[tuple[str, str, Direction]] = field(default_factory=set)

    def compare(self, old: Any, new: Any, pointer: str, way: Direction) -> None:
        """Note what changed between two schemas that stand in the same place."""
        if not isinstance(old, dict) or not isinstance(new, dict):
            if old != new:
                self.note(_bump_of(way, new is True), pointer, way, "the schema changed")
            return
        (old, old_null), (new, new_null) = self._not_null(old), self._not_null(new)
        self._null(old_null, new_null, pointer, way)
        before, after = _reference(old), _reference(new)
        if before or after:
            if _name(after) not in (_name(before), self.others.get(_name(before))):
                what = f"{_name(before) or 'an inline schema'} became {_name(after) or 'inline'}"
                self.note("major", pointer, way, f"the class changed: {what}")
            key = before, after, way
            if before and after and key in self.seen:
                return
            self.seen.add(key)
            if after:
                pointer = after[1:]
        before_all, after_all = self.documents[way]
        old, new = _joined(old, before_all, ()), _joined(new, after_all, ())
        if self._unions(old, new, pointer, way):
            return
        if not self._types(old, new, pointer, way):
            return
        self._enum(old, new, pointer, way)
        self._format(old, new, pointer, way)
        self._constraints(old, new, pointer, way)
        self._annotations(old, new, pointer, way)
        self._properties(old, new, pointer, way)
        self._members(old, new, pointer, way)

    def note(self, bump: Bump, pointer: str, way: Direction, message: str) -> None:
        """Note a change, and that it concerns what is sent or what comes back."""
        self.changes.append(Change(bump, pointer, f"{_place(pointer)}, {way}: {message}"))

    def _not_null(self, schema: Schema) -> tuple[Schema, bool]:
        """Return a schema without null, however that is written, and whether it was there."""
        null = schema.get("nullable") is True
        result = {key: value for key, value in schema.items() if key != "nullable"}
        kinds = result.get("type")
        if isinstance(kinds, list):
            null = null or "null" in kinds
            kinds = [kind for kind in kinds if kind != "null"]
            result["type"] = kinds[0] if len(kinds) == 1 else kinds
        for key in ("anyOf", "oneOf"):
            branches = result.get(key)
            if isinstance(branches, list):
                kept = [branch for branch in branches if branch != {"type": "null"}]
                null = null or len(kept) < len(branches)
                result[key] = kept
                if len(kept) == 1 and isinstance(kept[0], dict):
                    del result[key]
                    result = {**kept[0], **result}
        if "enum" in result and None in result["enum"]:
            result["enum"] = [value for value in result["enum"] if value is not None]
        return result, null

    def _null(self, old: bool, new: bool, pointer: str, way: Direction) -> None:
        if old != new:
            what = "may be null now" if new else "may not be null any more"
            self.note(_bump_of(way, new), pointer, way, what)

    def _unions(self, old: Schema, new: Schema, pointer: str, way: Direction) -> bool:
        """Compare the branches of unions; say whether either schema is one."""
        key = next((key for key in ("oneOf", "anyOf") if key in old or key in new), None)
        if key is None:
            return False
        before = _branches(old)
        after = _branches(new)
        removed = [branch for branch in before if _text(branch) not in map(_text, after)]
        added = [branch for branch in after if _text(branch) not in map(_text, before)]
        same_names = {_reference(b) for b in before} & {_reference(b) for b in after} - {""}
        for reference in sorted(same_names):
            self.compare({"$ref": reference}, {"$ref": reference}, pointer, way)
        if len(removed) == len(added):
            for one, other in zip(removed, added, strict=True):
                self.compare(one, other, pointer, way)
        else:
            for branch in added:
                self.note(_bump_of(way, True), pointer, way, f"alternative added: {_label(branch)}")
            for branch in removed:
                what = f"alternative removed: {_label(branch)}"
                # An alternative's class is removed with it.
                bump: Bump = "major" if _is_own_class(branch) else _bump_of(way, False)
                self.note(bump, pointer, way, what)
        self._annotations(old, new, pointer, way)
        if old.get("discriminator") != new.get("discriminator"):
            self.note("major", pointer, way, "the discriminator changed")
        return True

    def _types(self, old: Schema, new: Schema, pointer: str, way: Direction) -> bool:
        """Compare types; say whether the rest can be compared."""
        before, after = _kinds(old), _kinds(new)
        if before == after:
            return True
        what = f"type {_all(before)} became {_all(after)}"
        bump: Bump = "major"
        if not after or (before and before < after):
            bump = _bump_of(way, True)
        elif (not before and not after & {"object", "array"}) or (before and after < before):
            bump = _bump_of(way, False)
        self.note(bump, f"{pointer}/type", way, what)
        return bool(before & after)

    def _enum(self, old: Schema, new: Schema, pointer: str, way: Direction) -> None:
        before, after = _values(old), _values(new)
        place = f"{pointer}/enum"
        if before is None and after is not None:
            # A class of its own takes the place of plain text.
            self.note("major", place, way, f"became an enum of {', '.join(after)}")
        elif before is not None and after is None:
            self.note("major", place, way, "is no longer an enum: its class is removed")
        elif before is not None and after is not None:
            for value in [value for value in after if value not in before]:
                # The client takes unknown values from a server, so a new one breaks no caller.
                self.note("minor", place, way, f"enum value {value} added")
            for value in [value for value in before if value not in after]:
                self.note("major", place, way, f"enum value {value} removed")

    def _format(self, old: Schema, new: Schema, pointer: str, way: Direction) -> None:
        before, after = old.get("format"), new.get("format")
        if before == after:
            return
        of_text = pointer.split("/")[3:4]
        is_read = pointer.startswith("/components/schemas/") and not self.read.isdisjoint(of_text)
        parsed = {before, after} & {*_PARSED} - {*(_TIMES if is_read else ())}
        bump: Bump = "major" if parsed else "patch"
        if way == "request" and not parsed and {before, after} & {*_RANGES}:
            bump = "minor" if after is None or _WIDER.get(str(before)) == after else "major"
        self.note(bump, f"{pointer}/format", way, f"format {before} became {after}")

    def _constraints(self, old: Schema, new: Schema, pointer: str, way: Direction) -> None:
        for key in (*_UPPER, *_LOWER, *_OTHER):
            before, after = old.get(key), new.get(key)
            if before == after:
                continue
            looser = after is None or (key == "uniqueItems" and not after)
            if before is not None and after is not None and key in (*_UPPER, *_LOWER):
                looser = after > before if key in _UPPER else after < before
            bump: Bump = "patch" if way == "response" else _bump_of(way, looser)
            self.note(bump, f"{pointer}/{key}", way, f"{key} {before} became {after}")

    def _annotations(self, old: Schema, new: Schema, pointer: str, way: Direction) -> None:
        inline = not re.fullmatch(r"/components/schemas/[^/]+", pointer)
        titles = old.get("title"), new.get("title")
        if inline and titles[0] != titles[1] and ("enum" in new or "properties" in new):
            self.note("major", f"{pointer}/title", way, "the title, which names the class, changed")
        if "default" in old or "default" in new:
            before, after = old.get("default"), new.get("default")
            if before != after or ("default" in old) != ("default" in new):
                # Callers who leave it out get something else, but their code still runs.
                self.note("minor", f"{pointer}/default", way, f"default {before} became {after}")
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            prefix = "" if new.get("deprecated") else "no longer "
            bump: Bump = "patch" if prefix else "minor"
            self.note(bump, f"{pointer}/deprecated", way, f"{prefix}deprecated")

    def _properties(self, old: Schema, new: Schema, pointer: str, way: Direction) -> None:
        before, after = old.get("properties") or {}, new.get("properties") or {}
        wanted, wants = set(old.get("required") or ()), set(new.get("required") or ())
        for name in before.keys() - after.keys():
            self.note("major", f"{pointer}/properties/{escape(name)}", way,
                      f"property {name} removed")  # fmt: skip
        for name in after.keys() - before.keys():
            # Read-only or not: the class asks for it.
            required = way == "request" and name in wants
            kind = "required" if name in wants else "optional"
            self.note("major" if required else "minor", f"{pointer}/properties/{escape(name)}",
                      way, f"{kind} property {name} added")  # fmt: skip
        for name in sorted(before.keys() & after.keys()):
            place = f"{pointer}/properties/{escape(name)}"
            self._direction_of_property(before[name], after[name], place, way)
            if (name in wanted) != (name in wants):
                now = "required" if name in wants else "optional"
                bump = _bump_of(way, name not in wants)
                self.note(bump, place, way, f"property {name} became {now}")
            self.compare(before[name], after[name], place, way)
        for name in sorted((wanted ^ wants) - before.keys() - after.keys()):
            what = f"undeclared property {name} is {'' if name in wants else 'no longer '}required"
            self.note(_bump_of(way, name not in wants), f"{pointer}/required", way, what)

    def _direction_of_property(self, old: Any, new: Any, place: str, way: Direction) -> None:
        """Compare readOnly and writeOnly: whom a property is for."""
        key = "readOnly" if way == "request" else "writeOnly"
        if _flag(old, key) != _flag(new, key):
            now = _flag(new, key)
            what = f"became {key}" if now else f"is {key} no more"
            # What the server ignores is still sent: the class keeps the attribute.
            bump: Bump = "major" if now and way == "response" else "minor"
            self.note(bump, f"{place}/{key}", way, what)

    def _members(self, old: Schema, new: Schema, pointer: str, way: Direction) -> None:
        if "items" in old or "items" in new:
            self.compare(old.get("items", {}), new.get("items", {}), f"{pointer}/items", way)
        if old.get("prefixItems") != new.get("prefixItems"):
            self.note("major", f"{pointer}/prefixItems", way, "the places of the array changed")
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        before, after = ({} if value is True else value for value in (before, after))
        if before == after == {}:
            return
        if isinstance(before, dict) and isinstance(after, dict):
            self.compare(before, after, f"{pointer}/additionalProperties", way)
        elif before != after:
            # The attribute for further properties comes and goes with it.
            bump: Bump = "major" if after is False else _bump_of(way, True)
            what = f"further properties {'refused' if after is False else 'allowed'} now"
            self.note(bump, f"{pointer}/additionalProperties", way, what)


def _bump_of(way: Direction, wider: bool) -> Bump:
    """Return the bump of a schema that takes more, or less, than it did."""
    return "minor" if wider == (way == "request") else "major"


def _reference(schema: Any) -> str:
    found = schema.get("$ref") if isinstance(schema, dict) else None
    return found if isinstance(found, str) else ""


def _place(pointer: str) -> str:
    """Return a place for people: `Job.name` of a component, the end of the pointer elsewhere."""
    keys = [unescape(token) for token in pointer.split("/")[1:]]
    if keys[:2] == ["components", "schemas"]:
        return ".".join(key for key in keys[2:] if key != "properties")
    if keys[:1] == ["paths"]:
        return f"{keys[2].upper()} {keys[1]} {'.'.join(keys[3:])}"
    return ".".join(keys)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _flag(schema: Any, key: str) -> bool:
    return isinstance(schema, dict) and schema.get(key) is True


def _joined(schema: Schema, document: dict[str, Any], within: tuple[str, ...]) -> Schema:
    result = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
    parts = list(schema.get("allOf") or ())
    reference = _reference(schema)
    if reference and reference not in within:
        parts.append(target(document, reference))
        within = (*within, reference)
    for part in parts:
        if not isinstance(part, dict):
            continue
        found = _joined(part, document, within)
        properties = {**found.get("properties", {}), **result.get("properties", {})}
        required = [*found.get("required", ()), *result.get("required", ())]
        result = {**found, **result}
        if properties:
            result["properties"] = properties
        if required:
            result["required"] = required
    return result


def _branches(schema: Schema) -> list[Any]:
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return list(schema[key])
    return [schema]


def _is_own_class(branch: Any) -> bool:
    """Return whether a branch makes a class that is named after the place of the union."""
    return isinstance(branch, dict) and not branch.keys().isdisjoint(("enum", "properties"))


def _kinds(schema: Schema) -> set[str]:
    found = schema.get("type")
    if found is None:
        if "properties" in schema or "additionalProperties" in schema:
            return {"object"}
        if "items" in schema:
            return {"array"}
        return {json_type(one) for one in _listed(schema) or () if one is not None}
    kinds = set(found) if isinstance(found, list) else {found}
    return kinds | {"integer"} if "number" in kinds else kinds


def _listed(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    found = schema.get("enum")
    return found if isinstance(found, list) else None


def _values(schema: Schema) -> list[str] | None:
    found = _listed(schema)
    return None if found is None else [json.dumps(value) for value in found]


def _all(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds)) or "anything"


_PROSE = ("description", "examples", "example", "externalDocs")


def _text(schema: Any) -> str:
    if isinstance(schema, dict):
        schema = {key: value for key, value in schema.items() if key not in _PROSE}
    return json.dumps(schema, sort_keys=True)


def _label(branch: Any) -> str:
    return _name(_reference(branch)) or _text(branch)[:80]


def changed_prose(old: Any, new: Any, pointer: str = "") -> Iterator[str]:
    """Yield the pointers of parts that differ at all, lists compared without their order."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            place = f"{pointer}/{escape(key)}"
            if key in old and key in new:
                yield from changed_prose(old[key], new[key], place)
            else:
                yield place
    elif isinstance(old, list) and isinstance(new, list):
        if sorted(map(_exact, old)) == sorted(map(_exact, new)):
            return
        if len(old) != len(new):
            yield pointer
            return
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from changed_prose(one, other, f"{pointer}/{index}")
    elif _exact(old) != _exact(new):
        yield pointer


def _exact(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
