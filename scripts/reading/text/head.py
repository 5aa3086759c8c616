"""What stands above a page's sections: method, path, title, the command, the sample, prose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scripts.facts import Fact, Kind
from scripts.reading.json_text import read_json
from scripts.reading.page import CodeRequest, Use
from scripts.reading.text.curl import read_curl
from scripts.reading.text.cursor import HEADINGS, LAST, Cursor, row_of, stands_alone
from scripts.reading.text.field_line import is_flag, parse_type
from scripts.reading.text.section import is_field_start

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_SERVER = re.compile(r"https?://[^\s/]\S*")
"""A server, which stands between method and path where the page offers several."""
_SKIP = "Skip to main content"
_TEMPLATE = re.compile(r"\{[^{}]*\}")
DEPRECATED = "Deprecated"
"""The badge of an operation: on a line of its own."""
INDEX = (
    re.compile(r"Documentation Index"),
    re.compile(r"Fetch the complete documentation index at: \S+"),
    re.compile(r"Use this file to discover all available pages before exploring further\."),
)
NO_SAMPLE = re.compile(r"This response (?:does not have an example|has no body data)\.")
_SOURCE = re.compile(
    r"(?:for|while|if|with|try|switch|match|async with|await|return|print|puts|echo|unless)\b.*"
    r"(?:[:;{(]$|\w\()|@\w[\w.]*(?:\(.*\))?$|\$ \S|npx \w|"
    r"(?:wget|https?|xh) (?:--?\w|[A-Z]{3,} |\S*[:/@.])|\w+(?:\.\w+)+\(|[\w$.]+ :?= \S|"
    r"[a-z][\w.-]*(?: [\w./-]+)+ --?(?!url|request|header|data)\w"
)
_STAND_IN = re.compile(
    r"https?://(?:(?:[\w-]+\.)?example\.(?:com|org|net)/?|[^/]*(?:\byour[-_.]?\w|<|\{\{).*)",
    re.IGNORECASE,
)
"""What is printed in place of a server: the platform's `https://api.example.com`, and authors'."""
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null')


@dataclass(frozen=True, slots=True)
class Head:
    """What a page begins with: `path` is its "/" and segments, in parts."""

    method: Fact[str]
    servers: tuple[Fact[str], ...]
    path: tuple[Fact[str], ...]
    title: Fact[str] | None


def read_head(cursor: Cursor) -> Head:
    """Read method, servers, path (its "/" and segments, a line each) and title, if any."""
    cursor.skip_blank()
    if cursor.line == _SKIP:
        cursor.take(cursor.row + 1, Use.FURNITURE)
        cursor.skip_blank()
    if cursor.line not in METHODS:
        raise cursor.failure(
            "expected the operation's method" if cursor.line else "the page is empty",
            f"one of {', '.join(METHODS)} stands before the path",
        )
    method = cursor.stated(cursor.line)
    cursor.take(cursor.row + 1, Use.STATED)

    servers = []
    while _SERVER.fullmatch(cursor.line or ""):
        servers.append(cursor.stated(str(cursor.line).rstrip("/")))
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
    if lines[-1] != "/" and (len(lines) % 2 or not re.fullmatch(r"[^\s/]+", lines[-1])):
        title = cursor.stated(lines.pop(), end - 1)
        if is_source(title.value):
            raise cursor.failure("code stands where the title is expected", None, end - 1)
    for index, text in enumerate(lines):
        wanted = "/" if index % 2 == 0 else "a path segment"
        if (text == "/") != (index % 2 == 0) or not re.fullmatch(r"[^\s/]+|/", text):
            raise cursor.failure(
                f"expected {wanted} here", "the path is printed as '/' and a segment, a line each",
                start + index,
            )  # fmt: skip
    path = tuple(cursor.stated(text, start + index) for index, text in enumerate(lines))
    cursor.take(end, Use.STATED)
    return Head(method, tuple(servers), path, title)


def is_source(line: str) -> bool:
    """Return whether a line is code in some language, as no title and no sentence is."""
    return _SOURCE.match(line) is not None


def path_and_title(
    parts: Sequence[Fact[str]], title: Fact[str] | None, request: CodeRequest | None
) -> tuple[Fact[str], Fact[str] | None]:
    """Return path and title; behind a path that ends in a slash, a title looks like a segment.

    What the command calls is the path. Without one, titles begin with a capital letter.
    """
    path = "".join(part.value for part in parts)
    if title is None and len(parts) > 1 and parts[-1].value != "/":
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
    """Return whether the line is a sample that is no object and no array: `"<string>"`, `123`."""
    last = cursor.row + 1 == len(cursor.lines) or not cursor.lines[cursor.row + 1]
    return last and _SCALAR.fullmatch(cursor.line or "") is not None


def read_base_url(
    cursor: Cursor, request: CodeRequest | None, path: Fact[str], servers: Sequence[Fact[str]]
) -> Fact[str] | None:
    """Return curl's URL less the path, else the first of the servers behind the method.

    One that only stands for a server is assumed, and remarked upon.
    """
    if request is not None:
        base = _base_of_command(cursor, request.url, path)
    elif servers:
        base = servers[0]
    else:
        return None
    if not _is_usable(base.value):
        raise cursor.failure(f"the URL has no usable base: {base.value!r}", None, row_of(base))
    if servers and not any(base.value in (one.value, f"{one.value}/") for one in servers):
        what = f"curl calls {base.value}, which is not one of the servers behind the method"
        cursor.remark(what, row_of(servers[0]))
    if not _STAND_IN.fullmatch(base.value):
        return base
    cursor.remark(
        f"{base.value} only stands for a server: the page does not say where the API is",
        row_of(base),
        "an overlay can say it, or another page of the API",
    )
    return Fact(base.value, base.origin.assumed("pages show it where no server is known"))


def _base_of_command(cursor: Cursor, url: Fact[str], path: Fact[str]) -> Fact[str]:
    """Return a URL less the path, which must agree with the path in the head.

    Where the author shows an example, a value stands in the place of a template.
    """
    whole = url.value.endswith(path.value)  # some vendors distinguish operations by a query
    bare = url.value if whole else url.value.partition("?")[0]
    if whole or bare.endswith(path.value):
        return Fact(bare.removesuffix(path.value), url.origin)
    pattern = "".join(
        r"([^/\s]+)" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{[^{}]*\})", path.value)
    )
    match = re.fullmatch(rf"(?P<base>.*?){pattern}", bare)
    if match is None:
        raise cursor.failure(
            f"curl's URL does not end in the page's path {path.value}",
            f"the path begins on line {path.origin.line}; one of the two is damaged",
            row_of(url),
        )
    for name, shown in zip(_TEMPLATE.findall(path.value), match.groups()[1:], strict=True):
        if _TEMPLATE.fullmatch(shown) and shown != name:
            what = f"curl has {shown} where the page's path has {name}"
            cursor.remark(what, row_of(url), "the path was taken as the page has it")
    return Fact(match["base"], url.origin)


def _is_usable(base: str) -> bool:
    try:
        parts = urlsplit(base)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port out of range, an address with a bracket missing
        return False


def read_prose(cursor: Cursor, *, has_sample: bool) -> tuple[Fact[str] | None, Fact[bool] | None]:
    """Read the documentation index (furniture) and the author's text up to the first section.

    Also whether the badge `Deprecated` stands there. Where the page `has_sample` already, code
    blocks are the author's.
    """
    paragraphs: list[Fact[str]] = []
    deprecated: Fact[bool] | None = None
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
        elif line == DEPRECATED:
            deprecated = Fact(True, cursor.stated(line).origin)
            cursor.take(cursor.row + 1, Use.STATED)
        else:
            beside_code = beside_code and bool(cursor.lines[cursor.row - 1])
            _refuse_outside_section(cursor, has_sample=has_sample and not beside_code)
            paragraphs.append(cursor.stated(line))
            cursor.take(cursor.row + 1, Use.STATED)
        cursor.skip_blank()
    if not paragraphs:
        return None, deprecated
    text = "\n\n".join(part.value for part in paragraphs)
    return Fact(text, paragraphs[0].origin), deprecated


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
            "no rule accounts for this line", "it looks like part of a sample or of the index"
        )
