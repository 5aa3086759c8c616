"""Reading page text: what a browser's visible text gives of a documentation page.

The page is taken from top to bottom, part by part: head (method, path, title), the curl command,
the response's sample, the documentation index, sections of fields, the date. Every line is
accounted for by the part that reads it; a line that no part knows is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from scripts.curl import read_curl
from scripts.facts import Fact, Kind, Origin
from scripts.failure import PipelineError, Problem
from scripts.field_line import STATUS, is_flag, is_media, is_structure, parse_type
from scripts.field_list import FieldList, read_fields
from scripts.json_text import read_json
from scripts.page import Body, CodeRequest, Field, Page, Response, Type, Use
from scripts.section import Section, is_field_start

__all__ = ["HEADINGS", "INDEX", "METHODS", "NO_SAMPLE", "SKIP", "headings", "read_page_text"]

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SKIP = "Skip to main content"
INDEX = (
    re.compile(r"Documentation Index"),
    re.compile(r"Fetch the complete documentation index at: \S+"),
    re.compile(r"Use this file to discover all available pages before exploring further\."),
)
NO_SAMPLE = re.compile(r"This response (?:does not have an example|has no body data)\.")
_LAST = "Last modified on"
_MODIFIED = re.compile(rf"{_LAST} (?P<date>[A-Z][a-z]+ \d{{1,2}}, \d{{4}})")
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null')
_LOCATIONS = {
    "Headers": "header",
    "Path Parameters": "path",
    "Query Parameters": "query",
    "Cookies": "cookie",
}
HEADINGS = ("Authorizations", *_LOCATIONS, "Body", "Response")


@dataclass(slots=True)
class _Reader:
    """A cursor over the page's lines, and what each was accounted for as."""

    file: str
    lines: list[str]
    row: int = 0
    uses: list[Use | None] = field(default_factory=list)
    headings: frozenset[int] = frozenset()
    remarks: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.uses = [None if line else Use.BLANK for line in self.lines]
        rows = (row for row in range(len(self.lines)) if _stands_alone(self.lines, row))
        self.headings = frozenset(headings(self.lines, rows, _has_fields))

    def take(self, end: int, use: Use) -> None:
        """Account for the lines up to `end` and step behind them."""
        for row in range(self.row, end):
            self.uses[row] = self.uses[row] or use
        self.row = end

    def skip_blank(self) -> None:
        while self.row < len(self.lines) and not self.lines[self.row]:
            self.row += 1

    @property
    def line(self) -> str | None:
        """The line under the cursor, None at the end of the page."""
        return self.lines[self.row] if self.row < len(self.lines) else None

    def stated(self, value: str, row: int | None = None) -> Fact[str]:
        at = self.row if row is None else row
        return Fact(value, Origin(Kind.STATED, self.file, at + 1))

    def failure(self, what: str, hint: str | None = None, row: int | None = None) -> PipelineError:
        at = min(self.row if row is None else row, len(self.lines) - 1)
        text = self.lines[at] if self.lines else None
        return PipelineError(what, file=self.file, line=at + 1, text=text, hint=hint)


def read_page_text(text: str, file: str) -> Page:
    """Return what the page says. `file` is its name in facts and errors.

    Raises PipelineError naming the first line that is neither recognised nor page furniture.
    """
    reader = _Reader(file, [_flush(line) for line in _lines(text)])
    for row, line in enumerate(reader.lines):
        if _CONTROL.search(line):
            hint = "delete it, or capture the page again"
            raise reader.failure("the line holds a control character", hint, row)
    method, parts, title = _read_head(reader)
    request, sample = _read_code(reader)
    path, title = _settled(parts, title, request)
    description = _read_prose(reader, has_sample=sample is not None)
    sections = _read_sections(reader)
    modified = _read_last_modified(reader)
    reader.skip_blank()
    if reader.line is not None:
        raise reader.failure(
            "no rule accounts for this line",
            f"a section begins with one of: {', '.join(HEADINGS)}",
        )
    if request is None and sample is None and not sections:
        raise reader.failure(
            "the page says nothing behind its title",
            "was it cut off? a command, a sample or a section belongs here",
        )
    base_url = None if request is None else _base_url(reader, request, path)
    if request is not None and request.method.value != method.value:
        raise reader.failure(
            f"curl's method {request.method.value} is not the page's method {method.value}",
            f"line {method.origin.line} says {method.value}; one of the two is damaged",
            _row(request.method),
        )
    lost = _lost(sections, request)
    parameters, authorizations, body, response = _sort(reader, sections, path, lost)
    _refuse_lost_headings(reader, sections)
    others = [*parameters, *(body.fields if body is not None else ())]
    _match_sample(reader, sample, response, others)
    _refuse_idle_body(reader, sections, body, request)
    data = request.data if request is not None else None
    if data is not None and body is None and data.value.strip() not in ("", "{}"):
        raise reader.failure(
            "curl sends data, but the page has no section 'Body'",
            "is the section missing? without it, what the request holds would be lost",
            _row(data),
        )
    assert None not in reader.uses, "every part accounts for its lines"
    return Page(
        file=file,
        method=method,
        path=path,
        title=title,
        description=description,
        base_url=base_url,
        request=request,
        sample=sample,
        authorizations=authorizations,
        parameters=parameters,
        body=body,
        response=response,
        last_modified=modified,
        uses=tuple(use for use in reader.uses if use is not None),
        remarks=tuple(reader.remarks),
    )


