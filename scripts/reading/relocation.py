"""Pages that were read from derived lines, with the lines of the file that they came from."""

from __future__ import annotations

import dataclasses
from typing import Any

from scripts.facts import Origin
from scripts.failure import PipelineError, Problem
from scripts.reading.document.markdown import holds_document, read_markdown_page
from scripts.reading.page import DocumentPage, Page, Use
from scripts.reading.text.reader import read_page_text
from scripts.reading.variants.normalization import Form


def read_lines(form: Form, source: str, file: str) -> Page | DocumentPage:
    """Read a page from lines that were made of the file's; facts and errors name the file's.

    Raises PipelineError where the lines are no page.
    """
    lines = form.lines
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
    if isinstance(relocated, Page):
        remarks = (*form.remarks, *(_moved(remark, rows) for remark in relocated.remarks))
        return dataclasses.replace(relocated, uses=uses, remarks=remarks)
    return dataclasses.replace(relocated, uses=uses)


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
    at = rows[min(problem.line, len(rows)) - 1] if rows else 0
    return dataclasses.replace(problem, line=at + 1)


def _uses(source: str, rows: list[int], uses: tuple[Use, ...]) -> tuple[Use, ...]:
    """Return the use of each line of the file: markup without visible text is furniture."""
    found = [Use.FURNITURE if line.strip() else Use.BLANK for line in source.split("\n")]
    for row, use in zip(rows, uses, strict=False):
        if use is not Use.BLANK and found[row] in (Use.FURNITURE, Use.BLANK):
            found[row] = use
    return tuple(found)
