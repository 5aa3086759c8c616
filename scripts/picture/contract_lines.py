"""The contract as the text it is written as, every line with the origin of what begins on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scripts import documents
from scripts.emitter import dump
from scripts.facts import Kind, Node, Origin, origins, plain, unescape
from scripts.reading.document.traversal import METHODS

_CONTRACT = "spec/openapi.yaml"
_KEY = re.compile(r"(?P<indent> *(?:- )*)(?P<key>(?:'[^']*'|[^'\s][^:]*):)(?= |$)(?P<value>.*)")
_MARGIN = re.compile(r"(?P<indent> *(?:- )*)(?P<key>)(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the contract.

    `pointer` names what begins on it, or what it continues; `starts` distinguishes the two. `parts`
    are all that begin on it: `- name: jobId` begins an entry of a list and its name.
    """

    number: int
    text: str
    pointer: str
    origin: Origin
    starts: bool
    parts: tuple[tuple[str, Origin], ...]

    def split(self) -> tuple[str, str, str]:
        """Return margin, key with its colon, and value; a continued text has no key."""
        found = (_KEY.fullmatch(self.text) if self.starts else None) or _MARGIN.fullmatch(self.text)
        assert found is not None, "the second pattern fits every line"
        return found["indent"], found["key"], found["value"]


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that belong together: an operation, a component, what the document says of itself."""

    title: str
    what: str
    lines: tuple[Line, ...]


def annotate(contract: Node) -> list[Line]:
    """Return the lines of the contract's YAML text."""
    text = dump(plain(contract))
    places = documents.parse(text, _CONTRACT).lines
    begins: dict[int, list[tuple[str, Origin]]] = {}
    for pointer, origin in origins(contract):
        # The document as a whole begins where its first member does, which says more.
        if pointer:
            begins.setdefault(places[pointer], []).append((pointer, origin))
    lines: list[Line] = []
    for number, row in enumerate(text.removesuffix("\n").split("\n"), start=1):
        parts = tuple(begins.get(number, ()))
        pointer, origin = parts[-1] if parts else (lines[-1].pointer, lines[-1].origin)
        lines.append(Line(number, row, pointer, origin, bool(parts), parts))
    return lines


def sections(lines: list[Line]) -> list[Section]:
    """Return the lines by operation and component, in their order; none is left out."""
    found: list[tuple[tuple[str, str], list[Line]]] = []
    waiting: list[Line] = []
    for line in lines:
        name = _section(line.pointer)
        if name is None:
            waiting.append(line)  # `paths:` and the like head what follows
            continue
        if not found or found[-1][0] != name:
            found.append((name, []))
        found[-1][1].extend([*waiting, line])
        waiting = []
    if waiting:
        found.append((("Rest", "document"), waiting))
    return [Section(title, what, tuple(own)) for (title, what), own in found]


_WHAT = {
    "schemas": "schema",
    "securitySchemes": "security scheme",
    "parameters": "parameter",
    "responses": "response",
    "requestBodies": "request body",
    "headers": "header",
}


def _section(pointer: str) -> tuple[str, str] | None:
    match [unescape(token) for token in pointer.split("/")[1:]]:
        case ["paths", path, method, *_] if method in METHODS:
            return f"{method.upper()} {path}", "operation"
        case ["paths", path, _, *_]:
            return path, "path"
        case ["components", kind, name, *_]:
            return name, _WHAT.get(kind, kind)
        case ["paths" | "components"] | ["paths" | "components", _]:
            return None
    return "The document", "version, title and servers"


def topmost(lines: list[Line], kind: Kind) -> Iterator[tuple[str, Origin, Line]]:
    """Yield the parts of one kind whose parents are of another origin."""
    known: dict[str, Origin] = {}
    for line in lines:
        for pointer, origin in line.parts:
            known[pointer] = origin
            parent = known.get(pointer.rpartition("/")[0])
            if origin.kind is kind and parent != origin:
                yield pointer, origin, line


def label(pointer: str) -> str:
    """Return a pointer as people say it, without what every one of them begins with."""
    tokens = [unescape(token) for token in pointer.split("/")[1:]]
    match tokens:
        case ["paths", path, method, *rest]:
            tokens = [f"{method.upper()} {path}", *rest]
        case ["components", _, name, *rest]:
            tokens = [name, *rest]
    return " > ".join(tokens)
