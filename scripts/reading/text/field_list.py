"""The lists of fields in a page's sections: parameters, credentials, properties.

    field := name, type, flags (a line each), description paragraphs, options, constraints, examples

Blank lines inside a field are unreliable, so a field starts wherever a type line follows a line.
Everything that merely looks like a field is an error (`damage`): read as prose, it would
silently lose a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from scripts.facts import Fact, Kind, Node, Origin
from scripts.reading.json_text import read_json
from scripts.reading.page import Field, Type
from scripts.reading.text.damage import nearest, refuse, refuse_paragraph
from scripts.reading.text.field_line import (
    FLAG_WORDS,
    FLAGS,
    LABELS,
    LOCATIONS,
    NAME,
    SWITCHES,
    constraint,
    heads_answer,
    is_detail,
    literal,
    parse_type,
)
from scripts.reading.text.nesting import nested
from scripts.reading.text.section import Section

_OPTIONS = LABELS[0]
_IDENTIFIER = re.compile(r"[a-z0-9_.:/-]+|[A-Z0-9_]+")
"""An option that is a word of programs, not of people."""
_MARKS = re.compile(r"^[*\u2022-]\s+(?=\S)")
"""A bullet, where a list was copied as one."""
_BRANCH_TITLE = re.compile(r"Option \d+|[A-Z][\w\[\]-]*(?: [A-Z0-9][\w\[\]-]*){0,5}")
"""The title of a schema; a sentence or a list of an author's has words in lower case."""


@dataclass(slots=True)
class FieldList:
    """A section's contents: paragraphs and branches of a union before its first field; fields."""

    preamble: list[Fact[str]]
    fields: tuple[Field, ...]
    branches: tuple[Fact[Type], ...] = ()


def read_fields(section: Section, row: int) -> FieldList:
    """Read a section from `row`, behind its heading, to its end.

    Raises PipelineError at the first line that is neither prose nor part of a field.
    """
    preamble: list[Fact[str]] = []
    branches: tuple[Fact[Type], ...] = ()
    while row < section.end and not section.begins(row, first=not preamble):
        after = max(_end_of_branches(section, row), _end_of_titles(section, row))
        if not branches and after > row:
            branches, row = _branches(section, row, after), after
            continue
        if section.lines[row]:
            if not heads_answer(section.lines[row]):
                refuse_paragraph(section, row)
            preamble.append(section.stated(row))
        row += 1
    known: dict[str, Field] = {}
    found: list[Field] = []
    while row < section.end:
        start = row
        one, row = _read_field(section, row, found[-1] if found else None)
        found.append(one)
        before = known.setdefault(one.name.value, one) if one.name.value else one
        if before is not one:
            raise section.failure(
                f"the field {one.name.value!r} is listed twice", start,
                f"it stands on line {before.name.origin.line} already",
            )  # fmt: skip
    return FieldList(preamble, nested(found), branches)


# Branches of a union


def _end_of_titles(section: Section, row: int) -> int:
    """Return the row behind a block of bare titles, the branches of the union that follows.

    The fields of the first branch stand right below.
    """
    at = row
    while _BRANCH_TITLE.fullmatch(section.line(at)):
        at += 1
    below = section.next_row(at)
    whole = not section.line(row - 1) and at - row > 1 and below > at
    return at if whole and section.begins_field(below) else row


def _end_of_branches(section: Section, row: int) -> int:
    """Return the row behind the branches of a union, two or more, or `row` where none stand.

    They are types with a title, one on each line, where a name would stand.
    """
    at, count, after = section.next_row(row), 0, row
    while at < section.end and _is_branch(section.lines[at]):
        count, after = count + 1, at + 1
        at = section.next_row(at + 1)
    return after if count > 1 else row


def _is_branch(line: str) -> bool:
    types = parse_type(line) if " · " in line else None
    return types is not None and len(types) == 1


def _branches(section: Section, row: int, end: int) -> tuple[Fact[Type], ...]:
    found = []
    for at in range(row, end):
        if section.lines[at]:
            types = parse_type(section.lines[at]) or (Type("any", title=section.lines[at]),)
            found.append(Fact(types[0], Origin(Kind.STATED, section.file, at + 1)))
    return tuple(found)


# One field


@dataclass(slots=True)
class _Draft:
    types: tuple[Type, ...]
    types_row: int
    description: list[Fact[str]] = field(default_factory=list)
    keywords: dict[str, Node] = field(default_factory=dict)
    required: Fact[bool] | None = None
    location: Fact[str] | None = None
    branches: tuple[Fact[Type], ...] = ()


