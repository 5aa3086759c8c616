"""The lists of fields in a page's sections: parameters, credentials, properties.

    field := name, type, flags (a line each), description paragraphs, options, constraints, examples

Blank lines inside a field are unreliable, so a field starts wherever a type line follows a line.
Everything that merely looks like a field (a flag without a type before it, a single word where a
type should stand) is an error: read as prose, it would silently lose a fact.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from scripts.facts import Fact, Kind, Node, Origin, tree
from scripts.failure import PipelineError
from scripts.json_text import read_json
from scripts.page import Field, Type

__all__ = ["FieldList", "is_field_start", "is_flag", "is_structure", "parse_type", "read_fields"]

_BASES = ("string", "integer", "number", "boolean", "object", "array", "any", "null", "file")
_TYPE = re.compile(
    r"(?:(?P<title>.+) · )?"
    rf"(?:enum<(?P<of>string|integer|number)>|(?P<base>{'|'.join(_BASES)}))"
    r"(?:<(?P<format>[\w.-]+)>)?"
    r"(?P<depth>(?:\[\])*)"
)
_LOCATIONS = ("header", "query", "path", "cookie")
_FLAGS = {"read-only": "readOnly", "write-only": "writeOnly", "deprecated": "deprecated"}
_IDENTIFIER = re.compile(r"[\w$@.{}\[\]-]+")
_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d{1,2})?"
_RANGE = re.compile(
    rf"Required range: (?:(?P<low>{_NUMBER}) (?P<above><=?) )?x"
    rf"(?: (?P<sign>[<>]=?) (?P<bound>{_NUMBER}))?"
)
_LENGTH = re.compile(
    r"(?P<which>Minimum|Maximum|Required) (?P<of>string|array) length: (?P<low>\d+)"
    r"(?: - (?P<high>\d+))?(?: elements?)?"
)
_CONSTRAINT = re.compile(
    r"Required range: |(?:Minimum|Maximum|Required) (?:string|array) |Allowed value: |"
    r"Must be a multiple of "
)
"""How the platform begins a constraint; prose that begins so is a damaged constraint."""
_JOINED = re.compile(r"[a-z_$][\w$.-]*")
"""A name that a type behind it on the line shows to be none of a sentence's words."""
_VALUE = re.compile(rf'"(?:[^"\\]|\\.)*"|{_NUMBER}|true|false')
_HEADS = (
    "Required range", "Minimum string length", "Maximum string length", "Required string length",
    "Minimum array length", "Maximum array length", "Required array length", "Pattern",
    "Allowed value", "Must be a multiple of",
)  # fmt: skip
_LABELS = ("Available options:", "Example:", "Examples:")
_LIMITS = {">": "exclusiveMinimum", ">=": "minimum", "<": "exclusiveMaximum", "<=": "maximum"}
_SIZES = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}


@dataclass(slots=True)
class FieldList:
    """A section's contents: the paragraphs before its first field, and the fields."""

    preamble: list[Fact[str]]
    fields: tuple[Field, ...]


def parse_type(line: str) -> tuple[Type, ...] | None:
    """Return the alternatives of a type line, or None where the line is not one."""
    alternatives = []
    for text in line.split(" | "):
        match = _TYPE.fullmatch(text)
        if match is None:
            return None
        alternatives.append(
            Type(
                base=match["base"] or "enum",
                of=match["of"] or "string",
                format=match["format"],
                title=match["title"],
                depth=len(match["depth"]) // 2,
            )
        )
    return tuple(alternatives)


def is_field_start(lines: list[str], row: int, end: int) -> bool:
    """Tell whether a name stands on this line and a type on the next.

    A field may be called `object` or `string`: of a run of lines that read as types, every second
    is one, so that a line before an even number of them (the flag `required`) is no name.
    """
    if row + 1 >= end or not lines[row] or lines[row] in _LABELS:
        return False
    after = row + 1
    while after < end and lines[after] and parse_type(lines[after]) is not None:
        after += 1
    return (after - row) % 2 == 0


def is_structure(line: str) -> bool:
    """Tell whether a line is a type, a flag, a label or a constraint: no white space leads it."""
    return is_flag(line) or _is_detail(line) or parse_type(line) is not None


def is_flag(line: str) -> bool:
    """Tell whether a line is one of the flags of a field, `default:` aside."""
    return line in ("required", *_FLAGS, *_LOCATIONS)


