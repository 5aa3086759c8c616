"""What stands above a page's sections: method, path, title, the command, the sample, prose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from scripts.facts import Fact, Kind
from scripts.reading.json_text import read_json
from scripts.reading.page import CodeRequest, Use
from scripts.reading.text.curl import read_curl
from scripts.reading.text.cursor import HEADINGS, LAST, Cursor, row_of, stands_alone
from scripts.reading.text.field_line import is_flag, parse_type
from scripts.reading.text.section import is_field_start

__all__ = [
    "INDEX", "METHODS", "NO_SAMPLE", "SKIP", "read_base_url", "read_code", "read_head",
    "read_prose", "settled",
]  # fmt: skip

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
SKIP = "Skip to main content"
INDEX = (
    re.compile(r"Documentation Index"),
    re.compile(r"Fetch the complete documentation index at: \S+"),
    re.compile(r"Use this file to discover all available pages before exploring further\."),
)
NO_SAMPLE = re.compile(r"This response (?:does not have an example|has no body data)\.")
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null')


def read_head(cursor: Cursor) -> tuple[Fact[str], tuple[Fact[str], ...], Fact[str] | None]:
    """Read method, path (its "/" and segments, a line each) and title, where there is one."""
    cursor.skip_blank()
    if cursor.line == SKIP:
        cursor.take(cursor.row + 1, Use.FURNITURE)
        cursor.skip_blank()
    if cursor.line not in METHODS:
        raise cursor.failure(
            "expected the operation's method" if cursor.line else "the page is empty",
            f"one of {', '.join(METHODS)} stands before the path",
        )
    method = cursor.stated(cursor.line)
    cursor.take(cursor.row + 1, Use.STATED)

    start = cursor.row
    if cursor.line != "/":
        raise cursor.failure("expected the '/' that begins the path")
    end = start
    while end < len(cursor.lines) and not _begins_code(cursor.lines[end]):
        if not cursor.lines[end]:
            break
        end += 1
    lines = cursor.lines[start:end]
    title = None
    if len(lines) > 1 and (len(lines) % 2 or not re.fullmatch(r"[^\s/]+", lines[-1])):
        title = cursor.stated(lines.pop(), end - 1)
    for index, text in enumerate(lines):
        wanted = "/" if index % 2 == 0 else "a path segment"
        if (text == "/") != (index % 2 == 0) or not re.fullmatch(r"[^\s/]+|/", text):
            raise cursor.failure(
                f"expected {wanted} here", "the path is printed as '/' and a segment, a line each",
                start + index,
            )  # fmt: skip
    path = tuple(cursor.stated(text, start + index) for index, text in enumerate(lines))
    cursor.take(end, Use.STATED)
    return method, path, title


def settled(
    parts: Sequence[Fact[str]], title: Fact[str] | None, request: CodeRequest | None
) -> tuple[Fact[str], Fact[str] | None]:
    """Return path and title; behind a path that ends in a slash, a title looks like a segment.

    What the command calls is the path. Without one, titles begin with a capital letter.
    """
    path = "".join(part.value for part in parts)
    if title is None and len(parts) > 1:
        last = parts[-1].value
        if request is None:
            is_title = last[0].isupper() or not last.isascii()
        else:
            is_title = not _agrees(request.url.value, path) and _agrees(
                request.url.value, path.removesuffix(last)
            )
        if is_title:
            return Fact(path.removesuffix(last), parts[0].origin), parts[-1]
    return Fact(path, parts[0].origin), title


def _agrees(url: str, path: str) -> bool:
    return url.partition("?")[0].endswith(path.partition("?")[0])


def _begins_code(line: str) -> bool:
    if re.fullmatch(r'(?:\{[^\s{}"]+\}[^\s{}"]*)+', line):
        return False  # a segment of the path
    return line.startswith(("curl ", "{", "["))


def read_code(cursor: Cursor) -> tuple[CodeRequest | None, Fact[Any] | None]:
    """Read the curl command and the response's sample, each where it is there."""
    request = sample = None
    cursor.skip_blank()
    if cursor.line is not None and cursor.line.startswith("curl "):
        request, end = read_curl(cursor.lines, cursor.row, cursor.file)
        cursor.take(end, Use.REQUEST_SAMPLE)
    cursor.skip_blank()
    if cursor.line is not None and (
        cursor.line.startswith(("{", "[")) or (request is not None and _is_scalar(cursor))
    ):
        sample, end = read_json(cursor.lines, cursor.row, cursor.file, Kind.SAMPLE)
        cursor.take(end, Use.RESPONSE_SAMPLE)
        # Those of further statuses: the fields are those of the first.
        while (cursor.line or "").startswith(("{", "[")):
            _, end = read_json(cursor.lines, cursor.row, cursor.file, Kind.SAMPLE)
            cursor.take(end, Use.RESPONSE_SAMPLE)
    cursor.skip_blank()
    if cursor.line is not None and NO_SAMPLE.fullmatch(cursor.line):
        cursor.take(cursor.row + 1, Use.FURNITURE)
    return request, sample