def _read_field(section: Section, row: int, before: Field | None) -> tuple[Field, int]:
    """Read a field, or the entry of the items of the field `before`, which has no name."""
    items = before is not None and _is_items(section, row, before.types.value, before.keywords)
    name_row = row
    name = "" if items else section.lines[row]
    if not items and (not NAME.fullmatch(name) or name[-1] in ":*"):
        raise section.failure(
            "expected the name of a field, since a type follows", row,
            "a name has no spaces and no marks; is the line before the type damaged?",
        )  # fmt: skip
    if items or section.begins_field(row):
        types_row = row if items else row + 1
        draft = _Draft(parse_type(section.lines[types_row]) or (), types_row)
        row = types_row + 1
    else:
        section.remark(f"the field {name!r} has no type, and was taken for anything", row)
        draft = _Draft((Type("any"),), row)
        row += 1
    row = _read_flags(section, row, draft)
    while row < section.end and not section.begins(row, described=bool(draft.description)):
        if _is_items(section, row, draft.types, draft.keywords):
            break
        row = _read_detail(section, row, draft)
    _check_options(section, row, name, draft)
    description = None
    if draft.description:
        text = "\n\n".join(part.value for part in draft.description)
        description = Fact(text, draft.description[0].origin)
    done = Field(
        Fact(name, Origin(Kind.STATED, section.file, name_row + 1)),
        Fact(draft.types, Origin(Kind.STATED, section.file, draft.types_row + 1)),
        description,
        draft.keywords,
        draft.required,
        draft.location,
        draft.branches,
    )
    return done, row


def _is_items(
    section: Section, row: int, types: tuple[Type, ...], keywords: dict[str, Node]
) -> bool:
    """Return whether the entry here is that of a list's items: an enum's type without a name."""
    if "enum" in keywords or row >= section.end or section.begins_field(row):
        return False
    if section.line(row - 1) and section.line(row + 1) != LABELS[0]:
        return False
    of = {one.of for one in types if one.base == "enum" and one.depth}
    return section.lines[row] in {f"enum<{kind}>" for kind in of}


def _check_options(section: Section, row: int, name: str, draft: _Draft) -> None:
    """Hold a field's options against its type; `row` is where the next field begins."""
    is_enum = any(one.base == "enum" for one in draft.types)
    if "enum" in draft.keywords and not is_enum:
        options_row = (draft.keywords["enum"].origin.line or 1) - 2
        raise section.failure(
            f"'Available options:' of {name!r}, which is not an enum", options_row,
            f"line {draft.types_row + 1} says {section.lines[draft.types_row]!r}; "
            "is that type damaged, or the type line of a field after it missing?",
        )  # fmt: skip
    if not is_enum or "enum" in draft.keywords:
        return
    if any(part.value.endswith(",") for part in draft.description):
        raise section.failure(
            f"the enum {name!r} has no 'Available options:'", draft.types_row,
            "is the line 'Available options:' damaged?",
        )  # fmt: skip
    if not _is_items(section, row, draft.types, draft.keywords):
        what = f"the enum {name!r} shows no options; it was taken for any value of its type"
        section.remark(what, draft.types_row)


def _read_flags(section: Section, row: int, draft: _Draft) -> int:
    """Read flag lines up to the first blank line or the next field."""
    start, type_line = row, section.lines[draft.types_row]
    while section.line(row) and not section.begins(row):
        line = section.lines[row]
        if _is_items(section, row, draft.types, draft.keywords):
            return row
        if line in section.lines[start:row]:
            raise section.failure(f"the flag {line!r} stands twice", row)
        if line == "required":
            draft.required = section.fact(True, row)
        elif line in SWITCHES:
            draft.keywords[SWITCHES[line]] = section.fact(True, row)
        elif line in LOCATIONS:
            draft.location = section.stated(row)
        elif line.startswith("default:"):
            value = _default(line[8:].strip(), type_line)
            words = value.split() if isinstance(value, str) else []
            if len(words) > 1 and words[-1] in FLAG_WORDS:
                raise section.failure(
                    f"the flag {words[-1]!r} stands on the line of the default", row,
                    "each flag stands on a line of its own",
                )  # fmt: skip
            draft.keywords["default"] = section.fact(value, row)
        elif is_detail(line) or _begins_options(line, draft.types):
            return row
        else:
            raise section.failure(
                f"unknown flag {line!r}", row,
                nearest(line, FLAGS)
                or "known flags: required, read-only, write-only, deprecated, default:VALUE, "
                + ", ".join(LOCATIONS),
            )  # fmt: skip
        row += 1
    return row


def _read_detail(section: Section, row: int, draft: _Draft) -> int:
    line = section.lines[row]
    if not line:
        return row + 1
    if line == _OPTIONS or _begins_options(line, draft.types):
        _refuse_repeated(section, row, ["enum"], draft)
        return _read_options(section, row + (line == _OPTIONS), draft)
    if line in LABELS and not _is_prose(section.line(section.next_row(row + 1))):
        if not _is_own_example(section, row, draft):
            _refuse_repeated(section, row, ["examples"], draft)
        return _read_examples(section, row + 1, draft)
    if not draft.branches and (after := _end_of_branches(section, row)) > row:
        draft.branches = _branches(section, row, after)
        return after
    keywords = constraint(line)
    if keywords:
        _refuse_repeated(section, row, keywords, draft)
        for keyword, value in keywords.items():
            draft.keywords[keyword] = section.fact(value, row)
        return row + 1
    refuse(section, row)
    draft.description.append(section.stated(row))
    return row + 1


