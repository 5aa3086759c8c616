"""A YAML or JSON document inside a page, read as a tree of facts that know their lines.

Built from libyaml's events rather than its node graph: that is as fast, knows every line, and
cannot overflow the stack of C code on a damaged page, as composing nodes does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from scripts.documents import DEEPEST, core_scalar, json_as_yaml
from scripts.facts import Fact, Kind, Node, Origin
from scripts.failure import PipelineError

__all__ = ["read_document"]

_MOST = 500_000
"""Parts of a document, those behind aliases counted at each use: a bomb of aliases ends here."""

_TAG = "tag:yaml.org,2002:"
_CORE: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
}


def read_document(lines: list[str], start: int, end: int, file: str, *, json: bool) -> Node:
    """Read the document that stands on `lines[start:end]`; the origins are stated facts.

    Keys are taken as they are written, so that `200:` is the string "200". Raises PipelineError
    with file and line for broken syntax, duplicate keys, a list or a scalar at the top, numbers
    that JSON lacks, aliases to what contains them, and what is too deep or too large.
    """
    # Empty lines in place of what stands before it, so that libyaml counts the page's lines.
    text = "\n" * start + "\n".join(lines[start:end]) + "\n"
    reader = _Reader(file, lines, start, end)
    try:
        if json:
            text = json_as_yaml(text, file)
        return reader.document(yaml.parse(text, yaml.CSafeLoader))
    except RecursionError:
        raise reader.failure(f"JSON is nested deeper than {DEEPEST}", start) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(filter(None, [error.context, error.problem]))
        row = start if mark is None else mark.line
        raise reader.failure(f"is not valid YAML: {what}", row) from error
    except yaml.reader.ReaderError as error:
        row = text.encode()[: error.position].count(b"\n")  # libyaml counts bytes
        what = f"holds a character that YAML forbids: {error.reason}"
        raise reader.failure(what, row) from error


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
        text = self.lines[row][:200] if self.lines else None
        return PipelineError(what, file=self.file, line=row + 1, text=text, hint=hint)

    def document(self, events: Iterator[yaml.Event]) -> Node:
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                if root is not None:
                    row = _row(event)
                    raise self.failure("a second document begins here", row, "keep one")
                if not isinstance(event, yaml.MappingStartEvent):
                    break
                root = self.node(event, events, _row(event), 0)
        if root is None:
            what = "expected a mapping of `key: value` lines"
            raise self.failure(what, self.start)
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
        elif depth == DEEPEST:
            what = f"the document is nested deeper than {DEEPEST}"
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
        tag = None if event.tag is None else event.tag.removeprefix(_TAG)
        # An untagged scalar without a style is plain; all others are text.
        if tag in ("str", "!") or (tag is None and event.style):
            return written
        row = _row(event)
        try:
            value = core_scalar(written)
        except ValueError as error:
            raise self.failure(str(error), row, "put it in quotes if it is a text") from None
        if tag is not None and (tag not in _CORE or not isinstance(value, _CORE[tag])):
            raise self.failure(f"the tag !!{tag} does not fit {written!r}", row, "leave it out")
        return value

    def origin(self, row: int) -> Origin:
        known = self.origins.get(row)
        if known is None:
            known = self.origins[row] = Origin(Kind.STATED, self.file, row + 1)
        return known
