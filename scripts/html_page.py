"""A page that was saved from a browser as HTML: its visible text, read as page text."""

from __future__ import annotations

import dataclasses
import re

from scripts.failure import PipelineError
from scripts.html_text import VisibleLine, decoded, from_text, title, visible_lines
from scripts.page import DocumentPage, Page
from scripts.relocation import read_lines

__all__ = ["page_text", "read_html_page"]

_METHOD = re.compile(r"GET|PUT|POST|DEL(?:ETE)?|OPTIONS|HEAD|PATCH|TRACE")


def read_html_page(data: bytes, file: str) -> Page | DocumentPage:
    """Read a page from the bytes of an HTML file; lines in facts and errors are the file's.

    Raises PipelineError for an encoding that is not known or does not fit, for HTML without
    visible text, and where the visible text is no page.
    """
    source = decoded(data, file)
    lines = _page_lines(source, file)
    return read_lines(lines, source, file)


def page_text(data: bytes, file: str) -> str:
    """Return the page text of HTML; raises PipelineError as `read_html_page` does of HTML."""
    return "\n".join(line.text for line in _page_lines(decoded(data, file), file))


def _page_lines(source: str, file: str) -> list[VisibleLine]:
    try:
        lines = _headed(visible_lines(source), title(source))
    except RecursionError:
        what = "the HTML is nested deeper than any page is"
        raise PipelineError(what, file=file, line=1) from None
    if not lines:
        raise PipelineError(
            "the HTML has no visible text", file=file, line=1,
            hint="was the page saved before its scripts had drawn it? save it again",
        )  # fmt: skip
    return lines


def _headed(lines: list[VisibleLine], heading: str | None) -> list[VisibleLine]:
    """Bring a page's head into the order of page text: method, path, title, code, prose.

    On the screen, title and description may stand above method and path. What stands above the
    title, such as a breadcrumb, is no part of the page.
    """
    at = next((i for i in range(len(lines)) if _begins_operation(lines, i)), None)
    if at is None:
        return lines
    before, method = lines[:at], lines[at]
    path, rest = _path(from_text(lines[at + 1 :]), heading)
    rest = from_text(rest)
    if heading is not None and not (rest and rest[0].text == heading):
        row = next((line.row for line in before if line.text == heading), method.row)
        named = [VisibleLine(heading, row, "h1")]
    else:
        named, rest = rest[:1], from_text(rest[1:])
    above = next((i for i, line in enumerate(before) if line.within == "h1"), None)
    prose = [] if above is None else [one for one in before[above + 1 :] if one.within != "pre"]
    prose = from_text(prose)
    section = next((i for i, line in enumerate(rest) if line.within == "heading"), len(rest))
    code = max((i + 1 for i in range(section) if rest[i].within == "pre"), default=0)
    if code == 0:  # the column of code stands before all else in the source
        column = [line for line in before if line.within == "pre"]
        rest, code = [*column, *rest], len(column)
    blank = VisibleLine("", method.row, "")
    spaced = [blank, *prose, blank] if prose else []
    spelt = dataclasses.replace(method, text="DELETE" if method.text == "DEL" else method.text)
    return [spelt, *path, *named, *rest[:code], *spaced, *rest[code:]]


def _begins_operation(lines: list[VisibleLine], at: int) -> bool:
    after = next((line.text for line in lines[at + 1 :] if line.text), "")
    return bool(_METHOD.fullmatch(lines[at].text)) and re.fullmatch(r"/\S*", after) is not None


def _path(
    lines: list[VisibleLine], heading: str | None
) -> tuple[list[VisibleLine], list[VisibleLine]]:
    """Split the path off, a slash or a segment on each line, though it stood on a single line."""
    if lines[0].text != "/":
        parts = re.findall(r"/|[^/]+", lines[0].text)
        return [dataclasses.replace(lines[0], text=part) for part in parts], lines[1:]
    end = 0
    while end < len(lines) and lines[end].text:
        segment = end > 0 and lines[end - 1].text == "/" and lines[end].text != heading
        if lines[end].text != "/" and not segment:
            break
        end += 1
    return lines[:end], lines[end:]
