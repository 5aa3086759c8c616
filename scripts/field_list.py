"""The lists of fields in a page's sections: parameters, credentials, properties.

    field := name, type, flags (a line each), description paragraphs, options, constraints, examples

Blank lines inside a field are unreliable, so a field starts wherever a type line follows a line.
Everything that merely looks like a field (a flag without a type before it, a single word where a
type should stand) is an error: read as prose, it would silently lose a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from scripts.facts import Fact, Kind, Node, Origin, tree
from scripts.failure import PipelineError
from scripts.field_line import (
    FLAGS,
    LABELS,
    LOCATIONS,
    NAME,
    SWITCHES,
    TYPES,
    VALUE,
    constraint,
    is_damaged_constraint,
    is_detail,
    is_flag,
    is_media,
    literal,
    parse_type,
)
from scripts.json_text import read_json
from scripts.nesting import nested
from scripts.page import Field, Type

__all__ = ["FieldList", "is_field_start", "read_fields"]

_JOINED = re.compile(r"[a-z_$][\w$.-]*")
"""A name that a type behind it on the line shows to be none of a sentence's words."""


@dataclass(slots=True)
class FieldList:
    """A section's contents: paragraphs and branches of a union before its first field; fields."""

    preamble: list[Fact[str]]
    fields: tuple[Field, ...]
    branches: tuple[Fact[Type], ...] = ()


def is_field_start(lines: list[str], row: int, end: int) -> bool:
    """Tell whether a name stands on this line and a type on the next.

    A field may be called `object` or `string`: of a run of lines that read as types, every second
    is one, so that a line before an even number of them (the flag `required`) is no name.
    """
    if row + 1 >= end or not lines[row] or lines[row] in LABELS or _is_branch(lines[row]):
        return False
    after = row + 1
    while after < end and lines[after] and parse_type(lines[after]) is not None:
        after += 1
    return (after - row) % 2 == 0


def read_fields(
    lines: list[str], start: int, end: int, file: str, lost: frozenset[str] = frozenset()
) -> FieldList:
    """Read `lines[start:end]`, a section without its heading.

    `lost` names sections (Body, Response) that the page seems to have had. Raises PipelineError at
    the first line that is neither prose nor part of a field.
    """
    row = start
    preamble: list[Fact[str]] = []
    branches: tuple[Fact[Type], ...] = ()
    while row < end and not is_field_start(lines, row, end):
        if not branches and (after := _end_of_branches(lines, row, end)) > row:
            branches, row = _branches(lines, row, after, file), after
            continue
        if lines[row]:
            if not is_media(lines[row]):
                _refuse_damaged_field(lines, row, end, file)
            preamble.append(_stated(lines[row], file, row))
        row += 1
    fields: dict[str, Field] = {}
    found: list[Field] = []
    while row < end:
        start = row
        one, row = _read_field(lines, row, end, file, found[-1] if found else None, lost)
        found.append(one)
        before = fields.setdefault(one.name.value, one) if one.name.value else one
        if before is not one:
            raise _failure(
                f"the field {one.name.value!r} is listed twice", lines, start, file,
                f"it stands on line {before.name.origin.line} already",
            )  # fmt: skip
    return FieldList(preamble, nested(found), branches)


def _end_of_branches(lines: list[str], row: int, end: int) -> int:
    """Return the row behind the branches of a union, two or more, or `row` where none stand.

    They are types with a title, one on each line, where a name would stand.
    """
    at, count, after = row, 0, row
    while at < end:
        if lines[at]:
            if not _is_branch(lines[at]):
                break
            count, after = count + 1, at + 1
        at += 1
    return after if count > 1 else row


def _is_branch(line: str) -> bool:
    types = parse_type(line) if " · " in line else None
    return types is not None and len(types) == 1


def _branches(lines: list[str], row: int, end: int, file: str) -> tuple[Fact[Type], ...]:
    found = []
    for at in range(row, end):
        if types := parse_type(lines[at]):
            found.append(Fact(types[0], Origin(Kind.STATED, file, at + 1)))
    return tuple(found)


