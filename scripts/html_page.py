"""A page that was saved from a browser as HTML: its visible text, read as page text."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from scripts.facts import Origin
from scripts.failure import PipelineError, Problem
from scripts.html_text import VisibleLine, decoded, title, visible_lines
from scripts.markdown_page import holds_document, read_markdown_page
from scripts.page import DocumentPage, Page, Use
from scripts.page_text import read_page_text

__all__ = ["page_text", "read_html_page"]

_METHOD = re.compile(r"GET|PUT|POST|DEL(?:ETE)?|OPTIONS|HEAD|PATCH|TRACE")


def read_html_page(data: bytes, file: str) -> Page | DocumentPage:
    """Read a page from the bytes of an HTML file; lines in facts and errors are the file's.

    Raises PipelineError for an encoding that is not known or does not fit, for HTML without
    visible text, and where the visible text is no page.
    """
    source = decoded(data, file)
    lines = _page_lines(source, file)
    text = "\n".join(line.text for line in lines)
    rows = [line.row for line in lines]
    try:
        if holds_document(text):
            page: Page | DocumentPage = read_markdown_page(text, file)
        else:
            page = read_page_text(text, file)
    except PipelineError as error:
        raise PipelineError.of(_moved(problem, rows) for problem in error.problems) from None
    uses = _uses(source, rows, page.uses)
    relocated: Page | DocumentPage = _relocated(page, rows)
    return dataclasses.replace(relocated, uses=uses)


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
    path, rest = _path(_from_text(lines[at + 1 :]), heading)
    rest = _from_text(rest)
    if heading is not None and not (rest and rest[0].text == heading):
        row = next((line.row for line in before if line.text == heading), method.row)
        named = [VisibleLine(heading, row, "h1")]
    else:
        named, rest = rest[:1], _from_text(rest[1:])
    above = next((i for i, line in enumerate(before) if line.within == "h1"), None)
    prose = [] if above is None else [one for one in before[above + 1 :] if one.within != "pre"]
    prose = _from_text(prose)
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


def _from_text(lines: list[VisibleLine]) -> list[VisibleLine]:
    """Return the lines from the first that is not blank."""
    return lines[next((i for i, line in enumerate(lines) if line.text), len(lines)) :]


def _relocated(value: Any, rows: list[int]) -> Any:
    """Return a page with the lines of its visible text replaced by those of the file."""
    if isinstance(value, Origin):
        line = None if value.line is None else rows[value.line - 1] + 1
        return dataclasses.replace(value, line=line)
    if isinstance(value, dict):
        return {key: _relocated(member, rows) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_relocated(member, rows) for member in value])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(
            value,
            **{
                one.name: _relocated(getattr(value, one.name), rows)
                for one in dataclasses.fields(value)
            },
        )
    return value


def _moved(problem: Problem, rows: list[int]) -> Problem:
    if problem.line is None:
        return problem
    return dataclasses.replace(problem, line=rows[min(problem.line, len(rows)) - 1] + 1)


def _uses(source: str, rows: list[int], uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """Return the use of each line of the file: markup without visible text is furniture."""
    found = [Use.FURNITURE if line.strip() else Use.BLANK for line in source.split("\n")]
    for row, use in zip(rows, uses, strict=False):
        if use is not Use.BLANK and found[row] in (Use.FURNITURE, Use.BLANK):
            found[row] = use
    return tuple(found)
