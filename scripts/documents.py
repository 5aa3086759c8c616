"""Documents on disk, YAML or JSON, read with the line of each part.

Reading follows the core schema of YAML 1.2 (`yes` is a string, `2026-04-16` is no date), refuses
duplicate keys and remembers the line of every part. It takes libyaml's events rather than its node
graph: that is as fast, and cannot overflow the stack of C code on a damaged file, as composing
nodes does.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from json import JSONDecodeError
from pathlib import Path
from typing import Any, NoReturn

import yaml

from scripts.facts import Fact, Kind, Node, Origin, origins, plain
from scripts.failure import PipelineError, Problem

# PyYAML builds without a word where libyaml's headers are missing, as on a Python without a wheel.
if not yaml.__with_libyaml__:
    raise PipelineError(
        "PyYAML is built without libyaml, which reading documents needs",
        file=yaml.__file__,
        hint="install a release of PyYAML that has a wheel for this Python, or libyaml's headers "
        "(Debian: libyaml-dev) before PyYAML is built",
    )

_DEEPEST = 100
"""How deep a document may be nested."""
_MOST = 500_000
"""Parts of a document, those behind aliases counted at each use: a bomb of aliases ends here."""


@dataclass(frozen=True, slots=True)
class Document:
    """A mapping read from a file, as plain JSON, and the line of each of its parts.

    `file` is the name that problems carry; lines count from 1 and are looked up by JSON pointer.
    """

    file: str
    value: dict[str, Any]
    lines: dict[str, int] = field(repr=False)

    def line(self, pointer: str) -> int:
        """Return the line on which a part begins; of a member, the line of its key.

        A pointer to a part that is not there gives the line of its nearest ancestor, so that a
        missing key can be reported where it belongs.
        """
        while pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines[pointer]

    def problem(self, what: str, pointer: str = "", *, hint: str | None = None) -> Problem:
        """Return a problem of this file, at the line of a part."""
        return Problem(what, self.file, self.line(pointer), hint=hint)


_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
"""Numbers that are no integers, and those that JSON lacks."""
_TAGGED = {"!!null": _NULL, "!!bool": _BOOL, "!!int": _INT, "!!float": FLOAT}
_LINE_END = re.compile(r"\r\n|\r|\n")
"""What YAML and editors count as the end of a line; `splitlines` counts more."""


def read(path: Path, file: str | None = None) -> Document:
    """Read a YAML or JSON mapping.

    `file` is the name to report, `path` itself by default. Raises `PipelineError` for a file that
    cannot be read, and as `parse_facts` does.
    """
    name = str(path) if file is None else file
    return _document(read_facts(path, name), name)


def parse(text: str, file: str) -> Document:
    """Parse a YAML or JSON mapping; the errors are those of `parse_facts`."""
    return _document(_facts_in(text, file), file)


def _document(node: Node, file: str) -> Document:
    lines = {pointer: origin.line or 1 for pointer, origin in origins(node)}
    return Document(file, plain(node), lines)


def read_facts(path: Path, file: str) -> Node:
    """Read a YAML or JSON mapping as `read` does, as a tree of stated facts."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        hint = "is it a file, and may you read it?"
        raise PipelineError(f"cannot be read: {error.strerror}", file=file, hint=hint) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        hint = "save it again as UTF-8"
        raise PipelineError("is not UTF-8 text", file=file, line=line, hint=hint) from error
    return _facts_in(text, file)


def _facts_in(text: str, file: str) -> Node:
    lines = _LINE_END.split(text)
    return parse_facts(lines, 0, len(lines), file, json=file.endswith(".json"))


def parse_facts(lines: list[str], start: int, end: int, file: str, *, json: bool) -> Node:
    """Return the mapping that stands on `lines[start:end]`, as a tree of stated facts.

    Keys are taken as they are written, so that `200:` is the string "200". Raises PipelineError
    with file and line for broken syntax, duplicate keys, a list or a scalar at the top, numbers
    that JSON lacks, aliases to what contains them, and what is too deep or too large.
    """
    # Empty lines in place of what stands before it, so that libyaml counts the file's lines.
    text = "\n" * start + "\n".join(lines[start:end]) + "\n"
    reader = _Reader(file, lines, start, end)
    try:
        if json:
            text = _json_as_yaml(text)
        return reader.document(yaml.parse(text, yaml.CSafeLoader))
    except JSONDecodeError as error:
        what = f"is not valid JSON: {error.msg}"
        raise reader.failure(what, error.lineno - 1) from error
    except RecursionError:
        raise reader.failure(f"JSON is nested deeper than {_DEEPEST}", start) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(filter(None, [error.context, error.problem]))
        row = start if mark is None else mark.line
        raise reader.failure(f"is not valid YAML: {what}", row) from error
    except yaml.reader.ReaderError as error:
        row = text.encode()[: error.position].count(b"\n")  # libyaml counts bytes
        what = f"holds a character that YAML forbids: {error.reason}"
        raise reader.failure(what, row) from error


_SURROGATES = re.compile(r"\\(?:u([dD][89abAB]..)\\u([dD][c-fC-F]..)|(.))")


