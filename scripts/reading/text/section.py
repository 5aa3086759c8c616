"""A section of a page, as its lines are read: where it ends, and what stands where."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from scripts.facts import Fact, Kind, Node, Origin, tree
from scripts.failure import PipelineError, Problem
from scripts.reading.text.field_line import FLAGS, LABELS, is_detail, is_structure, parse_type

_FLAGS_IN_A_ROW = re.compile(rf"(?:{'|'.join(FLAGS)})+")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$.\[\]-]*(?<![.-])")
_JOINED_WORDS = re.compile(r"[a-z]+(?:[_.-][\w\[\]]+|\[\w+\]|[A-Z]\w*)+")
"""An identifier of several words, such as `customer_id`: hardly a word of prose."""


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of a page up to the end of one section, and what its readers have to know.

    `lost` names sections (Body, Response) that the page seems to have had. In a list of
    `parameters` a type line may be missing. `remarks` takes up what a person should look at.
    """

    lines: list[str]
    end: int
    file: str
    lost: frozenset[str] = frozenset()
    parameters: bool = False
    remarks: list[Problem] = field(default_factory=list)

    def line(self, row: int) -> str:
        """Return the line of a row, an empty one outside of the section."""
        return self.lines[row] if 0 <= row < self.end else ""

    def next_row(self, row: int) -> int:
        """Return the first row from `row` on that is not blank, or the end."""
        while row < self.end and not self.lines[row]:
            row += 1
        return row

    def begins_field(self, row: int) -> bool:
        """Return whether a name stands on this line and a type on the next."""
        return is_field_start(self.lines, row, self.end)

    def begins(self, row: int, *, first: bool = False, described: bool = False) -> bool:
        """Return whether a field begins here, with a type line or without.

        `first` says that none stands above in the section, `described` that the one above has a
        description already.
        """
        return self.begins_field(row) or self.lacks_type(row, first=first, described=described)

    def lacks_type(self, row: int, *, first: bool, described: bool) -> bool:
        """Return whether the name of a parameter stands here whose type the page does not print.

        That happens with unions. The name stands alone, above flags or a description: right below
        a line of the field above, since a paragraph has a blank line before it, or else it is of
        several words, which no paragraph is.
        """
        name, after = self.line(row), self.line(row + 1)
        if not name or not self.parameters or not _IDENTIFIER.fullmatch(name):
            return False
        if _FLAGS_IN_A_ROW.fullmatch(name) or parse_type(name) is not None:
            return False
        if (after and after != "required") or get_close_matches(name, FLAGS, 1, 0.8):
            return False
        if first or (self.line(row - 1) and not self.begins_field(row - 1)):
            return first or is_structure(self.line(row - 1))
        return (described or after == "required") and _JOINED_WORDS.fullmatch(name) is not None

    def fact(self, value: Any, row: int) -> Node:
        """Return a value that a line states, as facts of that line."""
        return tree(value, Origin(Kind.STATED, self.file, row + 1))

    def stated(self, row: int) -> Fact[str]:
        """Return a line as the text that it states."""
        return Fact(self.lines[row], Origin(Kind.STATED, self.file, row + 1))

    def failure(self, what: str, row: int, hint: str | None = None) -> PipelineError:
        """Return an error about a line."""
        text = self.lines[row]
        return PipelineError(what, file=self.file, line=row + 1, text=text, hint=hint)

    def remark(self, what: str, row: int) -> None:
        """Note what a person should look at."""
        self.remarks.append(Problem(what, self.file, row + 1, self.lines[row]))


def _only_a_type(line: str) -> bool:
    """Return whether a line is a type, and no name: `object` is both, `string[]` is not."""
    return " · " in line or (parse_type(line) is not None and not line.isalpha())


def is_field_start(lines: list[str], row: int, end: int) -> bool:
    """Return whether a name stands on this line and a type on the next.

    A field may be called `object` or `string`: of a run of lines that read as types, every second
    is one, so that a line before an even number of them (the flag `required`) is no name.
    """
    if row + 1 >= end or not lines[row] or lines[row] in LABELS or _only_a_type(lines[row]):
        return False
    after = row + 1
    while after < end and lines[after] and parse_type(lines[after]) is not None:
        if after > row + 1 and _begins_items(lines, after, end):
            break
        after += 1
    # A constraint may stand above the entry of a list's items, which has no name.
    return (after - row) % 2 == 0 and not (
        _begins_items(lines, row + 1, end) and is_detail(lines[row])
    )


def _begins_items(lines: list[str], row: int, end: int) -> bool:
    """Return whether an enum's type stands here with its options right below, and no flags."""
    return row + 1 < end and lines[row].startswith("enum<") and lines[row + 1] == LABELS[0]
