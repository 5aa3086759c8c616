"""A page that was saved from a browser as HTML: its visible text, read as page text."""

from __future__ import annotations

import re

from scripts.failure import PipelineError
from scripts.reading.document.markdown import holds_document
from scripts.reading.html.visible_text import decoded, title, visible_lines
from scripts.reading.page import DocumentPage, Page
from scripts.reading.relocation import read_lines
from scripts.reading.variants.normalization import Form, normalize


def read_html_page(data: bytes, file: str) -> Page | DocumentPage:
    """Read a page from the bytes of an HTML file; lines in facts and errors are the file's.

    Raises PipelineError for an encoding that is not known or does not fit, for HTML without
    visible text, and where the visible text is no page.
    """
    source = decoded(data, file)
    return read_lines(_form(source, file), source, file)


def page_text(data: bytes, file: str) -> str:
    """Return the page text of HTML; raises PipelineError as `read_html_page` does of HTML."""
    return "\n".join(line.text for line in _form(decoded(data, file), file).lines)


_TAG = re.compile(
    r"<(/?)(?!(?:p|li|t[dhr]|d[dt]|option|br|hr|img|input|link|meta)\b)[a-z][^<>]*?(/?)>",
    re.IGNORECASE,
)
"""A tag of an element that has an end tag of its own, which the next one does not close."""
_DEEPEST = 2000
"""How deep elements may be nested: a parser takes the square of it, a minute for 100,000."""


def _is_too_deep(source: str) -> bool:
    depth = 0
    for tag in _TAG.finditer(source):
        if tag[1]:
            depth = max(depth - 1, 0)
        elif not tag[2]:
            depth += 1
            if depth > _DEEPEST:
                return True
    return False


def _form(source: str, file: str) -> Form:
    what = "the HTML is nested deeper than any page is"
    if _is_too_deep(source):
        raise PipelineError(what, file=file, line=1)
    try:
        lines = visible_lines(source)
        heading = title(source)
    except RecursionError:
        raise PipelineError(what, file=file, line=1) from None
    if not lines:
        raise PipelineError(
            "the HTML has no visible text", file=file, line=1,
            hint="was the page saved before its scripts had drawn it? save it again",
        )  # fmt: skip
    if holds_document("\n".join(line.text for line in lines)):
        return Form(lines)  # an .md page, as a browser shows it
    return normalize(lines, file, heading)