def _lines(text: str) -> list[str]:
    """Split into lines without their white space at the end (a BOM and CRLF are tolerated)."""
    return [line.rstrip() for line in text.removeprefix("\ufeff").split("\n")]


def _flush(line: str) -> str:
    """Return a line without the white space before it where that can mean nothing."""
    if not line[:1].isspace():
        return line
    bare = line.strip()
    known = not bare or bare in HEADINGS or bare.startswith(_LAST) or is_structure(bare)
    return bare if known else line


def _row(fact: Fact[Any]) -> int:
    return (fact.origin.line or 1) - 1


def _read_head(reader: _Reader) -> tuple[Fact[str], tuple[Fact[str], ...], Fact[str] | None]:
    """Read method, path (its "/" and segments, a line each) and title, where there is one."""
    reader.skip_blank()
    if reader.line == SKIP:
        reader.take(reader.row + 1, Use.FURNITURE)
        reader.skip_blank()
    if reader.line not in METHODS:
        raise reader.failure(
            "expected the operation's method" if reader.line else "the page is empty",
            f"one of {', '.join(METHODS)} stands before the path",
        )
    method = reader.stated(reader.line)
    reader.take(reader.row + 1, Use.STATED)

    start = reader.row
    if reader.line != "/":
        raise reader.failure("expected the '/' that begins the path")
    end = start
    while end < len(reader.lines) and not _begins_code(reader.lines[end]):
        if not reader.lines[end]:
            break
        end += 1
    lines = reader.lines[start:end]
    title = None
    if len(lines) > 1 and (len(lines) % 2 or not re.fullmatch(r"[^\s/]+", lines[-1])):
        title = reader.stated(lines.pop(), end - 1)
    for index, text in enumerate(lines):
        wanted = "/" if index % 2 == 0 else "a path segment"
        if (text == "/") != (index % 2 == 0) or not re.fullmatch(r"[^\s/]+|/", text):
            raise reader.failure(
                f"expected {wanted} here", "the path is printed as '/' and a segment, a line each",
                start + index,
            )  # fmt: skip
    path = tuple(reader.stated(text, start + index) for index, text in enumerate(lines))
    reader.take(end, Use.STATED)
    return method, path, title


