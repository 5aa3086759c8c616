"""A line of a page, and the line of the file that it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from scripts.failure import PipelineError, Problem

INVISIBLE: dict[int, str | None] = {
    **dict.fromkeys(range(0x202A, 0x202F), None),  # marks of the direction of writing
    **dict.fromkeys(range(0x2066, 0x206A), None),
    **dict.fromkeys(map(ord, "\u061c\u200e\u200f"), None),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None),
    **dict.fromkeys(map(ord, "\xa0\u2007\u2009\u202f"), " "),  # as some browsers copy every space
    **dict.fromkeys(map(ord, "\x85\u2028\u2029"), " "),  # ends of lines that editors do not count
}
"""For `str.translate`: takes away what no reader sees, and makes every space and break a space.

The platform's anchors are zero-width spaces.
"""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of visible text.

    `row` is the index, from 0, of the line of the file it came from. `within` is what stood
    around it, where a form of page says that: pre (code), h1, heading, name (of a field), or "".
    """

    text: str
    row: int
    within: str = ""

    def with_text(self, text: str) -> PageLine:
        """Return the line with another text."""
        return PageLine(text, self.row, self.within)

    def problem(self, what: str, file: str, hint: str | None = None) -> Problem:
        """Return a problem of this line."""
        return Problem(what, file, self.row + 1, self.text, hint)


Lines: TypeAlias = list[PageLine]


def refuse_controls(lines: Iterable[str], file: str) -> None:
    """Raise PipelineError for the first line that holds a control character."""
    for row, line in enumerate(lines):
        if _CONTROL.search(line):
            what = "the line holds a control character"
            hint = "delete it, or capture the page again"
            raise PipelineError.of([PageLine(line[:200], row).problem(what, file, hint)])


def of_text(text: str) -> Lines:
    """Return a text's lines, without white space at their ends (a BOM and CRLF are tolerated)."""
    whole = text.removeprefix("\ufeff").split("\n")
    return [PageLine(line.rstrip(), row) for row, line in enumerate(whole)]


def from_text(lines: Lines) -> Lines:
    """Return lines from the first that is not blank."""
    return lines[next((at for at, line in enumerate(lines) if line.text), len(lines)) :]


def trimmed(lines: Lines) -> Lines:
    """Return lines from the first to the last that is not blank."""
    found = from_text(lines)
    end = max((at for at, line in enumerate(found, 1) if line.text), default=0)
    return found[:end]