def _is_items(lines: list[str], row: int, end: int, before: Field | None) -> bool:
    """Tell whether the entry here is that of a list's items: an enum's type without a name."""
    if before is None or "enum" in before.keywords or row >= end or lines[row - 1]:
        return False
    of = {one.of for one in before.types.value if one.base == "enum" and one.depth}
    return lines[row] in {f"enum<{kind}>" for kind in of} and not is_field_start(lines, row, end)


@dataclass(slots=True)
class _Draft:
    description: list[Fact[str]] = field(default_factory=list)
    keywords: dict[str, Node] = field(default_factory=dict)
    required: Fact[bool] | None = None
    location: Fact[str] | None = None
    branches: tuple[Fact[Type], ...] = ()


def _read_field(
    lines: list[str],
    row: int,
    end: int,
    file: str,
    before: Field | None,
    lost: frozenset[str],
) -> tuple[Field, int]:
    """Read a field, or the entry of the items of the field `before`, which has no name."""
    items = _is_items(lines, row, end, before)
    name = "" if items else lines[row]
    if not items and not NAME.fullmatch(name):
        raise _failure(
            "expected the name of a field, since a type follows",
            lines, row, file, "a name has no spaces; is the line before the type damaged?",
        )  # fmt: skip
    types_row = row if items else row + 1
    types = parse_type(lines[types_row])
    assert types is not None, "the caller saw a field start"
    draft = _Draft()
    name_fact, types_fact = _stated(name, file, row), _fact(types, file, types_row)
    row = _read_flags(lines, types_row + 1, end, file, draft)
    so_far = Field(name_fact, types_fact, None, draft.keywords)
    while row < end and not is_field_start(lines, row, end):
        if _is_items(lines, row, end, so_far):
            break
        row = _read_detail(lines, row, end, file, draft, lost)
    is_enum = any(one.base == "enum" for one in types)
    if "enum" in draft.keywords and not is_enum:
        options_row = (draft.keywords["enum"].origin.line or 1) - 2
        raise _failure(
            f"'Available options:' of {name!r}, which is not an enum",
            lines, options_row, file,
            f"line {types_row + 1} says {lines[types_row]!r}; "
            "is that type damaged, or the type line of a field after it missing?",
        )  # fmt: skip
    if is_enum and "enum" not in draft.keywords and not _is_items(lines, row, end, so_far):
        raise _failure(
            f"the enum {name!r} has no 'Available options:'",
            lines, types_row, file, "is the line 'Available options:' damaged?",
        )  # fmt: skip
    description = None
    if draft.description:
        text = "\n\n".join(part.value for part in draft.description)
        description = Fact(text, draft.description[0].origin)
    done = Field(
        name_fact,
        types_fact,
        description,
        draft.keywords,
        draft.required,
        draft.location,
        draft.branches,
    )
    return done, row


def _read_flags(lines: list[str], row: int, end: int, file: str, draft: _Draft) -> int:
    """Read flag lines up to the first blank line or the next field."""
    start, types_row = row, row - 1
    while row < end and lines[row] and not is_field_start(lines, row, end):
        line = lines[row]
        if line in lines[start:row]:
            raise _failure(f"the flag {line!r} stands twice", lines, row, file, None)
        if line == "required":
            draft.required = _fact(True, file, row)
        elif line in SWITCHES:
            draft.keywords[SWITCHES[line]] = _fact(True, file, row)
        elif line in LOCATIONS:
            draft.location = _stated(line, file, row)
        elif line.startswith("default:"):
            value = _default(line[8:].strip(), lines[types_row])
            words = value.split() if isinstance(value, str) else []
            if len(words) > 1 and words[-1] in ("required", *SWITCHES):
                raise _failure(
                    f"the flag {words[-1]!r} stands on the line of the default", lines, row, file,
                    "each flag stands on a line of its own",
                )  # fmt: skip
            if isinstance(value, str) and _numeric(lines[types_row]):
                raise _failure(
                    f"the default {value!r} is not of the type {lines[types_row]!r}",
                    lines, row, file, "one of the two lines is damaged",
                )  # fmt: skip
            draft.keywords["default"] = _fact(value, file, row)
        elif is_detail(line):
            return row
        else:
            raise _failure(
                f"unknown flag {line!r}",
                lines, row, file,
                _nearest(line, FLAGS)
                or "known flags: required, read-only, write-only, deprecated, default:VALUE, "
                + ", ".join(LOCATIONS),
            )  # fmt: skip
        row += 1
    return row