def _settled(
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


def _read_code(reader: _Reader) -> tuple[CodeRequest | None, Fact[Any] | None]:
    """Read the curl command and the response's sample, each where it is there."""
    request = sample = None
    reader.skip_blank()
    if reader.line is not None and reader.line.startswith("curl "):
        request, end = read_curl(reader.lines, reader.row, reader.file)
        reader.take(end, Use.REQUEST_SAMPLE)
    reader.skip_blank()
    if reader.line is not None and (
        reader.line.startswith(("{", "[")) or (request is not None and _is_scalar(reader))
    ):
        sample, end = read_json(reader.lines, reader.row, reader.file, Kind.SAMPLE)
        reader.take(end, Use.RESPONSE_SAMPLE)
        # Those of further statuses: the fields are those of the first.
        while (reader.line or "").startswith(("{", "[")):
            _, end = read_json(reader.lines, reader.row, reader.file, Kind.SAMPLE)
            reader.take(end, Use.RESPONSE_SAMPLE)
    reader.skip_blank()
    if reader.line is not None and NO_SAMPLE.fullmatch(reader.line):
        reader.take(reader.row + 1, Use.FURNITURE)
    return request, sample


def _is_scalar(reader: _Reader) -> bool:
    """Tell whether the line is a sample that is no object and no array: `"<string>"`, `123`."""
    last = reader.row + 1 == len(reader.lines) or not reader.lines[reader.row + 1]
    return last and _SCALAR.fullmatch(reader.line or "") is not None


def _base_url(reader: _Reader, request: CodeRequest, path: Fact[str]) -> Fact[str]:
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
            raise reader.failure(
                f"curl's URL does not end in the page's path {path.value}",
                f"the path begins on line {path.origin.line}; one of the two is damaged",
                _row(url),
            )
        base = match["base"]
    try:
        parts = urlsplit(base)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port out of range, an address with a bracket missing
        usable = False
    if not usable:
        raise reader.failure(f"curl's URL has no usable base: {base!r}", None, _row(url))
    return Fact(base, url.origin)


def _read_prose(reader: _Reader, *, has_sample: bool) -> Fact[str] | None:
    """Read the documentation index (furniture) and the author's text up to the first section.

    Where the page `has_sample` already, pieces of code are the author's.
    """
    paragraphs: list[Fact[str]] = []
    beside_code = reader.row > 0 and bool(reader.lines[reader.row - 1])
    reader.skip_blank()
    while (line := reader.line) is not None and not _at_heading(reader):
        if line.startswith(_LAST):
            break
        if INDEX[0].fullmatch(line):
            for pattern in INDEX:
                reader.skip_blank()
                if reader.line is None or not pattern.fullmatch(reader.line):
                    raise reader.failure("the documentation index block is damaged here")
                reader.take(reader.row + 1, Use.FURNITURE)
        else:
            beside_code = beside_code and bool(reader.lines[reader.row - 1])
            _refuse_outside_section(reader, has_sample=has_sample and not beside_code)
            paragraphs.append(reader.stated(line))
            reader.take(reader.row + 1, Use.STATED)
        reader.skip_blank()
    if not paragraphs:
        return None
    return Fact("\n\n".join(part.value for part in paragraphs), paragraphs[0].origin)


def _refuse_outside_section(reader: _Reader, *, has_sample: bool) -> None:
    """Refuse lines of a field, a sample or the index where only an author's prose may stand."""
    row, line = reader.row, reader.lines[reader.row]
    if is_field_start(reader.lines, row, len(reader.lines)):
        before = next((r for r in range(row - 1, 0, -1) if reader.lines[r]), row)
        raise reader.failure(
            f"the field {line!r} stands outside any section",
            f"is the heading on line {before + 1}, {reader.lines[before]!r}, misspelt or missing? "
            f"sections are: {', '.join(HEADINGS)}",
        )
    glued = line in HEADINGS and not _stands_alone(reader.lines, row)
    if glued or is_flag(line) or parse_type(line) is not None:
        raise reader.failure(
            f"{line!r} stands outside any section",
            "a heading stands on a line of its own, with a blank line before and after it",
        )
    if (not has_sample and re.match(r'\s*(?:["{}\[\],]|--\w)', line)) or any(
        pattern.fullmatch(line) for pattern in INDEX
    ):
        raise reader.failure(
            "no rule accounts for this line", "it looks like a piece of a sample or of the index"
        )


def _at_heading(reader: _Reader) -> bool:
    return reader.row in reader.headings


def _stands_alone(lines: list[str], row: int) -> bool:
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
    """Tell whether lines are a section's: a status or content type, or a field is among them."""
    first = next(filter(None, lines), "")
    return (
        STATUS.fullmatch(first) is not None
        or is_media(first)
        or any(is_field_start(lines, row, len(lines)) for row in range(len(lines)))
    )


def _read_sections(reader: _Reader) -> dict[str, tuple[int, int]]:
    """Find the extent of each section: rows after the heading up to the next one."""
    sections: dict[str, tuple[int, int]] = {}
    reader.skip_blank()
    while reader.line is not None and _at_heading(reader):
        heading = reader.line
        if heading in sections:
            raise reader.failure(f"the section {heading!r} stands twice")
        if later := [one for one in sections if HEADINGS.index(one) > HEADINGS.index(heading)]:
            raise reader.failure(
                f"the section {heading!r} stands behind {later[0]!r}",
                f"is the line a description? the order of sections is {', '.join(HEADINGS)}",
            )
        reader.take(reader.row + 1, Use.HEADING)
        end = reader.row
        while end < len(reader.lines):
            if end in reader.headings or reader.lines[end].startswith(_LAST):
                break
            end += 1
        sections[heading] = (reader.row, end)
        reader.take(end, Use.STATED)
    return sections


def _read_last_modified(reader: _Reader) -> Fact[str] | None:
    if reader.line is None or not reader.line.startswith(_LAST):
        return None
    match = _MODIFIED.fullmatch(reader.line)
    if match is None:
        raise reader.failure("expected a date here", f"as in: {_LAST} May 27, 2026")
    date = reader.stated(match["date"])
    reader.take(reader.row + 1, Use.FURNITURE)
    return date


def _lost(sections: dict[str, tuple[int, int]], request: CodeRequest | None) -> frozenset[str]:
    """Return the sections that the page lacks, though it should have them."""
    lost = set() if "Response" in sections else {"Response"}
    if "Body" not in sections and request is not None and _sends_body(request):
        lost.add("Body")
    return frozenset(lost)


def _sends_body(request: CodeRequest) -> bool:
    typed = any(name.lower() == "content-type" for name in request.headers)
    return typed or request.data is not None or bool(request.form)


def _refuse_idle_body(
    reader: _Reader,
    sections: dict[str, tuple[int, int]],
    body: Body | None,
    request: CodeRequest | None,
) -> None:
    """Refuse a section 'Body' that nothing bears out: a description may be that word.

    Its content type does, or a command that sends a body, as every page with one shows.
    """
    if body is None or body.content_type is not None or request is None or _sends_body(request):
        return
    raise reader.failure(
        "the page has a section 'Body', but curl sends no body",
        "is the line a description? if so, delete it; if not, capture the page again",
        sections["Body"][0] - 1,
    )


def _sort(
    reader: _Reader,
    sections: dict[str, tuple[int, int]],
    path: Fact[str],
    lost: frozenset[str],
) -> tuple[tuple[Field, ...], tuple[Field, ...], Body | None, Response | None]:
    """Read each section's fields, and hold them against what the rest of the page says."""
    parameters: list[Field] = []
    authorizations: tuple[Field, ...] = ()
    body = response = None
    for heading, (start, end) in sections.items():
        parameters_only = heading in _LOCATIONS
        section = Section(reader.lines, end, reader.file, lost, parameters_only, reader.remarks)
        listed = read_fields(section, start)
        if heading in _LOCATIONS:
            _refuse_preamble(reader, heading, listed)
            location = Fact(_LOCATIONS[heading], Origin(Kind.STATED, reader.file, start))
            parameters += [_located(reader, one, location) for one in listed.fields]
        elif heading == "Authorizations":
            _refuse_preamble(reader, heading, listed)
            authorizations = listed.fields
            for one in authorizations:
                if one.location is None:
                    raise reader.failure(
                        f"the credential {one.name.value!r} does not say where it is sent",
                        "header, query or cookie follows the type; is a heading misspelt?",
                        _row(one.name),
                    )  # fmt: skip
        elif heading == "Body":
            body = _body(listed)
        else:
            response = _response(listed)
    known = {one.name.value for one in (*authorizations, *parameters) if _location(one) != "path"}
    parameters += _match_path(reader, parameters, path, known)
    return tuple(parameters), authorizations, body, response


def _refuse_preamble(reader: _Reader, heading: str, listed: FieldList) -> None:
    if listed.preamble:
        raise reader.failure(
            f"expected the name of a field under {heading!r}",
            "a name is followed by a line with its type",
            _row(listed.preamble[0]),
        )
    if not listed.fields:
        raise reader.failure(f"the section {heading!r} has no fields", None)


def _located(reader: _Reader, one: Field, location: Fact[str]) -> Field:
    if one.location is not None and one.location.value != location.value:
        raise reader.failure(
            f"{one.name.value!r} is listed as a {location.value} parameter but flagged "
            f"{one.location.value!r}", None, _row(one.location),
        )  # fmt: skip
    return replace(one, location=location)


def _match_path(
    reader: _Reader, parameters: list[Field], path: Fact[str], known: set[str]
) -> list[Field]:
    """Hold the path parameters against the path's templates; return those that no list has.

    Some vendors forget to describe one. But where the name is `known`, from another section's
    list, a heading is missing.
    """
    in_path = re.findall(r"\{([^{}]+)\}", path.value)
    listed = {one.name.value: one for one in parameters if _location(one) == "path"}
    for name, one in listed.items():
        if name not in in_path:
            raise reader.failure(
                f"the path parameter {name!r} does not stand in the path {path.value}",
                "is a section's heading before it misspelt, or the name?", _row(one.name),
            )  # fmt: skip
    found = []
    for name in dict.fromkeys(in_path):
        if name in listed:
            continue
        if name in known:
            raise reader.failure(
                f"the path's parameter {name!r} is not listed under 'Path Parameters'",
                "is the section's heading missing?", _row(path),
            )  # fmt: skip
        what = f"the path's parameter {name!r} is not listed; it was taken for a string"
        reader.remarks.append(Problem(what, reader.file, path.origin.line))
        note = "it stands in the path, but no list has it"
        origin = Origin(Kind.ASSUMED, reader.file, path.origin.line, note)
        found.append(
            Field(
                name=Fact(name, origin),
                types=Fact((Type("string"),), origin),
                description=None,
                keywords={},
                required=Fact(True, origin),
                location=Fact("path", origin),
            )
        )
    return found


def _refuse_lost_headings(reader: _Reader, sections: dict[str, tuple[int, int]]) -> None:
    """Refuse a heading that is misspelt or glued to a line: its fields would be another section's.

    Only headings of sections that the page lacks count, for anybody may write about a body.
    """
    lines = reader.lines
    lacking = [heading for heading in HEADINGS if heading not in sections]
    for start, end in sections.values():
        for row in range(start, end):
            line = lines[row]
            after = lines[row + 1] if row + 1 < len(lines) else ""
            if (lines[row - 1] and after) or not 3 <= len(line) <= 20 or not line[0].isupper():
                continue
            if lines[row - 1].endswith(",") or lines[row - 1] == "Available options:":
                continue  # an allowed value
            near = get_close_matches(line, lacking, n=1, cutoff=0.85)
            if not near or line == near[0][:-1] or is_field_start(lines, row, end):
                continue
            raise reader.failure(
                f"is this the heading {near[0]!r}?",
                "a heading stands on a line of its own, with a blank line before and after it",
                row,
            )


def _match_sample(
    reader: _Reader, sample: Fact[Any] | None, response: Response | None, others: list[Field]
) -> None:
    """Hold the sample's keys against the response's prose: a name there has lost its type."""
    if sample is None:
        return
    shown = sample.value
    if isinstance(shown, list):
        shown = shown[0].value if shown else {}
    if not isinstance(shown, dict):
        return
    if response is None:
        swallowed = [one for one in others if one.name.value in shown]
        if swallowed:
            first = swallowed[-1].name
            raise reader.failure(
                f"{first.value!r} is a field of the response's sample, "
                "but the page has no section 'Response'",
                "is the heading 'Response' before it missing?",
                _row(first),
            )
        return
    listed = {one.name.value for one in response.fields}
    prose = [response.description, response.schema_description]
    prose += [one.description for one in response.fields]
    for text in prose:
        for paragraph in text.value.split("\n\n") if text is not None else ():
            if paragraph in shown and paragraph not in listed:
                row = reader.lines.index(paragraph, _row(text) if text is not None else 0)
                raise reader.failure(
                    f"{paragraph!r} is a field of the sample, but no type follows it here",
                    "is the line with its type missing or damaged?",
                    row,
                )


def _location(one: Field) -> str:
    return one.location.value if one.location else ""


def _take_preamble(
    preamble: list[Fact[str]], accept: Callable[[str], object]
) -> tuple[Fact[str] | None, list[Fact[str]]]:
    if preamble and accept(preamble[0].value):
        return preamble[0], preamble[1:]
    return None, preamble


def _joined(paragraphs: list[Fact[str]]) -> Fact[str] | None:
    if not paragraphs:
        return None
    return Fact("\n\n".join(part.value for part in paragraphs), paragraphs[0].origin)


def _body(listed: FieldList) -> Body:
    media, rest = _take_preamble(listed.preamble, is_media)
    content_type, types = _media(media)
    return Body(content_type, _joined(rest), listed.fields, listed.branches, types)


def _media(line: Fact[str] | None) -> tuple[Fact[str] | None, Fact[tuple[Type, ...]] | None]:
    """Split a line `application/json · object[]`; most have no type."""
    if line is None:
        return None, None
    content_type, _, text = line.value.partition(" · ")
    types = parse_type(text) if text else None
    return Fact(content_type, line.origin), None if types is None else Fact(types, line.origin)


def _response(listed: FieldList) -> Response:
    """Split the preamble: [status - type], the response's description, the schema's description."""
    line, rest = _take_preamble(listed.preamble, STATUS.fullmatch)
    status = content_type = types = None
    if line is None or "/" not in line.value:  # early pages of 2025 have it on its own line
        media, rest = _take_preamble(rest, is_media)
        content_type, types = _media(media)
    if line is not None and (match := STATUS.fullmatch(line.value)):
        status = Fact(match["status"], line.origin)
        if match["type"]:
            content_type, types = _media(Fact(match["type"], line.origin))
    description = rest[0] if rest else None
    described = _joined(rest[1:])
    return Response(
        status, content_type, description, described, listed.fields, listed.branches, types
    )
