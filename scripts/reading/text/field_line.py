"""What one line of a field's entry is: a type, a flag, a label, a constraint.

type       := [Title " · "] base["<"format">"]"[]"*, alternatives joined by " | "
flag       := required | read-only | write-only | deprecated | header | query | path | cookie
label      := "Available options:" | "Example:" | "Examples:"
constraint := a line of one keyword of JSON Schema, as `Required range: 1 <= x <= 9`
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from scripts.reading.page import Type

TYPES = ("string", "integer", "number", "boolean", "object", "array", "any", "null", "file")
_UNKNOWN = "unknown"
"""What newer pages print for any."""
_TYPE = re.compile(
    r"(?:(?P<title>[^·]+) · )?"
    rf"(?:enum<(?P<of>string|integer|number|boolean|any)>|(?P<base>{'|'.join((*TYPES, _UNKNOWN))}))"
    r"(?:<(?P<format>[^<>\s|]+)>)?"
    r"(?P<depth>(?:\[\])*)"
)
TYPE_WORD = rf"(?:{'|'.join((*TYPES, _UNKNOWN))}|enum<\w+>)(?:<[^<>\s|]+>)?(?:\[\])*"
"""A type without its title, as a pattern."""
LOCATIONS = ("header", "query", "path", "cookie")
SWITCHES = {"read-only": "readOnly", "write-only": "writeOnly", "deprecated": "deprecated"}
FLAG_WORDS = ("required", *SWITCHES)
"""Flags that are hardly a word of an author's list."""
FLAGS = (*FLAG_WORDS, *LOCATIONS)
"""All flags of a field but `default:`, which has a value."""
NAME = re.compile(r"(?:[^\s\"'`,;<>()|]|<[^<>]+>)+")
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
    r"Must be a multiple of ",
    re.IGNORECASE,
)
"""How the platform begins a constraint; prose that begins so is a damaged constraint."""
VALUE = re.compile(rf'"(?:[^"\\]|\\.)*"|{_NUMBER}|true|false')
_HEADS = (
    "Required range", "Minimum string length", "Maximum string length", "Required string length",
    "Minimum array length", "Maximum array length", "Required array length", "Pattern",
    "Allowed value", "Must be a multiple of",
)  # fmt: skip
_BOUND = re.compile(rf"(?:{'|'.join(_HEADS)})[\s:]*(?:-?\d|x\b|[<>])", re.IGNORECASE)
"""A constraint that has lost its colon."""
LABELS = ("Available options:", "Example:", "Examples:")
_LIMITS = {">": "exclusiveMinimum", ">=": "minimum", "<": "exclusiveMaximum", "<=": "maximum"}
_SIZES = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}


_MEDIA_TYPE = r"[\w.+*-]+/[\w.+*-]+(?:; ?[\w=\"-]+)*"
_CONTENT_TYPE = re.compile(_MEDIA_TYPE)
STATUS = re.compile(
    rf"(?P<status>[1-5](?:\d\d|XX)|default)(?: - (?P<type>{_MEDIA_TYPE}(?: · \S+)?))?"
)


@lru_cache(maxsize=10_000)  # pages have the same few types again and again
def parse_type(line: str) -> tuple[Type, ...] | None:
    """Return the alternatives of a type line, or None where the line is not one."""
    alternatives = []
    for text in line.split(" | "):
        match = _TYPE.fullmatch(text)
        if match is None:
            return None
        base, form, depth = match["base"] or "enum", match["format"], len(match["depth"]) // 2
        if base == "array" and form in TYPES:  # as some write `string[]`
            base, form, depth = form, None, depth + 1
        base = "any" if base == _UNKNOWN else base
        alternatives.append(Type(base, match["of"] or "string", form, match["title"], depth))
    return tuple(alternatives)


def is_structure(line: str) -> bool:
    """Return whether a line is a type, a flag, a label or a constraint: no white space leads it."""
    return is_flag(line) or is_detail(line) or parse_type(line) is not None


def is_flag(line: str) -> bool:
    """Return whether a line is one of the flags of a field, `default:` aside."""
    return line in FLAGS


def is_media(line: str) -> bool:
    """Return whether a line is a content type, with or without the type of the body."""
    content_type, dot, text = line.partition(" · ")
    return bool(_CONTENT_TYPE.fullmatch(content_type)) and (not dot or parse_type(text) is not None)


def heads_answer(line: str) -> bool:
    """Return whether a line is a status, a content type, or both: what a body begins with."""
    return STATUS.fullmatch(line) is not None or is_media(line)


def is_detail(line: str) -> bool:
    """Return whether a line is a label or a constraint."""
    return line in LABELS or bool(constraint(line))


def constraint(line: str) -> dict[str, Any]:
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
        return {"const": literal(line.removeprefix("Allowed value: "))}
    if line.startswith("Must be a multiple of "):
        value = literal(line.removeprefix("Must be a multiple of "))
        positive = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        return {"multipleOf": value} if positive else {}
    return {}


@lru_cache(4096)  # pages repeat their lines
def is_damaged_constraint(line: str) -> bool:
    """Return whether a line is a label or a constraint but for a slip."""
    if _CONSTRAINT.match(line) is not None or _BOUND.match(line) is not None:
        return True
    head, colon, _ = line.partition(":")
    if not colon:
        head = line.rstrip("0123456789. ")
    if not 5 < len(head) < 30 or line[-1:] == ".":
        return False
    return bool(get_close_matches(head, _HEADS, n=1, cutoff=0.85))


def literal(text: str) -> Any:
    """Return a value as JSON, and as text where it is none (nan and overflow are none)."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return text
    return value