def _read_detail(
    lines: list[str], row: int, end: int, file: str, draft: _Draft, lost: frozenset[str]
) -> int:
    line = lines[row]
    if not line:
        return row + 1
    if line == "Available options:":
        _refuse_repeated(["enum"], draft, lines, row, file)
        return _read_options(lines, row + 1, end, file, draft)
    if line in ("Example:", "Examples:"):
        if not _is_own_example(lines, row, draft):
            _refuse_repeated(["examples"], draft, lines, row, file)
        return _read_examples(lines, row + 1, end, file, draft)
    if not draft.branches and (after := _end_of_branches(lines, row, end)) > row:
        draft.branches = _branches(lines, row, after, file)
        return after
    keywords = constraint(line)
    if keywords:
        _refuse_repeated(keywords, draft, lines, row, file)
        for keyword, value in keywords.items():
            draft.keywords[keyword] = _fact(value, file, row)
        return row + 1
    if is_damaged_constraint(line):
        raise _failure(
            "the constraint is not understood", lines, row, file,
            "as in: Required range: 1 <= x <= 9 | Minimum string length: 1 | "
            'Allowed value: "v" | Must be a multiple of 5',
        )  # fmt: skip
    _refuse_damaged_field(lines, row, end, file)
    media = re.fullmatch(r"([1-5]\d\d - )?(?:application|multipart|text)/[\w.*+-]+", line)
    if media and (section := "Response" if media[1] else "Body") in lost:
        raise _failure(
            "a content type stands in the list of another section", lines, row, file,
            f"is the heading {section!r} before it damaged or missing?",
        )  # fmt: skip
    if VALUE.fullmatch(line):
        raise _failure(
            "a value stands where a description is expected", lines, row, file,
            "is the line 'Example:' before it damaged or missing?",
        )  # fmt: skip
    draft.description.append(_stated(line, file, row))
    return row + 1


def _refuse_repeated(
    keywords: Iterable[str], draft: _Draft, lines: list[str], row: int, file: str
) -> None:
    """Refuse what would silently take the place of something that the field has said before."""
    for keyword in keywords:
        if keyword in draft.keywords:
            raise _failure(
                "the field says this twice", lines, row, file,
                f"first on line {draft.keywords[keyword].origin.line}; "
                "is the name or the type of a field between the two missing?",
            )  # fmt: skip


def _is_own_example(lines: list[str], row: int, draft: _Draft) -> bool:
    """Tell whether the example before this one is the description's: nothing stands between.

    It becomes part of the description, where the vendor wrote it.
    """
    before = draft.keywords.get("examples")
    last = next((at for at in range(row - 1, -1, -1) if lines[at]), row)
    if before is None or len(before.value) != 1 or (before.origin.line or 0) != last + 1:
        return False
    draft.description.append(Fact(f"{LABELS[1]} {lines[last]}", before.origin))
    return True