def read_fields(lines: list[str], start: int, end: int, file: str) -> FieldList:
    """Read `lines[start:end]`, a section without its heading.

    Raises PipelineError at the first line that is neither prose nor part of a field.
    """
    row = start
    preamble: list[Fact[str]] = []
    while row < end and not is_field_start(lines, row, end):
        if lines[row]:
            _refuse_damaged_field(lines, row, end, file)
            preamble.append(_stated(lines[row], file, row))
        row += 1
    fields: dict[str, Field] = {}
    while row < end:
        start = row
        one, row = _read_field(lines, row, end, file)
        before = fields.setdefault(one.name.value, one)
        if before is not one:
            raise _failure(
                f"the field {one.name.value!r} is listed twice", lines, start, file,
                f"it stands on line {before.name.origin.line} already",
            )  # fmt: skip
    return FieldList(preamble, tuple(fields.values()))


@dataclass(slots=True)
class _Draft:
    description: list[Fact[str]] = field(default_factory=list)
    keywords: dict[str, Node] = field(default_factory=dict)
    required: Fact[bool] | None = None
    location: Fact[str] | None = None


def _read_field(lines: list[str], row: int, end: int, file: str) -> tuple[Field, int]:
    name = lines[row]
    if not _IDENTIFIER.fullmatch(name):
        raise _failure(
            "expected the name of a field, since a type follows",
            lines, row, file, "a name has no spaces; is the line before the type damaged?",
        )  # fmt: skip
    types_row = row + 1
    types = parse_type(lines[types_row])
    assert types is not None, "the caller saw a field start"
    draft = _Draft()
    name_fact, types_fact = _stated(name, file, row), _fact(types, file, types_row)
    row = _read_flags(lines, types_row + 1, end, file, draft)
    while row < end and not is_field_start(lines, row, end):
        row = _read_detail(lines, row, end, file, draft)
    is_enum = any(one.base == "enum" for one in types)
    if "enum" in draft.keywords and not is_enum:
        options_row = (draft.keywords["enum"].origin.line or 1) - 2
        raise _failure(
            f"'Available options:' of {name!r}, which is not an enum",
            lines, options_row, file,
            f"line {types_row + 1} says {lines[types_row]!r}; "
            "is that type damaged, or the type line of a field after it missing?",
        )  # fmt: skip
    if is_enum and "enum" not in draft.keywords:
        raise _failure(
            f"the enum {name!r} has no 'Available options:'",
            lines, types_row, file, "is the line 'Available options:' damaged?",
        )  # fmt: skip
    description = None
    if draft.description:
        text = "\n\n".join(part.value for part in draft.description)
        description = Fact(text, draft.description[0].origin)
    done = Field(name_fact, types_fact, description, draft.keywords, draft.required, draft.location)
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
        elif line in _FLAGS:
            draft.keywords[_FLAGS[line]] = _fact(True, file, row)
        elif line in _LOCATIONS:
            draft.location = _stated(line, file, row)
        elif line.startswith("default:"):
            value = _default(line[8:].strip(), lines[types_row])
            words = value.split() if isinstance(value, str) else []
            if len(words) > 1 and words[-1] in ("required", *_FLAGS):
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
        elif _is_detail(line):
            return row
        else:
            raise _failure(
                f"unknown flag {line!r}",
                lines, row, file,
                _nearest(line, ["required", *_FLAGS, *_LOCATIONS])
                or "known flags: required, read-only, write-only, deprecated, default:VALUE, "
                + ", ".join(_LOCATIONS),
            )  # fmt: skip
        row += 1
    return row


def _is_detail(line: str) -> bool:
    return line in _LABELS or bool(_constraint(line))


def _read_detail(lines: list[str], row: int, end: int, file: str, draft: _Draft) -> int:
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
    constraint = _constraint(line)
    if constraint:
        _refuse_repeated(constraint, draft, lines, row, file)
        for keyword, value in constraint.items():
            draft.keywords[keyword] = _fact(value, file, row)
        return row + 1
    if _CONSTRAINT.match(line) or _resembles_constraint(line):
        raise _failure(
            "the constraint is not understood", lines, row, file,
            "as in: Required range: 1 <= x <= 9 | Minimum string length: 1 | "
            'Allowed value: "v" | Must be a multiple of 5',
        )  # fmt: skip
    _refuse_damaged_field(lines, row, end, file)
    if re.fullmatch(r"(?:[1-5]\d\d - )?(?:application|multipart|text)/[\w.*+-]+", line):
        raise _failure(
            "a content type stands in the list of another section", lines, row, file,
            "is the heading 'Body' or 'Response' before it damaged or missing?",
        )  # fmt: skip
    if _VALUE.fullmatch(line):
        raise _failure(
            "a value stands where a description is expected", lines, row, file,
            "is the line 'Example:' before it damaged or missing?",
        )  # fmt: skip
    draft.description.append(_stated(line, file, row))
    return row + 1


