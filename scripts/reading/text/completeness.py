"""Signs that a capture was cut: what one part of a page shows, and another should list too.

A cut page may read well, since lists simply end. What gives it away are the samples, which stand
above the lists and show the same members, and a list of options that is the last of the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from scripts.facts import Fact, Kind
from scripts.reading.page import CodeRequest, Field, Use
from scripts.reading.text.cursor import Cursor, row_of
from scripts.reading.text.head import NO_SAMPLE
from scripts.reading.text.sections import Lists

_ANY_KEY = re.compile(r"\{[^{}]*\}|<[^<>]*>|(?:additionalProp|property)\d+")
"""How a sample prints a key that stands for any key of a map."""
_ENTRY = re.compile(
    r"(?:[\s|*\u2022+`-]+(?P<listed>))?[\w.$\[\]{}-]+[`*]*"
    r"(?:\s*(?:[|(\t]|(?(listed):|(?!)))\s*[`*]*|\s+(?=\S+\s+(?:required|optional)\b))"
    r"(?:string|integer|number|boolean|object|array|enum|double|float|int|bool|file|list|map)"
    r"(?:<[^<>]*>|\[\])*[`*]*\s*(?:[|,)\t\u2013\u2014-].*|(?:required|optional)\b.*)?",
    re.IGNORECASE,
)
"""A field as other sites list it: in a row of a table, behind a bullet, or on one line.

A colon alone may be an author's: `Returns: string`.
"""
_AGAIN = "was the page cut? capture it again"


def look_for_cuts(
    cursor: Cursor,
    lists: Lists,
    request: CodeRequest | None,
    sample: Fact[Any] | None,
    *,
    dated: bool,
) -> None:
    """Remark on what the samples show and no section lists, and on a page that ends in options.

    `dated` says that the page's last line, its date, is there. Raises PipelineError where two signs
    agree: the page ends in options, and the section that describes the sample is not there.
    """
    fields = [*lists.authorizations, *lists.parameters]
    fields += lists.body.fields if lists.body is not None else ()
    response = lists.response
    fields += response.fields if response is not None else ()
    last = max((row for row, line in enumerate(cursor.lines) if line), default=0)
    enum = None if dated else _ends_in(fields, last)
    if response is None:
        if enum is not None and sample is not None:
            raise cursor.failure(
                f"the page ends in the options of {enum!r}, and has no section 'Response'",
                _AGAIN, last,
            )  # fmt: skip
        if sample is not None:
            what = "the page shows a sample of the response, but has no section 'Response'"
            cursor.remark(what, last, _AGAIN)
        elif not any(NO_SAMPLE.fullmatch(line) for line in cursor.lines):
            cursor.remark("the page does not say what the operation answers", last, _AGAIN)
    elif not response.branches:
        shown = sample.value if sample is not None else None
        if isinstance(shown, list):
            shown = next((one.value for one in shown if isinstance(one.value, dict)), None)
        rows = {key: row_of(one) for key, one in shown.items()} if isinstance(shown, dict) else {}
        _compare(cursor, "Response", rows, response.fields)
        if response.description is None and not response.fields:
            cursor.remark("the section 'Response' says nothing", last, _AGAIN)
    if enum is not None:
        cursor.remark(f"the page ends in the options of {enum!r}: the last may be cut", last)
    body, data = lists.body, request.data if request is not None else None
    if body is not None and body.fields and not body.branches and data is not None:
        _compare(cursor, "Body", dict.fromkeys(_keys(data.value), row_of(data)), body.fields)


def refuse_other_lists(cursor: Cursor, sections: dict[str, tuple[int, int]], lists: Lists) -> None:
    """Refuse a page whose fields are listed in a form that is not read: they would be prose.

    Raises PipelineError at the first of them, where the page or a section lists no field else.
    """
    listed = {"Body": lists.body, "Response": lists.response}
    bare = [
        range(*sections[name]) for name, one in listed.items() if one is not None and not one.fields
    ]
    fields = [*lists.parameters, *(one for part in listed.values() if part for one in part.fields)]
    if all(one.name.origin.kind is Kind.ASSUMED for one in fields):
        bare = [range(len(cursor.lines))]
    for row in (row for rows in bare for row in rows):
        if cursor.uses[row] is Use.STATED and _ENTRY.fullmatch(cursor.lines[row][:200]):
            raise cursor.failure(
                "the fields are listed in a form that is not known here",
                "a name and its type stand on a line each: capture the page's text, or its .md",
                row,
            )


def _compare(cursor: Cursor, heading: str, rows: dict[str, int], fields: Sequence[Field]) -> None:
    """Remark on the members of a sample, by their rows, that a section does not list."""
    listed = {one.name.value for one in fields}
    whole = {name.partition(".")[0] for name in listed}
    unlisted = [key for key in rows if key not in listed | whole and not _ANY_KEY.fullmatch(key)]
    if not unlisted or any(_ANY_KEY.fullmatch(name) for name in listed):
        return
    names = ", ".join(map(repr, unlisted[:5])) + (" ..." if len(unlisted) > 5 else "")
    cursor.remark(
        f"the sample shows {names}, which the section {heading!r} does not list",
        rows[unlisted[0]],
        "only the sample shows them: was the section cut, or is it the sample of another status?"
        if heading == "Response"
        else "only the sample shows them: was the section cut?",
    )


def _keys(data: str) -> list[str]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return []
    return list(value) if isinstance(value, dict) else []


def _ends_in(fields: Sequence[Field], last: int) -> str | None:
    """Return the name of the field whose options end in the page's last line, if one's do."""
    for one in fields:
        options = one.keywords.get("enum")
        if options is not None and options.value and row_of(options.value[-1]) == last:
            return one.name.value
        if (inner := _ends_in(one.children, last)) is not None:
            return inner
    return None
