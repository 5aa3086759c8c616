"""Reading page text: what a browser's visible text gives of a documentation page.

The page is taken from top to bottom, part by part: head (method, path, title), the curl command,
the response's sample, the documentation index, sections of fields, the date. Every line is
accounted for by the part that reads it; a line that no part knows is an error.
"""

from __future__ import annotations

import re

from scripts.facts import Fact
from scripts.reading.line import of_text, refuse_controls
from scripts.reading.page import Page, Use
from scripts.reading.text.completeness import look_for_cuts, refuse_other_lists
from scripts.reading.text.cursor import HEADINGS, LAST, Cursor, row_of
from scripts.reading.text.field_line import heads_answer, is_structure
from scripts.reading.text.head import (
    path_and_title,
    read_base_url,
    read_code,
    read_head,
    read_prose,
)
from scripts.reading.text.sections import match_lists, read_lists, read_sections

_MODIFIED = re.compile(rf"{LAST} (?P<date>[A-Z][a-z]+ \d{{1,2}}, \d{{4}})")


def read_page_text(text: str, file: str) -> Page:
    """Return what the page says. `file` is its name in facts and errors.

    Raises PipelineError naming the first line that is neither recognised nor page furniture.
    """
    cursor = Cursor(file, [_flush(line.text) for line in of_text(text)])
    refuse_controls(cursor.lines, file)
    head = read_head(cursor)
    method = head.method
    request, sample = read_code(cursor)
    path, title = path_and_title(head.path, head.title, request)
    description, deprecated = read_prose(cursor, has_sample=sample is not None)
    sections = read_sections(cursor)
    modified = _read_last_modified(cursor)
    cursor.skip_blank()
    if cursor.line is not None:
        raise cursor.failure(
            "no rule accounts for this line",
            f"a section begins with one of: {', '.join(HEADINGS)}",
        )
    if request is None and sample is None and not sections:
        raise cursor.failure(
            "the page says nothing behind its title",
            "was it cut off? a command, a sample or a section belongs here",
        )
    base_url = read_base_url(cursor, request, path, head.servers)
    if request is not None and request.method.value != method.value:
        raise cursor.failure(
            f"curl's method {request.method.value} is not the page's method {method.value}",
            f"line {method.origin.line} says {method.value}; one of the two is damaged",
            row_of(request.method),
        )
    lists = read_lists(cursor, sections, path, request)
    match_lists(cursor, sections, lists, request, sample)
    refuse_other_lists(cursor, sections, lists)
    look_for_cuts(cursor, lists, request, sample, dated=modified is not None)
    assert None not in cursor.uses, "every part accounts for its lines"
    return Page(
        file=file,
        method=method,
        path=path,
        title=title,
        description=description,
        base_url=base_url,
        request=request,
        sample=sample,
        authorizations=lists.authorizations,
        parameters=lists.parameters,
        body=lists.body,
        response=lists.response,
        last_modified=modified,
        uses=tuple(use for use in cursor.uses if use is not None),
        remarks=tuple(cursor.remarks),
        servers=head.servers,
        deprecated=deprecated,
    )


def _flush(line: str) -> str:
    """Return a line without the white space before it where that can mean nothing."""
    if not line[:1].isspace():
        return line
    bare = line.strip()
    heads = bare in HEADINGS or heads_answer(bare)
    known = not bare or heads or bare.startswith(LAST) or is_structure(bare)
    return bare if known else line


def _read_last_modified(cursor: Cursor) -> Fact[str] | None:
    if cursor.line is None or not cursor.line.startswith(LAST):
        return None
    match = _MODIFIED.fullmatch(cursor.line)
    if match is None:
        raise cursor.failure("expected a date here", f"as in: {LAST} May 27, 2026")
    date = cursor.stated(match["date"])
    cursor.take(cursor.row + 1, Use.FURNITURE)
    return date
