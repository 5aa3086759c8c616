"""Components of one page: each object and enum gets a name, and equal ones share it.

A schema is named by its own place: what the body is about, then the path of properties to the
schema. Of all places in one operation that have the same shape the shortest name stands, so that
`JobExecution.tasks[]` and `JobExecution.spec.tasks[]` are both a `JobExecutionTask`. What is said
of a schema's members, their examples too, belongs to its shape: the platform shows one schema alike
wherever it stands, so what it shows otherwise is another one.

No name depends on any other page. That is what keeps names stable when a page is added: equal
schemas of two pages get the same name by themselves, since they stand at the same place of the
same resource, and `merge` only has to look at schemas of one name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TypeAlias

from scripts.contract.operations.naming import pascal, resource, singular
from scripts.contract.operations.schema import ANNOTATIONS
from scripts.facts import Fact, Node, plain, with_members
from scripts.reading.document.traversal import change_below

_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
"""Keywords whose value is an object of schemas."""
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
"""Keywords whose value is a list of schemas."""
_SINGLE = ("items", "additionalProperties", "not", "propertyNames", "contains")
"""Keywords whose value is a schema."""

_LISTED = {"data", "items", "results", "records", "entries", "values", "list", "rows", "elements"}
"""What a list's answer calls the list itself."""

_Change: TypeAlias = Callable[[Node], Node]


@dataclass(frozen=True, slots=True)
class Local:
    """An operation whose schemas refer to the components of its page, by name.

    `depths` says how many steps below its body each component stands.
    """

    operation: Node
    components: dict[str, Node]
    depths: dict[str, int]


@dataclass(slots=True)
class _Shape:
    """All places of one operation at which one shape stands."""

    names: list[str] = field(default_factory=list)
    depth: int = 99
    descriptions: list[Fact[str]] = field(default_factory=list)

    def described(self) -> Fact[str] | None:
        """The description that all uses give, if they agree: then it is the component's."""
        agreed = {description.value for description in self.descriptions}
        if len(agreed) == 1 and len(self.descriptions) == len(self.names):
            return self.descriptions[0]
        return None


def share(operation: Node, operation_id: str, path: str) -> Local:
    """Return an operation with `$ref` for each object and enum of its bodies, and those by name."""
    sharing = _Sharing()
    for schema, name, listed in bodies(operation, operation_id, path):
        sharing.see(schema, name, 0, listed)
    sharing.assign_names(pascal(operation_id))
    shared = with_changed_bodies(operation, sharing.referenced)
    components = dict(sorted(sharing.components.items()))
    depths = {sharing.names[key]: shape.depth for key, shape in sharing.shapes.items()}
    return Local(shared, components, depths)


def bodies(operation: Node, operation_id: str, path: str) -> Iterator[tuple[Node, str, str]]:
    """Yield (schema, its name, the name of what it lists or "") of each body of an operation."""
    value = operation.value
    if "requestBody" in value:
        for schema in _schemas(value["requestBody"]):
            yield schema, f"{pascal(operation_id)}Request", ""
    for status, response in value["responses"].value.items():
        for schema in _schemas(response):
            if status[:1] in ("4", "5"):
                yield schema, "Error", ""
            elif not path.endswith("}") and _listed(schema, path):
                yield schema, f"{resource(path)}List", resource(path)
            else:
                yield schema, resource(path), ""


def _schemas(body: Node) -> Iterator[Node]:
    content = body.value.get("content")
    for media in content.value.values() if content is not None else ():
        if "schema" in media.value:
            yield media.value["schema"]


def _listed(schema: Node, path: str) -> str | None:
    """Return the property that holds a collection, where the body is an envelope around one."""
    properties = schema.value.get("properties")
    if properties is None:
        return None
    arrays = [
        key
        for key, one in properties.value.items()
        if "items" in one.value and {"properties", "$ref"} & one.value["items"].value.keys()
    ]
    wanted = {*_LISTED, path.rsplit("/", 1)[-1].lower()}
    return arrays[0] if len(arrays) == 1 and arrays[0].lower() in wanted else None


def with_changed_bodies(operation: Node, change: _Change) -> Node:
    """Return an operation with the schemas of its bodies changed."""
    value = dict(operation.value)
    if "requestBody" in value:
        value["requestBody"] = with_changed(value["requestBody"], change)
    responses = value["responses"]
    changed = {status: with_changed(one, change) for status, one in responses.value.items()}
    value["responses"] = Fact(changed, responses.origin)
    return Fact(value, operation.origin)


def with_changed(body: Node, change: _Change) -> Node:
    """Return a body, of a request or a response, with its schemas changed."""
    if "content" not in body.value:
        return body
    content = body.value["content"]
    types = {}
    for key, media in content.value.items():
        value = dict(media.value)
        if "schema" in value:
            value["schema"] = change(value["schema"])
        types[key] = Fact(value, media.origin)
    return with_members(body, {"content": Fact(types, content.origin)})


