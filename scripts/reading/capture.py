"""A captured file, of whatever form, as the page it holds."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.failure import PipelineError
from scripts.reading.document.markdown import holds_document, read_markdown_page
from scripts.reading.html.saved_page import read_html_page
from scripts.reading.line import INVISIBLE, of_text
from scripts.reading.page import DocumentPage, Page
from scripts.reading.relocation import read_lines
from scripts.reading.text.reader import read_page_text
from scripts.reading.variants.normalization import is_suspicious, normalize

SUFFIXES = (".txt", ".md", ".html", ".htm")
"""What the names of captured files end in."""

LARGEST = 5_000_000
"""Bytes of a page: larger ones are refused unread. The largest real ones have about one million."""


def read_capture(path: Path, file: str) -> Page | DocumentPage:
    """Read a captured file; `file` is its name in facts and errors.

    Raises PipelineError for a file that cannot be read, and those of `read_page`.
    """
    try:
        with path.open("rb") as captured:
            data = captured.read(LARGEST + 1)
    except OSError as error:
        hint = "is it a file, and may you read it?"
        raise PipelineError(f"cannot be read: {error.strerror}", file=file, hint=hint) from error
    return read_page(data, file)


def read_page(data: bytes, file: str) -> Page | DocumentPage:
    """Read a page from the bytes of a file, in the form that its name and its content show.

    HTML is read for its visible text. A fence with an OpenAPI document makes a text a page of the
    `.md` form, whatever the file is called. Everything else is page text, an `.md` file without
    such a fence too: converters make markdown of pages. Raises PipelineError with the line, and for
    more than `LARGEST` bytes.
    """
    if len(data) > LARGEST:
        raise PipelineError(
            f"the page is larger than {LARGEST // 1_000_000} MB, and is not read",
            file=file,
            hint="is it a page? capture its text, or the .md behind its address, alone",
        )
    suffix = Path(file).suffix.lower()
    if suffix in (".html", ".htm"):
        return read_html_page(data, file)
    return read_text(_decoded(data, file), file)


def read_text(text: str, file: str) -> Page | DocumentPage:
    """Read a page that is text: of the `.md` form by its fence, else page text."""
    if not text.isascii():
        text = text.translate(INVISIBLE)
    if holds_document(text):
        return read_markdown_page(text, file)
    if re.match(r"\s*<(!doctype html|html)\b", text, re.IGNORECASE):
        raise PipelineError(
            "the file holds HTML", file=file, line=1, hint="call it NAME.html, then it is read so"
        )
    try:
        page = read_page_text(text, file)
    except PipelineError as error:
        # Another form of page, or a damaged one: the reader that got further understood more.
        form = normalize(of_text(text), file)
        try:
            return read_lines(form, text, file)
        except PipelineError as other:
            raise max(other, error, key=lambda one: one.problems[0].line or 0) from None
    if is_suspicious(text):
        return read_lines(normalize(of_text(text), file), text, file)
    return page


def _decoded(data: bytes, file: str) -> str:
    encoding = "UTF-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "UTF-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PipelineError(
            f"the page is not {encoding} text", file=file, line=line, hint="save it again as UTF-8"
        ) from None
    return text if "\n" in text else text.replace("\r", "\n")
