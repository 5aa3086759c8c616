"""JSON in the middle of a page: a tree of facts that knows the line of every value."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from scripts.facts import Fact, Kind, Node, Origin
from scripts.failure import PipelineError

_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_DEEPEST = 30


def read_json(lines: list[str], start: int, file: str, kind: Kind) -> tuple[Node, int]:
    """Read the JSON value that begins on `lines[start]`; return it and the index after its end.

    The value must begin and end with its lines. Raises PipelineError with the line at which
    the text stops being JSON.
    """
    return _Reader(lines, start, file, kind).document()


class _Reader:
    """A cursor over the lines: `row` is an index into them, `column` one into that line."""

    def __init__(self, lines: list[str], start: int, file: str, kind: Kind) -> None:
        self.lines, self.row, self.file, self.kind = lines, start, file, kind
        self.start, self.column = start, 0

    def document(self) -> tuple[Node, int]:
        value = self.value(0)
        if self.lines[self.row][self.column :].strip():
            self.fail("there is more on the line after the end of the JSON value")
        return value, self.row + 1

    def value(self, depth: int) -> Node:
        if depth > _DEEPEST:
            self.fail(f"JSON is nested deeper than {_DEEPEST}")
        character = self.peek()
        origin = Origin(self.kind, self.file, self.row + 1)
        if character == "{":
            return Fact(self.members(depth), origin)
        if character == "[":
            return Fact(self.items(depth), origin)
        pattern = _STRING if character == '"' else _LITERAL
        return Fact(self.token(pattern, "a JSON value"), origin)

    def members(self, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        self.column += 1
        if self.peek() == "}":
            self.column += 1
            return found
        while True:
            self.peek()
            key = self.token(_STRING, "a key in double quotes")
            if key in found:
                self.fail(f"the key {key!r} stands twice in one object")
            if self.peek() != ":":
                self.fail(f"expected a colon after the key {key!r}")
            self.column += 1
            found[key] = self.value(depth + 1)
            if self.more("}"):
                return found

    def items(self, depth: int) -> list[Node]:
        found: list[Node] = []
        self.column += 1
        if self.peek() == "]":
            self.column += 1
            return found
        while True:
            found.append(self.value(depth + 1))
            if self.more("]"):
                return found

    def more(self, end: str) -> bool:
        """Step over a comma (False) or the closing bracket (True)."""
        character = self.peek()
        if character not in (",", end):
            self.fail(f"expected a comma or {end!r}")
        self.column += 1
        return character == end

    def token(self, pattern: re.Pattern[str], expected: str) -> Any:
        match = pattern.match(self.lines[self.row], self.column)
        if match is None:
            self.fail(f"expected {expected}")
        try:
            value = json.loads(match.group())
            # Refuses what no file could hold: an overflown number, half of a surrogate pair.
            json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        except ValueError:
            self.fail(f"expected {expected}")
        self.column = match.end()
        return value

    def peek(self) -> str:
        """Step over white space and return the next character, "" at the end of the page."""
        while True:
            line = self.lines[self.row]
            while self.column < len(line) and line[self.column] in " \t\r":
                self.column += 1
            if self.column < len(line):
                return line[self.column]
            if self.row + 1 == len(self.lines):
                self.fail("the page ends inside the JSON value")
            self.row, self.column = self.row + 1, 0

    def fail(self, what: str) -> NoReturn:
        raise PipelineError(
            what,
            file=self.file,
            line=self.row + 1,
            text=self.lines[self.row],
            hint=f"this belongs to the JSON that begins on line {self.start + 1}; "
            "capture the page again, or mend the sample by hand",
        )
