"""A page with one damaged line is read right, or refused: nothing is lost in silence.

The rule, fact by fact. What another line says stays as it was. What the damaged line says stays
too, unless the whole line is gone: a line that is missing altogether, a description or a flag,
leaves a page that could have been. Free text (names, descriptions, values) may come out misspelt,
but it still belongs to the same field under the same keyword.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.facts import Fact, plain
from scripts.failure import PipelineError, Problem
from scripts.reading.capture import read_page
from scripts.reading.page import Field, Page
from scripts.reading.text.field_line import is_flag, parse_type
from tests.pipeline.rendering.operations import operations
from tests.pipeline.rendering.renderer import render
from tests.pipeline.rendering.variants import VARIANTS

STRUCTURE = ("type", "required", "readOnly", "writeOnly", "deprecated", "location", "method")
"""What is one of a few words: misspelt, it is not free text."""

Line = tuple[int, str]
"""A line's number on the undamaged page, and its text."""


@dataclass(frozen=True)
class Found:
    """A fact: the section and the line of its field's name, its keyword, its line, its value."""

    section: str
    field: int
    keyword: str
    line: int
    value: str


def facts(page: Page, lines: list[int]) -> Iterator[Found]:
    """Yield the facts of a page; `lines` gives each line's number on the undamaged page."""

    def fact(section: str, field: int, keyword: str, one: Fact[Any] | None) -> Iterator[Found]:
        if one is not None:
            at = lines[(one.origin.line or 1) - 1]
            # Titles and formats are free text; `<` for `<=` is a value of another bound.
            if keyword == "type":
                value = [(part.base, part.of, part.depth) for part in one.value]
            else:
                value = plain(one)
            keyword = keyword.replace("exclusiveM", "m")
            yield Found(section, field, keyword, at, repr(value))

    for keyword in ("method", "path", "title", "base_url"):
        yield from fact("page", 0, keyword, getattr(page, keyword))
    sections: list[tuple[str, tuple[Field, ...]]] = [
        ("authorizations", page.authorizations),
        ("parameters", page.parameters),
        ("body", page.body.fields if page.body else ()),
        ("response", page.response.fields if page.response else ()),
    ]
    for section, fields in sections:
        for one in fields:
            at = lines[(one.name.origin.line or 1) - 1]
            yield from fact(section, at, "name", one.name)
            yield from fact(section, at, "type", one.types)
            yield from fact(section, at, "required", one.required)
            yield from fact(section, at, "description", one.description)
            for keyword, node in one.keywords.items():
                yield from fact(section, at, keyword, node)


def read(text: str) -> Page:
    """Read a page as the pipeline does: damaged, it may look like another form of page."""
    page = read_page(text.encode(), "page.txt")
    assert isinstance(page, Page)
    return page


@lru_cache(maxsize=1)
def _undamaged(text: str) -> Page:
    return read(text)


def deleted(lines: list[Line], at: int) -> list[Line]:
    return lines[:at] + lines[at + 1 :]


def doubled(lines: list[Line], at: int) -> list[Line]:
    return [*lines[: at + 1], *lines[at:]]


def swapped(lines: list[Line], at: int) -> list[Line]:
    return [*lines[:at], *reversed(lines[at : at + 2]), *lines[at + 2 :]]


def truncated(lines: list[Line], at: int) -> list[Line]:
    return lines[: at + 1]


def misspelt(lines: list[Line], at: int) -> list[Line]:
    number, text = lines[at]
    middle = len(text) // 2
    return [*lines[:at], (number, text[:middle] + text[middle + 1 :]), *lines[at + 1 :]]


def blanked(lines: list[Line], at: int) -> list[Line]:
    return [*lines[:at], (lines[at][0], ""), *lines[at + 1 :]]


def indented(lines: list[Line], at: int) -> list[Line]:
    return [*lines[:at], (lines[at][0], "  " + lines[at][1]), *lines[at + 1 :]]


def joined(lines: list[Line], at: int) -> list[Line]:
    pair = lines[at : at + 2]
    return [*lines[:at], (pair[0][0], " ".join(text for _, text in pair)), *lines[at + 2 :]]


DAMAGES = (deleted, doubled, swapped, truncated, misspelt, blanked, indented, joined)
GONE = (deleted, truncated, blanked)
"""Damages after which the line says nothing."""
Damage = Callable[[list[Line], int], list[Line]]


def lost(text: str, damage: Damage, at: int) -> list[Found] | list[Problem]:
    """Return the facts that damage costs in silence, or the problems that the reader reports."""
    whole = list(enumerate(text.split("\n"), 1))
    if damage in (swapped, joined):  # two lines that are damaged together count as one
        whole[at + 1 : at + 2] = [(at + 1, part) for _, part in whole[at + 1 : at + 2]]
    lines = damage(whole, at)
    damaged = "\n".join(part for _, part in lines)
    if damaged == text:
        return []
    before = set(facts(_undamaged(text), [number for number, _ in whole]))
    try:
        page = read(damaged)
    except PipelineError as error:
        return list(error.problems)
    if page.remarks:
        return list(page.remarks)
    after = set(facts(page, [number for number, _ in lines]))
    number = at + 1
    if damage is truncated:
        number = next(number for number, part in reversed(lines) if part or number == 1)
    return [one for one in before - after if not _excused(one, after, damage, number)]