def _resembles_constraint(line: str) -> bool:
    """Tell whether a line is a label or a constraint but for a slip."""
    head, colon, _ = line.partition(":")
    if not colon:
        head = line.rstrip("0123456789. ")
    if not 5 < len(head) < 30 or line[-1:] == ".":
        return False
    return bool(get_close_matches(head, _HEADS, n=1, cutoff=0.85))


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
    draft.description.append(Fact(f"{_LABELS[1]} {lines[last]}", before.origin))
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
    if goes_on and not _is_detail(lines[row]):
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


def _constraint(line: str) -> dict[str, Any]:
    """Return the JSON Schema keywords that a constraint line states, none for other lines."""
    if match := _RANGE.fullmatch(line):
        found = {}
        if match["low"]:
            found["minimum" if match["above"] == "<=" else "exclusiveMinimum"] = match["low"]
        if match["bound"]:
            found[_LIMITS[match["sign"]]] = match["bound"]
        return {keyword: json.loads(number) for keyword, number in found.items()}
    if match := _LENGTH.fullmatch(line):
        least, most = _SIZES[match["of"]]
        low = int(match["low"])
        if match["which"] == "Maximum":
            return {most: low}
        if match["which"] == "Minimum":
            return {least: low}
        return {least: low, most: int(match["high"] or low)}
    if line.startswith("Pattern: "):
        return {"pattern": line.removeprefix("Pattern: ").strip("`")}
    if line.startswith("Allowed value: "):
        return {"const": _literal(line.removeprefix("Allowed value: "))}
    if line.startswith("Must be a multiple of "):
        value = _literal(line.removeprefix("Must be a multiple of "))
        positive = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        return {"multipleOf": value} if positive else {}
    return {}


def _refuse_damaged_field(lines: list[str], row: int, end: int, file: str) -> None:
    """Refuse a block of lines that can only be a field whose name or type is damaged."""
    if row and lines[row - 1]:
        return  # the block was looked at when it began
    if parse_type(lines[row]) is not None:
        raise _failure(
            f"the type {lines[row]!r} has no name before it", lines, row, file,
            "the line with the field's name is missing",
        )  # fmt: skip
    if lines[row] in ("required", *_FLAGS):
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
    flagged = any(line in ("required", *_FLAGS, *_LOCATIONS) for line in lines[row + 1 : block_end])
    if not _IDENTIFIER.fullmatch(lines[row]):
        if flagged:
            raise _failure(
                "expected the name of a field, since flags follow", lines, row, file,
                "a name and a type stand before flags, each on a line of its own",
            )  # fmt: skip
        return
    close = _nearest(suspect, [*_BASES, "enum<string>"])
    words = suspect.split(" ")
    while is_flag(words[-1]) and len(words) > 1:
        words.pop()
    flagged = flagged or (suspect != (bare := " ".join(words)) and parse_type(bare) is not None)
    if flagged or close or " " not in suspect:
        raise _failure(
            f"unknown type {suspect!r} of the field {lines[row]!r}", lines, row + 1, file,
            close or f"known types: {', '.join(_BASES)}, enum<string>, each also with []",
        )  # fmt: skip


def _nearest(word: str, known: list[str]) -> str | None:
    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {found[0]!r}?" if found else None


def _numeric(type_line: str) -> bool:
    types = parse_type(type_line) or ()
    return all(one.base in ("integer", "number", "boolean") and not one.depth for one in types)


def _default(text: str, type_line: str) -> Any:
    """Return a default as its type reads it: the default `10` of a string is text."""
    value = _literal(text)
    types = parse_type(type_line) or ()
    textual = all(
        one.depth == 0
        and (one.base in ("string", "null") or (one.base, one.of) == ("enum", "string"))
        for one in types
    )
    # `null` says that there is none, far more often than it is meant as text.
    return text if textual and not isinstance(value, str | None) else value


def _literal(text: str) -> Any:
    """Return a value as JSON, and as text where it is none (nan and overflow are none)."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except ValueError:
        return text
    return value


def _fact(value: Any, file: str, row: int) -> Node:
    return tree(value, Origin(Kind.STATED, file, row + 1))


def _stated(text: str, file: str, row: int) -> Fact[str]:
    return Fact(text, Origin(Kind.STATED, file, row + 1))


def _failure(what: str, lines: list[str], row: int, file: str, hint: str | None) -> PipelineError:
    return PipelineError(what, file=file, line=row + 1, text=lines[row], hint=hint)