def _refuse_repeated(section: Section, row: int, keywords: Iterable[str], draft: _Draft) -> None:
    """Refuse what would silently take the place of what the field has stated before."""
    for keyword in keywords:
        if keyword in draft.keywords:
            raise section.failure(
                "the field says this twice", row,
                f"first on line {draft.keywords[keyword].origin.line}; "
                "is the name or the type of a field between the two missing?",
            )  # fmt: skip


def _is_own_example(section: Section, row: int, draft: _Draft) -> bool:
    """Return whether the example before this one is the description's: nothing stands between.

    It becomes part of the description, where the vendor wrote it.
    """
    before = draft.keywords.get("examples")
    last = next((at for at in range(row - 1, -1, -1) if section.lines[at]), row)
    if before is None or len(before.value) != 1 or (before.origin.line or 0) != last + 1:
        return False
    draft.description.append(Fact(f"{LABELS[1]} {section.lines[last]}", before.origin))
    return True


def _begins_options(line: str, types: tuple[Type, ...]) -> bool:
    """Return whether options stand right behind their label; elsewhere an author may write so."""
    return line.startswith(f"{_OPTIONS} ") and any(one.base == "enum" for one in types)


def _read_options(section: Section, row: int, draft: _Draft) -> int:
    """Read the values from `row` on, a line each, each but the last ending in a comma.

    The last may be empty text: then a blank line ends the list. Some vendors list a value twice.
    """
    values: dict[str, Node] = {}
    while row < section.end and (section.lines[row] or values):
        line = section.lines[row]
        listed = _values(section, row)
        if not line:
            if not any(section.lines[row:]):
                break  # the page ends here
            what = "the options end in a comma: the last was taken for empty text"
            section.remark(what, row - 1)
        elif line.startswith(f"{_OPTIONS} "):  # copied text may have them behind their label
            listed = [one.strip() for one in listed[0].removeprefix(_OPTIONS).split(",")]
        for value in listed:
            values.setdefault(value, Fact(value, Origin(Kind.STATED, section.file, row + 1)))
        row += 1
        if not line.endswith(","):
            break
    if not values or section.line(row - 1).endswith(","):
        raise section.failure(
            "the list of available options does not end: its last value still has a comma"
            if values
            else "no value follows 'Available options:'",
            max(row - 1, 0) if values else min(row, len(section.lines) - 1),
            "each value but the last ends in a comma; was the page cut here?",
        )  # fmt: skip
    options = list(values.values())
    draft.keywords["enum"] = Fact(options, options[0].origin)
    goes_on = section.line(row) and not section.begins(row)
    if goes_on and not is_detail(section.lines[row]):
        raise section.failure(
            "expected a blank line or the next field after the last available option", row,
            f"the options ended with {section.lines[row - 1]!r}, which has no comma; "
            "is one missing?",
        )  # fmt: skip
    return row


def _values(section: Section, row: int) -> list[str]:
    """Return the values on a line of options: one, perhaps in quotes, or several that were joined.

    A value may hold a comma itself, which only its words can tell.
    """
    text = _MARKS.sub("", section.lines[row].strip()).removesuffix(",").strip("`")
    several = text.split(" | " if " | " in text else ", ")
    if len(several) > 1 and all(map(_IDENTIFIER.fullmatch, several)):
        section.remark(f"{len(several)} options stand on one line, and were taken apart", row)
        return several
    if len(several) > 1 and not text.startswith(_OPTIONS):
        section.remark("one option has a comma or a bar in it; are they several?", row)
    if len(words := text.split(" - ")) > 1 and _IDENTIFIER.fullmatch(words[0]):
        section.remark("one option has a dash in it; is what follows a description?", row)
    value = literal(text) if text[:1] == '"' else text
    return [value if isinstance(value, str) else text]


def _is_prose(line: str) -> bool:
    """Return whether a line can be no example: JSON that is damaged does not begin with a word."""
    return line[:1].isalpha() and not get_close_matches(line, ("true", "false", "null"), 1, 0.6)


def _read_examples(section: Section, row: int, draft: _Draft) -> int:
    row = section.next_row(row)
    examples = []
    while section.line(row) and not _begins_named(section, row):
        value, row = read_json(section.lines[: section.end], row, section.file, Kind.STATED)
        examples.append(value)
    if not examples:
        raise section.failure("no example follows", row - 1)
    draft.keywords["examples"] = Fact(examples, examples[0].origin)
    return row


def _begins_named(section: Section, row: int) -> bool:
    """Return whether a field begins here: an example may stand above one that is `null`."""
    return NAME.fullmatch(section.lines[row]) is not None and section.begins(row)


def _default(text: str, type_line: str) -> Any:
    """Return a default as its type reads it: the default `10` of a string is text."""
    value = literal(text)
    types = parse_type(type_line) or ()
    textual = all(
        one.depth == 0
        and (one.base in ("string", "null") or (one.base, one.of) == ("enum", "string"))
        for one in types
    )
    # `null` says that there is none, far more often than it is meant as text.
    return text if textual and not isinstance(value, str | None) else value
