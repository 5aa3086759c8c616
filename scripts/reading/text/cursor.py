"""A cursor over the lines of page text, and which lines are headings of sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from scripts.facts import Fact, Kind, Origin
from scripts.failure import PipelineError, Problem
from scripts.reading.page import Use
from scripts.reading.text.field_line import heads_answer
from scripts.reading.text.section import is_field_start

LAST = "Last modified on"
LOCATIONS = {
    "Headers": "header",
    "Path Parameters": "path",
    "Query Parameters": "query",
    "Cookies": "cookie",
}
"""Where the parameters of a section are sent."""
HEADINGS = ("Authorizations", *LOCATIONS, "Body", "Response")
"""In the order in which pages have them."""


@dataclass(slots=True)
class Cursor:
    """A cursor over the page's lines, and what each was accounted for as."""

    file: str
    lines: list[str]
    row: int = 0
    uses: list[Use | None] = field(default_factory=list)
    headings: frozenset[int] = frozenset()
    remarks: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.uses = [None if line else Use.BLANK for line in self.lines]
        rows = (row for row in range(len(self.lines)) if stands_alone(self.lines, row))
        self.headings = frozenset(headings(self.lines, rows, _has_fields))

    def take(self, end: int, use: Use) -> None:
        """Account for the lines up to `end` and step behind them."""
        for row in range(self.row, end):
            self.uses[row] = self.uses[row] or use
        self.row = end

    def skip_blank(self) -> None:
        """Step to the next line that is not blank, or to the end."""
        while self.row < len(self.lines) and not self.lines[self.row]:
            self.row += 1

    @property
    def line(self) -> str | None:
        """The line under the cursor, None at the end of the page."""
        return self.lines[self.row] if self.row < len(self.lines) else None

    @property
    def at_heading(self) -> bool:
        """Return whether a section's heading is under the cursor."""
        return self.row in self.headings

    def stated(self, value: str, row: int | None = None) -> Fact[str]:
        """Return a fact that a line states, by default the one under the cursor."""
        at = self.row if row is None else row
        return Fact(value, Origin(Kind.STATED, self.file, at + 1))

    def failure(self, what: str, hint: str | None = None, row: int | None = None) -> PipelineError:
        """Return an error about a line, by default the one under the cursor."""
        at = min(self.row if row is None else row, len(self.lines) - 1)
        text = self.lines[at] if self.lines else None
        return PipelineError(what, file=self.file, line=at + 1, text=text, hint=hint)

    def remark(self, what: str, row: int, hint: str | None = None) -> None:
        """Note what a person should look at."""
        self.remarks.append(Problem(what, self.file, row + 1, self.lines[row], hint))


def row_of(fact: Fact[Any]) -> int:
    """Return the index of the line that states a fact."""
    return (fact.origin.line or 1) - 1


def stands_alone(lines: list[str], row: int) -> bool:
    """Return whether a blank line stands before and after."""
    before = row == 0 or not lines[row - 1]
    return before and (row + 1 == len(lines) or not lines[row + 1])


def headings(
    lines: list[str], rows: Iterable[int], has_fields: Callable[[list[str]], bool]
) -> list[int]:
    """Return the rows, of some, on which headings of the page's sections stand.

    Authors have headings of the same words. Of two of one word the first is the author's if nothing
    that a section begins with follows it, or a heading that stands before it on every page.
    """
    found = [row for row in rows if lines[row] in HEADINGS]
    for row, after in list(pairwise(found)):
        again = any(lines[other] == lines[row] for other in found if other > row)
        in_order = HEADINGS.index(lines[row]) < HEADINGS.index(lines[after])
        if not again or (in_order and has_fields(lines[row + 1 : after])):
            break
        found.remove(row)
    return found


def _has_fields(lines: list[str]) -> bool:
    """Return whether lines are a section's: a status or content type, or a field is among them."""
    first = next(filter(None, lines), "")
    return heads_answer(first) or any(
        is_field_start(lines, row, len(lines)) for row in range(len(lines))
    )