def _read_options(lines: list[str], row: int, end: int, file: str, draft: _Draft) -> int:
    """Read the values, a line each, each but the last ending in a comma."""
    values: list[Node] = []
    while row < end and lines[row]:
        last = not lines[row].endswith(",")
        value = lines[row].removesuffix(",")
        if any(value == known.value for known in values):
            raise _failure(f"the option {value!r} is listed twice", lines, row, file, None)
        values.append(_stated(value, file, row))
        row += 1
        if last:
            break
    else:
        at = min(row, len(lines) - 1)
        raise _failure(
            "the list of available options does not end: its last value still has a comma"
            if values
            else "no value follows 'Available options:'",
            lines, at, file, "each value but the last ends in a comma",
        )  # fmt: skip
    draft.keywords["enum"] = Fact(values, values[0].origin)
    goes_on = row < end and lines[row] and not is_field_start(lines, row, end)
    if goes_on and not is_detail(lines[row]):
        raise _failure(
            "expected a blank line or the next field after the last available option",
            lines, row, file,
            f"the options ended with {lines[row - 1]!r}, which has no comma; is one missing?",
        )  # fmt: skip
    return row


def _read_examples(lines: list[str], row: int, end: int, file: str, draft: _Draft) -> int:
    while row < end and not lines[row]:
        row += 1
    examples = []
    while row < end and lines[row] and not is_field_start(lines, row, end):
        value, row = read_json(lines[:end], row, file, Kind.STATED)
        examples.append(value)
    if not examples:
        raise _failure("no example follows", lines, row - 1, file, None)
    draft.keywords["examples"] = Fact(examples, examples[0].origin)
    return row


def _refuse_damaged_field(lines: list[str], row: int, end: int, file: str) -> None:
    """Refuse a block of lines that can only be a field whose name or type is damaged."""
    if row and lines[row - 1]:
        return  # the block was looked at when it began
    if parse_type(lines[row]) is not None:
        raise _failure(
            f"the type {lines[row]!r} has no name before it", lines, row, file,
            "the line with the field's name is missing",
        )  # fmt: skip
    if lines[row] in ("required", *SWITCHES):
        raise _failure(
            f"the flag {lines[row]!r} has no field before it", lines, row, file,
            "flags follow the type without a blank line",
        )  # fmt: skip
    name, space, type_ = lines[row].partition(" ")
    if space and _JOINED.fullmatch(name) and parse_type(type_) is not None:
        raise _failure(
            f"the name {name!r} and the type {type_!r} stand on one line", lines, row, file,
            "each stands on a line of its own",
        )  # fmt: skip
    if row + 1 == end or not lines[row + 1]:
        return
    block_end = row + 1
    while block_end < end and lines[block_end]:
        block_end += 1
    suspect = lines[row + 1]
    flagged = any(line in FLAGS for line in lines[row + 1 : block_end])
    if not NAME.fullmatch(lines[row]):
        if flagged:
            raise _failure(
                "expected the name of a field, since flags follow", lines, row, file,
                "a name and a type stand before flags, each on a line of its own",
            )  # fmt: skip
        return
    close = _nearest(suspect, (*TYPES, "enum<string>"))
    words = suspect.split(" ")
    while is_flag(words[-1]) and len(words) > 1:
        words.pop()
    flagged = flagged or (suspect != (bare := " ".join(words)) and parse_type(bare) is not None)
    if flagged or close or " " not in suspect:
        raise _failure(
            f"unknown type {suspect!r} of the field {lines[row]!r}", lines, row + 1, file,
            close or f"known types: {', '.join(TYPES)}, enum<string>, each also with []",
        )  # fmt: skip


def _nearest(word: str, known: Sequence[str]) -> str | None:
    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}?" if found else None


def _numeric(type_line: str) -> bool:
    types = parse_type(type_line) or ()
    return all(one.base in ("integer", "number", "boolean") and not one.depth for one in types)


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


def _fact(value: Any, file: str, row: int) -> Node:
    return tree(value, Origin(Kind.STATED, file, row + 1))


def _stated(text: str, file: str, row: int) -> Fact[str]:
    return Fact(text, Origin(Kind.STATED, file, row + 1))


def _failure(what: str, lines: list[str], row: int, file: str, hint: str | None) -> PipelineError:
    return PipelineError(what, file=file, line=row + 1, text=lines[row], hint=hint)
