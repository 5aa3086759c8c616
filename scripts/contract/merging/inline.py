"""Objects, maps and enums that stand inline become components: callers import a class of each.

Page text gives each of them a component already; the vendor's documents leave many inline, and both
leave those of parameters. A generator would call their classes after the place at which they stand,
in a way of its own, so the names would hang on the form that a page was captured in.
"""

from __future__ import annotations

from collections.abc import Sequence

from scripts.contract.merging.places import chooses
from scripts.contract.operations.components import (
    LISTS,
    bodies,
    suffix,
    with_changed,
    with_changed_bodies,
)
from scripts.contract.operations.contribution import Contribution
from scripts.contract.operations.naming import pascal
from scripts.contract.operations.schema import ANNOTATIONS
from scripts.facts import Fact, Node, plain, with_members


def lifted(
    contributions: Sequence[Contribution],
    operations: Sequence[Node],
    components: dict[str, dict[str, Node]],
) -> tuple[list[Node], dict[str, dict[str, Node]], set[str]]:
    """Return the operations of contributions, and all components, with references instead.

    And the names of the schemas that are new.
    """
    lifting = _Lifting(dict(components.get("schemas", {})))
    before = set(lifting.schemas)
    for name in sorted(before):
        lifting.schemas[name] = lifting.within(lifting.schemas[name], name, component=True)
    sections = dict(components)
    for section, change in (
        ("parameters", lifting.parameter),
        ("requestBodies", lifting.body),
        ("responses", lifting.body),
    ):
        if section in components:
            sections[section] = {
                k: change(one, pascal(k)) for k, one in components[section].items()
            }
    changed = [
        lifting.operation(one, contribution.path.value)
        for one, contribution in zip(operations, contributions, strict=True)
    ]
    sections["schemas"] = lifting.schemas
    return changed, sections, lifting.schemas.keys() - before


class _Lifting:
    def __init__(self, schemas: dict[str, Node]) -> None:
        self.schemas = schemas
        self.owner = ""
        """What is added to names that are taken, within the body of an operation."""

    def operation(self, operation: Node, path: str) -> Node:
        """Return an operation with references in its parameters, and its bodies but errors."""
        operation_id = str(operation.value["operationId"].value)
        self.owner = f"Of{pascal(operation_id)}"
        names = {
            id(schema): name
            for schema, name, _ in bodies(operation, operation_id, path)
            if name != "Error"
        }
        operation = with_changed_bodies(
            operation, lambda one: self.at(one, names[id(one)]) if id(one) in names else one
        )
        if "parameters" not in operation.value:
            return operation
        listed = operation.value["parameters"]
        own = [self.parameter(one, _parameter(operation_id, one)) for one in listed.value]
        return with_members(operation, {"parameters": Fact(own, listed.origin)})

    def body(self, one: Node, name: str) -> Node:
        """Return a body, of a request or a response, with references."""
        return with_changed(one, lambda schema: self.at(schema, name))

    def parameter(self, one: Node, name: str) -> Node:
        """Return a parameter with a reference to its enum: objects in a URL have a style."""
        if "schema" not in one.value:
            return one
        schema = one.value["schema"]
        if "items" in schema.value and _is_enum(schema.value["items"]):
            items = self.at(schema.value["items"], name)
            schema = with_members(schema, {"items": items})
        elif _is_enum(schema):
            schema = self.at(schema, name)
        return with_members(one, {"schema": schema})

    def at(self, schema: Node, name: str) -> Node:
        """Return a reference to what a schema is made; those that make no class stay."""
        if not isinstance(schema.value, dict) or "$ref" in schema.value:
            return schema
        inner = self.within(schema, name)
        if not _makes_class(inner):
            return inner
        value = dict(inner.value)
        site: dict[str, Node] = {
            key: value.pop(key) for key in ANNOTATIONS if key in value and key != "description"
        }
        null = _without_null(value)
        own = Fact(value, schema.origin)
        called = self._free(name, own)
        self.schemas[called] = own
        reference = {"$ref": Fact(f"#/components/schemas/{called}", schema.origin)}
        if null is None:
            return Fact({**reference, **site}, schema.origin)
        union = Fact([Fact(reference, schema.origin), null], schema.origin)
        return Fact({**site, "anyOf": union}, schema.origin)

    def within(self, schema: Node, name: str, *, component: bool = False) -> Node:
        """Return a schema with references for what stands inline in it.

        What a component leaves open, or has beside null, is the component's own class.
        """
        if not isinstance(schema.value, dict):
            return schema
        value = dict(schema.value)
        if "properties" in value:
            members = {
                key: self.at(one, name + suffix("properties", key, one))
                for key, one in value["properties"].value.items()
            }
            value["properties"] = Fact(members, value["properties"].origin)
        for key in ("items", "additionalProperties"):
            if key in value:
                value[key] = self.at(value[key], name + suffix(key, "", value[key]))
        for key in LISTS:
            if key not in value or chooses(schema):
                continue
            branches = value[key].value
            several = sum(_makes_class(one) or "$ref" in one.value for one in branches) > 1
            # What is merged into one class needs none of its own.
            if key == "allOf" or (component and not several):
                changed = [self.within(one, name) for one in branches]
            else:
                changed = [
                    self.at(one, name + suffix(key, str(n), one) if several else name)
                    for n, one in enumerate(branches, 1)
                ]
            value[key] = Fact(changed, value[key].origin)
        return Fact(value, schema.origin)

    def _free(self, name: str, schema: Node) -> str:
        """Return a name for a component: one that is taken serves if it is of the same content."""
        other = name + self.owner
        numbered = (f"{other}{number}" for number in range(2, len(self.schemas) + 3))
        names = (name, other, *numbered)
        return next(
            one
            for one in names
            if one not in self.schemas or plain(self.schemas[one]) == plain(schema)
        )


def _parameter(operation_id: str, one: Node) -> str:
    return pascal(operation_id) + pascal(
        str(one.value["name"].value) if "name" in one.value else ""
    )


def _makes_class(schema: Node) -> bool:
    value = schema.value
    if not isinstance(value, dict) or "$ref" in value:
        return False
    merged = "allOf" in value and len(value["allOf"].value) > 1
    kind = value["type"].value if "type" in value and not {"anyOf", "oneOf"} & value.keys() else ""
    a_map = kind == "object" or (isinstance(kind, list) and "object" in _plain_kinds(kind))
    return "properties" in value or merged or a_map or _is_enum(schema)


def _is_enum(schema: Node) -> bool:
    if not isinstance(schema.value, dict):
        return False
    values = schema.value["enum"].value if "enum" in schema.value else []
    kinds = {type(one.value) for one in values} - {type(None)}
    return kinds in ({str}, {int}) or chooses(schema)


def _plain_kinds(kinds: list[Node]) -> set[str]:
    """Return the one type beside null, if there is but one."""
    left = {str(one.value) for one in kinds} - {"null"}
    return left if len(left) == 1 else set()


def _without_null(value: dict[str, Node]) -> Node | None:
    """Take null out of the types of an object; return the alternative that says so instead."""
    kind = value.get("type")
    if "enum" in value or kind is None or not isinstance(kind.value, list):
        return None
    left = [one for one in kind.value if one.value != "null"]
    if len(left) == len(kind.value) or len(left) != 1:
        return None
    value["type"] = left[0]
    return Fact({"type": Fact("null", kind.origin)}, kind.origin)
