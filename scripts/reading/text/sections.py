"""The sections of a page, and what they say held against the rest of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from scripts.facts import Fact, Kind, Origin
from scripts.reading.page import Body, CodeRequest, Field, Response, Type, Use
from scripts.reading.text.cursor import HEADINGS, LAST, LOCATIONS, Cursor, row_of
from scripts.reading.text.field_line import STATUS, heads_answer, is_media, parse_type
from scripts.reading.text.field_list import FieldList, read_fields
from scripts.reading.text.section import Section, is_field_start


def read_sections(cursor: Cursor) -> dict[str, tuple[int, int]]:
    """Find the extent of each section: rows after the heading up to the next one."""
    sections: dict[str, tuple[int, int]] = {}
    cursor.skip_blank()
    while cursor.line is not None and cursor.at_heading:
        heading = cursor.line
        if heading in sections:
            raise cursor.failure(f"the section {heading!r} stands twice")
        if later := [one for one in sections if HEADINGS.index(one) > HEADINGS.index(heading)]:
            raise cursor.failure(
                f"the section {heading!r} stands behind {later[0]!r}",
                f"is the line a description? the order of sections is {', '.join(HEADINGS)}",
            )
        cursor.take(cursor.row + 1, Use.HEADING)
        end = cursor.row
        while end < len(cursor.lines):
            if end in cursor.headings or cursor.lines[end].startswith(LAST):
                break
            end += 1
        sections[heading] = (cursor.row, end)
        cursor.take(end, Use.STATED)
    return sections


_STATUS_LIKE = re.compile(r"[\w-]+ - [\w.+*-]+/\S+(?: · \S+)?")


@dataclass(frozen=True, slots=True)
class Lists:
    """What the sections list; a section that the page lacks lists nothing."""

    parameters: tuple[Field, ...]
    authorizations: tuple[Field, ...]
    body: Body | None
    response: Response | None


def read_lists(
    cursor: Cursor,
    sections: dict[str, tuple[int, int]],
    path: Fact[str],
    request: CodeRequest | None,
) -> Lists:
    """Read each section's fields; raises PipelineError for a list that is not its section's."""
    lost = _lost(sections, request)
    parameters: list[Field] = []
    authorizations: tuple[Field, ...] = ()
    body = response = None
    for heading, (start, end) in sections.items():
        parameters_only = heading in LOCATIONS
        section = Section(cursor.lines, end, cursor.file, lost, parameters_only, cursor.remarks)
        listed = read_fields(section, start)
        if heading in LOCATIONS:
            _refuse_preamble(cursor, heading, listed)
            location = Fact(LOCATIONS[heading], Origin(Kind.STATED, cursor.file, start))
            parameters += [_located(cursor, one, location) for one in listed.fields]
        elif heading == "Authorizations":
            _refuse_preamble(cursor, heading, listed)
            authorizations = listed.fields
            for one in authorizations:
                if one.location is None:
                    raise cursor.failure(
                        f"the credential {one.name.value!r} does not say where it is sent",
                        "header, query or cookie follows the type; is a heading misspelt?",
                        row_of(one.name),
                    )  # fmt: skip
        else:
            first = listed.preamble[0] if listed.preamble else None
            if first is not None and _is_damaged_media(first.value):
                what = f"the status line {first.value!r} is not understood"
                hint = "as in: 200 - application/json | 4XX - text/plain | default"
                raise cursor.failure(what, hint, row_of(first))
            if heading == "Body":
                body = _body(listed)
            else:
                response = _response(listed)
    known = {one.name.value for one in (*authorizations, *parameters) if _location(one) != "path"}
    parameters += _match_path(cursor, parameters, path, known)
    return Lists(tuple(parameters), authorizations, body, response)


def match_lists(
    cursor: Cursor,
    sections: dict[str, tuple[int, int]],
    lists: Lists,
    request: CodeRequest | None,
    sample: Fact[Any] | None,
) -> None:
    """Hold the sections against headings that were lost, the sample, and what curl sends.

    Raises PipelineError where one of them shows that a field stands in the wrong place.
    """
    _refuse_lost_headings(cursor, sections)
    _match_sample(cursor, sample, lists)
    _match_body(cursor, sections, lists.body, request)
    if request is not None:
        _remark_on_request(cursor, request, lists)


_ALWAYS_SENT = {"accept", "content-type", "content-length", "host", "user-agent"}


def _remark_on_request(cursor: Cursor, request: CodeRequest, lists: Lists) -> None:
    """Remark on headers and a query that curl sends and no section lists, and on another body."""
    listed = {
        (_location(one), one.name.value.lower())
        for one in (*lists.authorizations, *lists.parameters)
    }
    query = parse_qsl(urlsplit(request.url.value).query, keep_blank_values=True)
    sent = [("query", name, request.url) for name, _ in query]
    sent += [("header", name, value) for name, value in request.headers.items()]
    for place, name, shown in sent:
        name_only = name.lower().partition("[")[0]  # `filter[name]=x` is of the object `filter`
        known = {(place, name.lower()), (place, name_only)} & listed or name.lower() in _ALWAYS_SENT
        is_cookie = name.lower() == "cookie" and any(at == "cookie" for at, _ in listed)
        if not known and not is_cookie:
            what = f"curl sends {name!r} in the {place}, which no section lists"
            hint = "was the page cut? if not, an overlay can add the parameter"
            cursor.remark(what, row_of(shown), hint)
    said = lists.body.content_type if lists.body is not None else None
    kinds = [one.value for name, one in request.headers.items() if name.lower() == "content-type"]
    for kind in (one.partition(";")[0].strip() for one in kinds):
        if said is not None and kind.lower() != said.value.partition(";")[0].strip().lower():
            what = f"the body is {said.value} here, but curl sends {kind}"
            cursor.remark(what, row_of(said), "one of the two is damaged, or the vendor's slip")


def _lost(sections: dict[str, tuple[int, int]], request: CodeRequest | None) -> frozenset[str]:
    """Return the sections that the page lacks, though it should have them."""
    lost = set() if "Response" in sections else {"Response"}
    if "Body" not in sections and request is not None and _sends_body(request):
        lost.add("Body")
    return frozenset(lost)


def _sends_body(request: CodeRequest) -> bool:
    typed = any(name.lower() == "content-type" for name in request.headers)
    return typed or request.data is not None or bool(request.form)


def _match_body(
    cursor: Cursor,
    sections: dict[str, tuple[int, int]],
    body: Body | None,
    request: CodeRequest | None,
) -> None:
    """Refuse a section 'Body' that nothing bears out, and data without one.

    A description may be the word `Body`; a body's section has a content type, or the command sends
    data, as every page with a body shows.
    """
    if request is None:
        return
    if body is None:
        if request.data is None:
            return
        what = "curl sends data, but the page has no section 'Body'"
        hint = "is the section missing? without it, what the request holds would be lost"
        if request.data.value.strip() not in ("", "{}"):
            raise cursor.failure(what, hint, row_of(request.data))
        cursor.remark(what, row_of(request.data), hint)
    elif body.content_type is None and not _sends_body(request):
        raise cursor.failure(
            "the page has a section 'Body', but curl sends no body",
            "is the line a description? if so, delete it; if not, capture the page again",
            sections["Body"][0] - 1,
        )


def _is_damaged_media(line: str) -> bool:
    """Return whether a line is a status or content type but for a slip, or marks around it."""
    bare = line.strip(" `*\"'\u2022:,_-")
    if bare != line and heads_answer(bare):
        return True
    return _STATUS_LIKE.fullmatch(line) is not None and STATUS.fullmatch(line) is None


def _refuse_preamble(cursor: Cursor, heading: str, listed: FieldList) -> None:
    if listed.preamble:
        raise cursor.failure(
            f"expected the name of a field under {heading!r}",
            "a name is followed by a line with its type",
            row_of(listed.preamble[0]),
        )
    if not listed.fields:
        raise cursor.failure(f"the section {heading!r} has no fields", None)


def _located(cursor: Cursor, one: Field, location: Fact[str]) -> Field:
    if one.location is not None and one.location.value != location.value:
        raise cursor.failure(
            f"{one.name.value!r} is listed as a {location.value} parameter but flagged "
            f"{one.location.value!r}", None, row_of(one.location),
        )  # fmt: skip
    return replace(one, location=location)


def _match_path(
    cursor: Cursor, parameters: list[Field], path: Fact[str], known: set[str]
) -> list[Field]:
    """Hold the path parameters against the path's templates; return those that no list has.

    Some vendors forget to describe one. But where the name is `known`, from another section's
    list, a heading is missing.
    """
    in_path = re.findall(r"\{([^{}]+)\}", path.value)
    listed = {one.name.value: one for one in parameters if _location(one) == "path"}
    for name, one in listed.items():
        if name not in in_path:
            raise cursor.failure(
                f"the path parameter {name!r} does not stand in the path {path.value}",
                "is a section's heading before it misspelt, or the name?", row_of(one.name),
            )  # fmt: skip
    found = []
    for name in dict.fromkeys(in_path):
        if name in listed:
            continue
        if name in known:
            raise cursor.failure(
                f"the path's parameter {name!r} is not listed under 'Path Parameters'",
                "is the section's heading missing?", row_of(path),
            )  # fmt: skip
        what = f"the path's parameter {name!r} is not listed; it was taken for a string"
        cursor.remarks.append(path.origin.problem(what))
        origin = path.origin.assumed("it stands in the path, but no list has it")
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


def _refuse_lost_headings(cursor: Cursor, sections: dict[str, tuple[int, int]]) -> None:
    """Refuse a heading that is misspelt or glued to a line: its fields would be another section's.

    Only headings of sections that the page lacks count: any text may mention a body.
    """
    lines = cursor.lines
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
            raise cursor.failure(
                f"is this the heading {near[0]!r}?",
                "a heading stands on a line of its own, with a blank line before and after it",
                row,
            )


def _match_sample(cursor: Cursor, sample: Fact[Any] | None, lists: Lists) -> None:
    """Hold the sample's keys against the response's prose: a name there has lost its type."""
    if sample is None:
        return
    shown = sample.value
    if isinstance(shown, list):
        shown = shown[0].value if shown else {}
    if not isinstance(shown, dict):
        return
    response = lists.response
    if response is None:
        others = (*lists.parameters, *(lists.body.fields if lists.body is not None else ()))
        swallowed = [one for one in others if one.name.value in shown]
        if swallowed:
            first = swallowed[-1].name
            raise cursor.failure(
                f"{first.value!r} is a field of the response's sample, "
                "but the page has no section 'Response'",
                "is the heading 'Response' before it missing?",
                row_of(first),
            )
        return
    listed = {one.name.value for one in response.fields}
    prose = [response.description, response.schema_description]
    prose += [one.description for one in response.fields]
    for text in prose:
        for paragraph in text.value.split("\n\n") if text is not None else ():
            if paragraph in shown and paragraph not in listed:
                row = cursor.lines.index(paragraph, row_of(text) if text is not None else 0)
                raise cursor.failure(
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
