"""The parameters of a path: those that stand in it, and no others."""

from __future__ import annotations

import re

from scripts.facts import Fact, Node, changed_at, target, tree, with_members
from scripts.failure import Problem

_OTHERWISE = re.compile(r"(?<=/)(?::(\w+)|<(\w+)>)(?=/|$)")
"""A parameter of a path as frameworks write it: `:name`, `<name>`."""


def with_templates(
    document: Node, method: Fact[str], path: Fact[str]
) -> tuple[Node, Fact[str], tuple[Problem, ...]]:
    """Write the parameters of a path as templates: `/jobs/:id` is `/jobs/{id}` where `id` is one.

    Return the document, its path, and a remark if that was changed.
    """
    item = document.value["paths"].value[path.value]
    declared = {
        name
        for holder in (item, item.value[method.value.lower()])
        for one in _listed(holder)
        for place, name in (_identity(document, one),)
        if place == "path"
    }

    def template(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"{{{name}}}" if name in declared else match[0]

    spelt = _OTHERWISE.sub(template, path.value)
    if spelt == path.value:
        return document, path, ()
    paths = document.value["paths"]
    renamed = {spelt if key == path.value else key: one for key, one in paths.value.items()}
    document = with_members(document, {"paths": Fact(renamed, paths.origin)})
    remark = path.origin.problem(f"the path {path.value} was taken for {spelt}")
    return document, Fact(spelt, path.origin), (remark,)


def _listed(holder: Node) -> list[Node]:
    listed = holder.value.get("parameters")
    return listed.value if listed is not None and isinstance(listed.value, list) else []


def _identity(document: Node, one: Node) -> tuple[object, object]:
    """Return where a parameter is sent, and its name, each None where it does not say so."""
    reference = one.value.get("$ref") if isinstance(one.value, dict) else None
    whole = one if reference is None else target(document, reference.value)
    known = whole.value if whole is not None and isinstance(whole.value, dict) else {}
    place, name = (known[key].value if key in known else None for key in ("in", "name"))
    return place, name


def with_path_parameters(
    document: Node, method: Fact[str], path: Fact[str]
) -> tuple[Node, tuple[Problem, ...]]:
    """Add the parameters that stand in the path and are not declared, each as a string.

    Those that are declared and do not stand in it are left out: no request could hold them. What
    is done is said in remarks.
    """
    item = document.value["paths"].value[path.value]
    key = method.value.lower()
    in_path = dict.fromkeys(re.findall(r"\{([^{}/]+)\}", path.value))
    remarks: list[Problem] = []
    declared: set[object] = set()

    def kept(holder: Node) -> Node:
        """Return a holder of parameters without those that the path does not have."""
        fitting = []
        for one in _listed(holder):
            place, name = _identity(document, one)
            if place == "path" and name not in in_path:
                what = f"the path {path.value} has no parameter {name!r}: it was left out"
                remarks.append(one.origin.problem(what))
                continue
            if place == "path":
                declared.add(name)
            fitting.append(one)
        if "parameters" not in holder.value:
            return holder
        return with_members(
            holder, {"parameters": Fact(fitting, holder.value["parameters"].origin)}
        )

    item = kept(item)
    operation = kept(item.value[key])
    note = "the path has this parameter, which the page does not declare"
    origin = path.origin.assumed(note)
    missing = [name for name in in_path if name not in declared]
    for name in missing:
        what = f"the path's parameter {name!r} is not declared; it was taken for a string"
        remarks.append(origin.problem(what))
    if missing:
        known = operation.value.get("parameters")
        added = [
            tree({"name": n, "in": "path", "required": True, "schema": {"type": "string"}}, origin)
            for n in missing
        ]
        # The list itself is the path's: an overlay would put its own in place of one assumed.
        at = known.origin if known else path.origin
        listed = Fact([*(known.value if known else ()), *added], at)
        operation = with_members(operation, {"parameters": listed})
    item = with_members(item, {key: operation})
    return changed_at(document, ("paths", path.value), lambda _: item), tuple(remarks)
