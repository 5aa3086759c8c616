"""Defaults and patterns that fit nothing: vendors write them, and no generator takes them."""

from __future__ import annotations

from scripts.contract.instances import errors_in, is_pattern
from scripts.facts import Kind, Node, plain, without
from scripts.failure import Problem
from scripts.reading.document.traversal import change_schemas

_WANTED = {"pattern": "regular expression", "default": "value of its schema"}


def without_unfit(contract: Node) -> tuple[Node, tuple[Problem, ...]]:
    """Return a contract less the defaults and patterns of pages that do not fit, and notices.

    A default is to be a value of its schema, a pattern a regular expression of ECMA-262. Those of
    an overlay stay: what a person wrote is for validation to refuse.
    """
    errors = errors_in(contract, formats=True)
    notices: list[Problem] = []

    def fitting(part: Node) -> Node:
        if part.value.keys().isdisjoint(_WANTED):
            return part
        unfit = {
            key: what
            for key, what in _WANTED.items()
            if key in part.value
            and (member := part.value[key]).origin.kind is not Kind.OVERLAY
            and (errors(part, member) if key == "default" else not is_pattern(str(plain(member))))
        }
        for key, what in unfit.items():
            member = part.value[key]
            what = f"the {key} {plain(member)!r} is no {what}, and was left out"
            hint = f"an overlay can state the right {key}"
            notices.append(member.origin.problem(what, hint))
        return without(part, unfit) if unfit else part

    return change_schemas(contract, fitting), tuple(notices)
