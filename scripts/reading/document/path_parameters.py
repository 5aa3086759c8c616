"""The parameters of a path: those that stand in it, and no others."""

from __future__ import annotations

import re

from scripts.facts import Fact, Node, changed_at, target, tree, with_members
from scripts.failure import Problem


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
        listed = holder.value.get("parameters")
        if listed is None or not isinstance(listed.value, list):
            return holder
        fitting = []
        for one in listed.value:
            reference = one.value.get("$ref") if isinstance(one.value, dict) else None
            whole = one if reference is None else target(document, reference.value)
            known = whole.value if whole is not None and isinstance(whole.value, dict) else {}
            place, name = (known[k].value if k in known else None for k in ("in", "name"))
            if place == "path" and name not in in_path:
                what = f"the path {path.value} has no parameter {name!r}: it was left out"
                remarks.append(one.origin.problem(what))
                continue
            if place == "path":
                declared.add(name)
            fitting.append(one)
        return with_members(holder, {"parameters": Fact(fitting, listed.origin)})

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