def _excused(one: Found, after: set[Found], damage: Damage, number: int) -> bool:
    """Return whether the damage explains that a fact is not there any more."""
    touched = {number, number + 1} if damage in (swapped, joined) else {number}
    described = one.keyword in ("description", "enum", "examples")
    if damage is truncated:
        # The last line may be a name without a type, which is no field yet.
        return one.line > number or described or one.field == number
    if any(replace(other, line=one.line) == one for other in after):
        return True  # the page says it elsewhere, too
    here = [other for other in after if (other.field, other.keyword) == (one.field, one.keyword)]
    if described and here:
        return True  # a paragraph or value of several is damaged: the field still has the others
    if one.line not in touched:
        return described and damage is joined and number in (one.line - 1, one.line)
    return damage in GONE or (one.keyword not in STRUCTURE and bool(here))


def undecidable(lines: list[str], damage: Damage, at: int) -> bool:
    """Return whether a page that lost this whole line is another whole page.

    Without its type a name is a word of prose; without a name between them, a flag and a type are
    a field that is called like the flag. A title may hold any words.
    """
    before, line, after = lines[at - 1], lines[at], lines[at + 1] if at + 1 < len(lines) else ""
    if damage is swapped and parse_type(line) is not None and parse_type(after) is not None:
        return True  # a field that is called like a type
    if damage is joined and is_flag(before) and " · " in after:
        return True  # the name has become part of the title
    return damage in (deleted, blanked) and (
        (parse_type(line) is not None and not is_flag(after))
        or (is_flag(before) and parse_type(after) is not None)
    )


def check(text: str, damage: Damage, at: int) -> None:
    if undecidable(text.split("\n"), damage, at):
        return
    found = lost(text, damage, at)
    problems = [one for one in found if isinstance(one, Problem)]
    if problems:
        assert all(one.file == "page.txt" and one.line is not None for one in problems)
    else:
        lines = text.split("\n")
        assert found == [], "\n".join(lines[max(0, at - 3) : at + 4])


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_captured_page(cancel_page: str, damage: Damage) -> None:
    """Each line of the captured page, damaged in each way, costs no fact in silence."""
    for at in range(len(cancel_page.split("\n"))):
        check(cancel_page, damage, at)


@pytest.mark.parametrize("step", [48, pytest.param(1, marks=pytest.mark.deep)])
@pytest.mark.parametrize("form", VARIANTS)
def test_other_forms(cancel_page: str, form: str, step: int) -> None:
    """Nor does it in any other form of the page: each damage to some lines, or to all."""
    text = VARIANTS[form](cancel_page)
    lines = text.split("\n")
    for turn, damage in enumerate(DAMAGES):
        for at in range(2 * turn % step, len(lines), step):
            if not _is_another_page(lines, damage, at):
                check(text, damage, at)


def _is_another_page(lines: list[str], damage: Damage, at: int) -> bool:
    """Return whether damage makes another whole page of one whose parts no blank lines set apart.

    A button that is none any more is the title below the path, and a description behind the next
    heading describes the response.
    """
    after = lines[at + 1] if at + 1 < len(lines) else ""
    return (lines[at] == "Try it" and damage is misspelt) or (
        damage is swapped and lines[at] != "" and after.startswith("#### ")
    )


@given(operations(), st.sampled_from(DAMAGES), st.data())
def test_any_page(operation: Any, damage: Damage, data: st.DataObject) -> None:
    """Any line of any page, damaged in any way, costs no fact in silence."""
    text = render(operation)
    at = data.draw(st.integers(0, len(text.split("\n")) - 1))
    check(text, damage, at)


def test_body_that_shows_nothing() -> None:
    """A lost heading of a body whose sample is empty leaves no fields to the section before."""
    command = "curl --request POST \\\n  --url https://api.x.test/items \\\n  --data '{}'\n\n"
    body = "Body\n\nid\nstring\nread-only\n\nResponse\n\n204\n\nDone\n"
    text = f"POST\n/\nitems\nDo it\n{command}Cookies\n\nsession\nstring\nrequired\n\n{body}"
    assert not read(text).remarks
    check(text, deleted, text.split("\n").index("Body"))


def test_segment_that_stands_twice() -> None:
    """The last line of a path, doubled, does not take the place of the title in silence."""
    text = "GET\n/\nitems\nDo it\ncurl --request GET \\\n  --url https://api.x.test/items\n\n"
    check(f"{text}Response\n\n204\n\nDone\n", doubled, 2)