def _json_as_yaml(text: str) -> str:
    """Hold text to JSON's syntax, and spell what JSON and YAML spell differently as YAML does."""

    def refuse(number: str) -> NoReturn:
        raise JSONDecodeError(f"{number} is no JSON number", text, text.index(number))

    json.loads(text, parse_int=str, parse_constant=refuse)  # str: an int has 4,300 digits at most

    def spell(found: re.Match[str]) -> str:
        if found[3]:
            return found[0]
        pair = bytes.fromhex(found[1] + found[2]).decode("utf-16-be")
        return f"\\U{ord(pair):08x}"

    return _SURROGATES.sub(spell, text)


def core_scalar(written: str) -> Any:
    """Return the value of a plain scalar by the core schema of YAML 1.2.

    Raises `ValueError` for the numbers that JSON lacks: infinities and not-a-number.
    """
    if _NULL.fullmatch(written):
        return None
    if _BOOL.fullmatch(written):
        return written.lower() == "true"
    if _INT.fullmatch(written):
        return int(written, 0 if written.startswith(("0o", "0x")) else 10)
    if found := FLOAT.fullmatch(written):
        if found[4] or found[5] or math.isinf(float(written)):
            raise ValueError(f"{written} is no JSON number")
        return float(written)
    return written


def _row(event: yaml.Event) -> int:
    """Return the index of the line on which an event begins."""
    assert event.start_mark is not None, "libyaml marks every event"
    return event.start_mark.line


class _Reader:
    """Builds facts from events; `origins` holds one origin for each line that has a fact."""

    def __init__(self, file: str, lines: list[str], start: int, end: int) -> None:
        self.file, self.lines, self.start, self.last = file, lines, start, max(start, end - 1)
        self.origins: dict[int, Origin] = {}
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.parts = 0

    def failure(self, what: str, row: int, hint: str | None = None) -> PipelineError:
        row = min(max(row, self.start), self.last, len(self.lines) - 1)
        text = self.lines[row][:200] or None
        return PipelineError(what, file=self.file, line=row + 1, text=text, hint=hint)

    def document(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        row = None
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                row = _row(event)
                if root is not None:
                    raise self.failure("a second document begins here", row, "keep one")
                if not isinstance(event, yaml.MappingStartEvent):
                    break
                root = self.node(event, events, row, 0)
        if root is None:
            kind = "empty" if row is None else "not a mapping"
            hint = "begin with `key: value` lines"
            raise self.failure(f"the document is {kind}", row or self.start, hint)
        return root

    def node(self, event: Any, events: Iterator[yaml.Event], row: int, depth: int) -> Node:
        """Return the part that begins with `event`; `row` is its key's, where it has one."""
        self.parts += 1
        if self.parts > _MOST:
            raise self.failure("the document is too large", _row(event))
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, row)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        before = self.parts
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event)
        elif depth == _DEEPEST:
            what = f"the document is nested deeper than {_DEEPEST}"
            raise self.failure(what, _row(event))
        elif isinstance(event, yaml.MappingStartEvent):
            value = self.members(events, depth + 1)
        else:
            value = self.items(events, depth + 1)
        node = Fact(value, self.origin(row))
        if event.anchor is not None:
            self.anchors[event.anchor] = node, self.parts - before + 1
        return node

    def alias(self, event: yaml.AliasEvent, row: int) -> Node:
        name = event.anchor
        if name not in self.anchors:
            raise self.failure(f"the alias *{name} refers to nothing", _row(event))
        known = self.anchors[name]
        if known is None:
            what = f"the alias *{name} refers to a part that contains it"
            raise self.failure(what, _row(event))
        node, parts = known
        self.parts += parts
        return Fact(node.value, self.origin(row))

    def members(self, events: Iterator[yaml.Event], depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            row = _row(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self.failure("a key is a list or a mapping, not a string", row)
            key = event.value
            if key == "<<" and not event.style:
                merged = {**self.merged(self.node(next(events), events, row, depth), row), **merged}
                continue
            if key in found:
                at = found[key].origin.line
                hint = f"it stands on line {at} already: keep one"
                raise self.failure(f"duplicate key {key!r}", row, hint)
            found[key] = self.node(next(events), events, row, depth)
        return {**merged, **found} if merged else found

    def merged(self, node: Node, row: int) -> dict[str, Node]:
        """Return what a merge key (`<<`) brings in: the first of several mappings counts."""
        found: dict[str, Node] = {}
        for one in node.value if isinstance(node.value, list) else [node]:
            if not isinstance(one.value, dict):
                raise self.failure("what << merges is not a mapping", row)
            found = {**one.value, **found}
        return found

    def items(self, events: Iterator[yaml.Event], depth: int) -> list[Node]:
        found: list[Node] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self.node(event, events, _row(event), depth))
        return found

    def scalar(self, event: yaml.ScalarEvent) -> Any:
        written: str = event.value
        tag = None if event.tag is None else event.tag.replace("tag:yaml.org,2002:", "!!")
        # An untagged scalar without a style is plain; all others are text.
        if tag in ("!!str", "!") or (tag is None and event.style):
            return written
        row = _row(event)
        if tag is not None and (tag not in _TAGGED or not _TAGGED[tag].fullmatch(written)):
            raise self.failure(f"the tag {tag} does not fit {written!r}", row, "leave the tag out")
        try:
            value = core_scalar(written)
        except ValueError as error:
            raise self.failure(str(error), row, "put it in quotes if it is a text") from None
        return float(value) if tag == "!!float" else value

    def origin(self, row: int) -> Origin:
        known = self.origins.get(row)
        if known is None:
            known = self.origins[row] = Origin(Kind.STATED, self.file, row + 1)
        return known
