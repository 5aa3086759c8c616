"""A fact: a value and its origin.

A JSON tree of facts is a `Fact` whose value is a scalar, a list of facts or a dict from key to
fact. The whole pipeline hands such trees on, so that at its end every part of the contract can
still name the line of the page, the sample, the assumption or the overlay action behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import unquote

from scripts.failure import PipelineError, Problem

_T = TypeVar("_T", covariant=True)


class Kind(StrEnum):
    """How a fact is known."""

    STATED = "stated"
    """The page says so in words."""
    SAMPLE = "sample"
    """Only an example on the page shows it."""
    ASSUMED = "assumed"
    """A rule of ours supplied it; the page neither says nor shows it."""
    OVERLAY = "overlay"
    """An overlay action added it, for a reason given there."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact is known from.

    `file` is relative to the project's root and `line` counts from 1. `action` is the index, from
    0, of the overlay action (kind `overlay` only). `note` gives an assumption's rule or an overlay
    action's reason.
    """

    kind: Kind
    file: str
    line: int | None = None
    note: str = ""
    action: int | None = None

    @property
    def place(self) -> str:
        """File and line, where one is known, for messages."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def assumed(self, note: str) -> Origin:
        """Return the origin of what a rule of ours makes of this; `note` gives the rule."""
        return Origin(Kind.ASSUMED, self.file, self.line, note)

    def problem(self, what: str, hint: str | None = None) -> Problem:
        """Return a problem of what is known from here."""
        return Problem(what, self.file, self.line, hint=hint)

    def error(self, what: str, hint: str | None = None) -> PipelineError:
        """Return an error of what is known from here."""
        return PipelineError(what, file=self.file, line=self.line, hint=hint)


@dataclass(frozen=True, slots=True)
class Fact(Generic[_T]):
    """A value and its origin."""

    value: _T
    origin: Origin


Node: TypeAlias = Fact[Any]
"""A JSON tree in which every scalar, list, dict and thus every member is a fact."""


def tree(value: Any, origin: Origin) -> Node:
    """Return plain JSON as a tree of facts of one origin; facts inside `value` keep their own."""
    if isinstance(value, Fact):
        return value
    if isinstance(value, dict):
        return Fact({key: tree(member, origin) for key, member in value.items()}, origin)
    if isinstance(value, list):
        return Fact([tree(member, origin) for member in value], origin)
    return Fact(value, origin)


def plain(node: Node) -> Any:
    """Return the JSON value of a tree of facts."""
    value = node.value
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return value


def with_members(node: Node, members: Mapping[str, Node]) -> Node:
    """Return an object with members added, or replaced."""
    return Fact({**node.value, **members}, node.origin)


def without(node: Node, keys: Collection[str]) -> Node:
    """Return an object without some of its members."""
    return Fact({k: one for k, one in node.value.items() if k not in keys}, node.origin)


def inside(node: Node, steps: Sequence[str | int]) -> Node | None:
    """Return the part at the end of a way of keys and indices, None where there is none."""
    for step in steps:
        value = node.value
        if isinstance(value, dict) and step in value:
            node = value[step]
        elif isinstance(value, list) and str(step).isdecimal() and int(step) < len(value):
            node = value[int(step)]
        else:
            return None
    return node


def target(root: Node, reference: str) -> Node | None:
    """Return the part that a local reference (`#`, then a JSON pointer) leads to, if any."""
    if reference != "#" and not reference.startswith("#/"):
        return None
    return inside(root, [unescape(unquote(token)) for token in reference[1:].split("/")[1:]])


def changed_at(node: Node, steps: Sequence[str | int], change: Callable[[Node], Node]) -> Node:
    """Return a tree in which the part at the end of a way, which has to be there, is changed."""
    if not steps:
        return change(node)
    members: Any = node.value.copy()
    step: Any = int(steps[0]) if isinstance(node.value, list) else steps[0]
    members[step] = changed_at(members[step], steps[1:], change)
    return Fact(members, node.origin)


_JSON_TYPES = {
    bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array",
}  # fmt: skip


def json_type(value: Any) -> str:
    """Return what JSON Schema calls the type of a plain value."""
    return _JSON_TYPES.get(type(value), "null")


def escape(key: str | int) -> str:
    """Return a key or index as a token of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Return the key that a token of a JSON pointer stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def origins(node: Node, pointer: str = "") -> Iterator[tuple[str, Origin]]:
    """Yield (JSON pointer, origin) of every part of a tree, parents before their members."""
    yield pointer, node.origin
    value = node.value
    if isinstance(value, dict):
        for key, member in value.items():
            yield from origins(member, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from origins(member, f"{pointer}/{index}")