def _is_scalar(cursor: Cursor) -> bool:
    """Tell whether the line is a sample that is no object and no array: `"<string>"`, `123`."""
    last = cursor.row + 1 == len(cursor.lines) or not cursor.lines[cursor.row + 1]
    return last and _SCALAR.fullmatch(cursor.line or "") is not None


def read_base_url(cursor: Cursor, request: CodeRequest, path: Fact[str]) -> Fact[str]:
    """Return curl's URL less the path, which must agree with the path in the head.

    Where the author shows an example, a value stands in the place of a template.
    """
    url = request.url
    whole = url.value.endswith(path.value)  # some vendors tell operations apart by a query
    bare = url.value if whole else url.value.partition("?")[0]
    if whole or bare.endswith(path.value):
        base = bare.removesuffix(path.value)
    else:
        pattern = "".join(
            r"[^/\s]+" if part.startswith("{") else re.escape(part)
            for part in re.split(r"(\{[^{}]*\})", path.value)
        )
        match = re.fullmatch(rf"(?P<base>.*?){pattern}", bare)
        if match is None:
            raise cursor.failure(
                f"curl's URL does not end in the page's path {path.value}",
                f"the path begins on line {path.origin.line}; one of the two is damaged",
                row_of(url),
            )
        base = match["base"]
    try:
        parts = urlsplit(base)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port out of range, an address with a bracket missing
        usable = False
    if not usable:
        raise cursor.failure(f"curl's URL has no usable base: {base!r}", None, row_of(url))
    return Fact(base, url.origin)


def read_prose(cursor: Cursor, *, has_sample: bool) -> Fact[str] | None:
    """Read the documentation index (furniture) and the author's text up to the first section.

    Where the page `has_sample` already, pieces of code are the author's.
    """
    paragraphs: list[Fact[str]] = []
    beside_code = cursor.row > 0 and bool(cursor.lines[cursor.row - 1])
    cursor.skip_blank()
    while (line := cursor.line) is not None and not cursor.at_heading:
        if line.startswith(LAST):
            break
        if INDEX[0].fullmatch(line):
            for pattern in INDEX:
                cursor.skip_blank()
                if cursor.line is None or not pattern.fullmatch(cursor.line):
                    raise cursor.failure("the documentation index block is damaged here")
                cursor.take(cursor.row + 1, Use.FURNITURE)
        else:
            beside_code = beside_code and bool(cursor.lines[cursor.row - 1])
            _refuse_outside_section(cursor, has_sample=has_sample and not beside_code)
            paragraphs.append(cursor.stated(line))
            cursor.take(cursor.row + 1, Use.STATED)
        cursor.skip_blank()
    if not paragraphs:
        return None
    return Fact("\n\n".join(part.value for part in paragraphs), paragraphs[0].origin)


def _refuse_outside_section(cursor: Cursor, *, has_sample: bool) -> None:
    """Refuse lines of a field, a sample or the index where only an author's prose may stand."""
    row, line = cursor.row, cursor.lines[cursor.row]
    if is_field_start(cursor.lines, row, len(cursor.lines)):
        before = next((r for r in range(row - 1, 0, -1) if cursor.lines[r]), row)
        raise cursor.failure(
            f"the field {line!r} stands outside any section",
            f"is the heading on line {before + 1}, {cursor.lines[before]!r}, misspelt or missing? "
            f"sections are: {', '.join(HEADINGS)}",
        )
    glued = line in HEADINGS and not stands_alone(cursor.lines, row)
    if glued or is_flag(line) or parse_type(line) is not None:
        raise cursor.failure(
            f"{line!r} stands outside any section",
            "a heading stands on a line of its own, with a blank line before and after it",
        )
    if (not has_sample and re.match(r'\s*(?:["{}\[\],]|--\w)', line)) or any(
        pattern.fullmatch(line) for pattern in INDEX
    ):
        raise cursor.failure(
            "no rule accounts for this line", "it looks like a piece of a sample or of the index"
        )