class _Sharing:
    """The shapes of one operation: seen first, then named, then referred to."""

    def __init__(self) -> None:
        self.shapes: dict[int, _Shape] = {}
        self.names: dict[int, str] = {}
        self.components: dict[str, Node] = {}
        self._numbers: dict[str, int] = {}
        self._known: dict[tuple[int, bool], int] = {}

    def see(self, schema: Node, name: str, depth: int, listed: str = "") -> None:
        """Note a schema under its name, and all below it; `listed` names what an envelope holds."""
        if _is_component(schema):
            shape = self.shapes.setdefault(self.shape(schema), _Shape())
            shape.names.append(name)
            shape.depth = min(shape.depth, depth)
            if "description" in schema.value:
                shape.descriptions.append(schema.value["description"])
        # An object or null is the object.
        alone = {
            keyword
            for keyword in LISTS
            if keyword in schema.value and sum(map(_is_component, schema.value[keyword].value)) == 1
        }
        for keyword, key, member in _members(schema):
            if keyword in alone:
                self.see(member, name, depth)
                continue
            below = listed if keyword == "properties" and "items" in member.value else ""
            if below and "properties" in member.value["items"].value:
                self.see(member, below, depth)
            else:
                down = depth + (keyword == "properties")
                self.see(member, name + suffix(keyword, key, member), down)

    def shape(self, schema: Node) -> int:
        """Return a number for what makes two schemas the same: all but their own annotations."""
        return self._number(schema, of_member=False)

    def _number(self, schema: Node, *, of_member: bool) -> int:
        known = self._known.get((id(schema), of_member))
        if known is None:
            bare: dict[str, object] = {}
            for key, member in schema.value.items():
                if key in _MAPS:
                    bare[key] = sorted(
                        (name, self._number(one, of_member=True))
                        for name, one in member.value.items()
                    )
                elif key in LISTS:
                    bare[key] = [self._number(one, of_member=True) for one in member.value]
                elif key in _SINGLE and isinstance(member.value, dict):
                    bare[key] = [self._number(member, of_member=True)]
                elif key == "required":
                    bare[key] = sorted(plain(member))
                elif of_member or key not in ANNOTATIONS:
                    bare[key] = plain(member)
            # repr distinguishes True from 1, as JSON does, and is twice as fast.
            text = repr(sorted(bare.items()))
            known = self._numbers.setdefault(text, len(self._numbers))
            self._known[id(schema), of_member] = known
        return known

    def assign_names(self, owner: str) -> None:
        """Give each shape its shortest free name; `owner` distinguishes equal ones."""
        taken: set[str] = set()
        for key, shape in sorted(self.shapes.items(), key=lambda item: item[1].depth):
            ordered = sorted(shape.names, key=len)
            numbered = (f"{ordered[0]}{number}" for number in count(2))
            wanted = chain(ordered, [f"{ordered[0]}Of{owner}"], numbered)
            name = next(name for name in wanted if name not in taken)
            taken.add(name)
            self.names[key] = name

    def referenced(self, schema: Node) -> Node:
        """Return a schema with `$ref` for each component in it, and make those components."""
        inner = change_below(schema, lambda _, one: self.referenced(one), "schema")
        if not _is_component(schema):
            return inner
        key = self.shape(schema)
        name, described = self.names[key], self.shapes[key].described()
        if name not in self.components:
            own = {k: v for k, v in inner.value.items() if k not in ANNOTATIONS}
            if described is not None:
                first = {"type": own.pop("type")} if "type" in own else {}
                own = {**first, "description": described, **own}
            self.components[name] = Fact(own, schema.origin)
        site: dict[str, Node] = {"$ref": Fact(f"#/components/schemas/{name}", schema.origin)}
        for keyword in ANNOTATIONS:
            if keyword in schema.value and not (keyword == "description" and described is not None):
                site[keyword] = schema.value[keyword]
        return Fact(site, schema.origin)


def _is_component(schema: Node) -> bool:
    return "properties" in schema.value or "enum" in schema.value


def _members(schema: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield (keyword, key or position, schema) of each schema directly inside one."""
    for keyword, member in schema.value.items():
        if keyword in _MAPS:
            for key, one in member.value.items():
                yield keyword, key, one
        elif keyword in LISTS:
            for index, one in enumerate(member.value):
                yield keyword, str(index + 1), one
        elif keyword in _SINGLE and isinstance(member.value, dict):
            yield keyword, "", member


def suffix(keyword: str, key: str, member: Node) -> str:
    """Return what a schema's name adds to that of the schema around it."""
    if keyword == "properties":
        return pascal(singular(key) if "items" in member.value else key) or "Field"
    if keyword in LISTS:
        title = member.value.get("title")
        return (pascal(title.value) if title is not None else "") or f"Option{key}"
    return "" if keyword == "items" else "Value"
