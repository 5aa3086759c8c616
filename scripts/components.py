"""Components: every object and enum of the contract gets a name, and equal ones share it.

A schema's candidate names are its places: the resource, then the path of properties to it. Of all
places with the same shape the shortest name stands, so that `JobExecution.tasks[]` and
`JobExecution.spec.tasks[]` are both a `JobExecutionTask`. Different shapes that would get the same
name are kept apart by a number, in the order of the pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scripts.facts import Fact, Node, plain
from scripts.naming import pascal, singular

__all__ = ["Root", "share"]

_ANNOTATIONS = ("description", "examples", "default", "readOnly", "writeOnly", "deprecated")
"""Keywords that speak of one use of a schema, not of its shape."""


@dataclass(frozen=True, slots=True)
class Root:
    """A schema at the top of a body, and the name of the resource it describes."""

    name: str
    schema: Node


@dataclass(slots=True)
class _Shape:
    """All places at which one shape stands."""

    names: list[str] = field(default_factory=list)
    descriptions: list[Fact[str]] = field(default_factory=list)

    def described(self) -> Fact[str] | None:
        """The description that all uses give, if they agree: then it is the component's."""
        agreed = {description.value for description in self.descriptions}
        if len(agreed) == 1 and len(self.descriptions) == len(self.names):
            return self.descriptions[0]
        return None


def share(roots: Sequence[Root]) -> tuple[list[Node], dict[str, Node]]:
    """Return the roots with `$ref` for each object and enum, and the components by name."""
    shapes: dict[str, _Shape] = {}
    for root in roots:
        for name, schema in _places(root.schema, root.name):
            shape = shapes.setdefault(_shape(schema), _Shape())
            shape.names.append(name)
            if "description" in schema.value:
                shape.descriptions.append(schema.value["description"])
    names = _chosen(shapes)
    components: dict[str, Node] = {}

    def referenced(schema: Node) -> Node:
        value = schema.value
        inner = _descend(schema, referenced)
        if not _is_component(schema):
            return inner
        key = _shape(schema)
        name, described = names[key], shapes[key].described()
        if name not in components:
            own = {k: v for k, v in inner.value.items() if k not in _ANNOTATIONS}
            if described is not None:
                own = {"type": own.pop("type"), "description": described, **own}
            components[name] = Fact(own, schema.origin)
        site: dict[str, Node] = {"$ref": Fact(f"#/components/schemas/{name}", schema.origin)}
        for keyword in _ANNOTATIONS:
            if keyword in value and not (keyword == "description" and described is not None):
                site[keyword] = value[keyword]
        return Fact(site, schema.origin)

    referenced_roots = [referenced(root.schema) for root in roots]
    order = {name: place for place, name in enumerate(sorted(components))}
    return referenced_roots, dict(sorted(components.items(), key=lambda item: order[item[0]]))


def _is_component(schema: Node) -> bool:
    return "properties" in schema.value or "enum" in schema.value


def _descend(schema: Node, change: Any) -> Node:
    """Return a schema with `change` applied to each schema directly inside it."""
    value = dict(schema.value)
    if "properties" in value:
        properties = value["properties"]
        changed = {key: change(member) for key, member in properties.value.items()}
        value["properties"] = Fact(changed, properties.origin)
    if "items" in value:
        value["items"] = change(value["items"])
    if "anyOf" in value:
        branches = value["anyOf"]
        value["anyOf"] = Fact([change(branch) for branch in branches.value], branches.origin)
    return Fact(value, schema.origin)


def _places(schema: Node, name: str) -> Iterator[tuple[str, Node]]:
    """Yield (candidate name, schema) of each component in a schema, parents first."""
    value = schema.value
    if _is_component(schema):
        yield name, schema
    if "properties" in value:
        for key, member in value["properties"].value.items():
            plural = "items" in member.value
            yield from _places(member, name + pascal(singular(key) if plural else key))
    if "items" in value:
        yield from _places(value["items"], name)
    if "anyOf" in value:
        for index, branch in enumerate(value["anyOf"].value):
            title = branch.value.get("title")
            yield from _places(
                branch, name + (pascal(title.value) if title else f"Option{index + 1}")
            )


def _shape(schema: Node) -> str:
    """Return what makes two schemas the same component: all but the annotations."""
    return json.dumps(_bare(plain(schema)), sort_keys=True)


def _bare(schema: Any) -> Any:
    bare = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
    if "properties" in bare:
        bare["properties"] = {key: _bare(member) for key, member in bare["properties"].items()}
    if "items" in bare:
        bare["items"] = _bare(bare["items"])
    if "anyOf" in bare:
        bare["anyOf"] = [_bare(branch) for branch in bare["anyOf"]]
    return bare


def _chosen(shapes: dict[str, _Shape]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for key, shape in shapes.items():
        wanted = min(shape.names, key=len)
        name, number = wanted, 2
        while name in chosen.values():
            name, number = f"{wanted}{number}", number + 1
        chosen[key] = name
    return chosen
