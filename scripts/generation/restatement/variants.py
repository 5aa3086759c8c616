"""Which alternative of a union an object is, where the contract says so by a property's value.

It says so by a discriminator, or by a property that has one value in each alternative. Generated
code tries one alternative after the other, and would take an object for the first that lacks
nothing. So each alternative is marked with the values that it goes with, and the union as one that
needs an alternative more, for objects of an unknown kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

from scripts.generation.restatement.vocabulary import resolved, schemas

Schema: TypeAlias = dict[str, Any]
Values: TypeAlias = dict[str, list[Any]]

MARK = "x-variant"
"""In an alternative: from a property's name to the values that it has there."""
UNION = "x-variants"
"""In a union whose alternatives are marked: true."""

_COMPONENTS = "#/components/schemas/"


def mark(document: dict[str, Any]) -> None:
    """Mark the unions of objects, and their alternatives, in place; discriminators go."""
    members = document.get("components", {}).get("schemas", {})
    _turn_into_unions(document, members)
    for schema in list(schemas(document)):
        discriminator = schema.pop("discriminator", {})
        for key in ("oneOf", "anyOf"):
            if key in schema:  # one that others are made of would take theirs
                bases = [one for one in schema[key] if _derived(one, schema[key], members)]
                schema[key] = [one for one in schema[key] if one not in bases] + bases
            pairs = [(one, resolved(one, {"schemas": members})) for one in schema.get(key, [])]
            objects = [pair for pair in pairs if _is_object(pair[1])]
            if len(objects) > 1:
                found = _values(objects, discriminator, members)
                schema.update({UNION: True} if any(found) else {})
                for (_, variant), values in zip(objects, found, strict=True):
                    _add(variant, values)


def _turn_into_unions(document: dict[str, Any], members: dict[str, Schema]) -> None:
    """Let a component with a discriminator but no union stand for those that are made of it."""
    everything = list(schemas(document))
    inherited = {id(one) for schema in everything for one in schema.get("allOf", ())}
    named = [{"$ref": _COMPONENTS + name} for name in members]
    derived = {
        name: _derived({"$ref": _COMPONENTS + name}, named, members)
        for name, schema in members.items()
        if "discriminator" in schema and not {"oneOf", "anyOf"} & schema.keys()
    }
    for schema in everything:
        name = str(schema.get("$ref", "")).removeprefix(_COMPONENTS)
        if derived.get(name) and id(schema) not in inherited:
            base = {"$ref": schema.pop("$ref")}
            schema["anyOf"] = [*map(dict, derived[name]), base]
            schema["discriminator"] = members[name]["discriminator"]


def _derived(base: Schema, ones: list[Schema], members: dict[str, Schema]) -> list[Schema]:
    """Return those of some references whose schemas are made of a component by `allOf`."""
    if "$ref" not in base:
        return []
    return [one for one in ones if one != base and _is_made_of(one, base, members)]


def _is_made_of(one: Schema, base: Schema, members: dict[str, Schema], depth: int = 0) -> bool:
    parts = resolved(one, {"schemas": members}).get("allOf", ()) if depth < 20 else ()
    return any(
        part.get("$ref") == base["$ref"] or _is_made_of(part, base, members, depth + 1)
        for part in parts
    )


def _values(
    objects: list[tuple[Schema, Schema]], discriminator: Schema, members: dict[str, Schema]
) -> list[Values]:
    """Return the values of each alternative, given as it stands in the union and resolved."""
    name = discriminator.get("propertyName")
    own = [_fixed(variant, name, members) for _, variant in objects]
    shared = Counter(key for values in own for key in values)
    found: list[Values] = []
    for (one, _), values in zip(objects, own, strict=True):
        kept = {key: some for key, some in values.items() if shared[key] > 1 or key == name}
        component = str(one.get("$ref", "")).removeprefix(_COMPONENTS)
        mapped = [
            value
            for value, to in discriminator.get("mapping", {}).items()
            if to.removeprefix(_COMPONENTS) == component
        ]
        is_base = _derived(one, [other for other, _ in objects], members)  # it takes unknown ones
        if name is not None and component and not (is_base and not mapped):
            kept[name] = [*mapped, *kept.get(name, ())] or [component]
        found.append(kept)
    return found


def _fixed(variant: Schema, name: str | None, members: dict[str, Schema]) -> Values:
    """Return the properties that have one value here; of the discriminator, one of several."""
    found: Values = {}
    for key, schema in _properties(variant, members):
        schema = resolved(schema, {"schemas": members})
        values = [schema["const"]] if "const" in schema else schema.get("enum", [])
        if len(values) == 1 or (values and key == name):
            found[key] = [value for value in values if value is not None]
    return found


def _properties(
    schema: Schema, members: dict[str, Schema], depth: int = 0
) -> Iterator[tuple[str, Schema]]:
    """Yield the properties of an object, those that it has from others first."""
    if depth < 20:  # one that is made of itself has no end
        for one in schema.get("allOf", ()):
            yield from _properties(resolved(one, {"schemas": members}), members, depth + 1)
    yield from schema.get("properties", {}).items()


def _is_object(schema: Schema) -> bool:
    return bool({"properties", "allOf"} & schema.keys()) or schema.get("type") == "object"


def _add(variant: Schema, values: Values) -> None:
    """Add values to the mark of an alternative, which other unions may have, too."""
    marked = variant.setdefault(MARK, {}) if values else {}
    for name, some in values.items():
        kept = marked.setdefault(name, [])
        kept += [value for value in some if value not in kept]
