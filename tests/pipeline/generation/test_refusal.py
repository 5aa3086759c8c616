"""What no generator could do rightly is refused at the line that states it."""

from __future__ import annotations

import pytest

from scripts.documents import parse_facts
from scripts.failure import PipelineError, refuse
from scripts.generation import refusal

HEAD = "openapi: 3.1.1\ninfo: {title: a, version: '1'}\npaths:\n"
OPERATION = "  /x:\n    get:\n      operationId: getX\n      parameters:\n        - "


@pytest.mark.parametrize(
    ("document", "line", "message"),
    [
        (
            OPERATION + "{name: a, in: header, schema: {type: array}}",
            8,
            "is no plain value, in a header",
        ),
        (
            OPERATION + "{name: a, in: cookie, schema: {type: object}}",
            8,
            "is no plain value, in a cookie",
        ),
        (
            OPERATION + "{name: a, in: query, content: {text/plain: {}}}",
            8,
            "has a content and no schema",
        ),
        (
            OPERATION + "{name: a, in: path, style: matrix, schema: {type: string}}",
            8,
            "is of the style 'matrix' in a path",
        ),
        (
            OPERATION + "{name: a, in: query, schema: {type: [object, 'null']}}",
            8,
            "is an object, but not always",
        ),
        (
            "  /x:\n    get:\n      operationId: " + "x" * 3000,
            6,
            "has 3000 characters",
        ),
        (
            "  {}\ncomponents:\n  schemas:\n    FooBar: {}\n    foo_bar: {}",
            8,
            "'FooBar' and 'foo_bar' give the same Python class",
        ),
        (
            "  {}\ncomponents:\n  schemas:\n    A: {enum: [" + "1, " * 50_000 + "1]}",
            7,
            "50001 members of one schema are more than 50000",
        ),
    ],
)
def test_refused(document: str, line: int, message: str) -> None:
    """It is an error that names the line."""
    lines = (HEAD + document).split("\n")
    with pytest.raises(PipelineError, match=message) as caught:
        refuse(refusal.problems(parse_facts(lines, 0, len(lines), "page.md", json=False)))
    assert [problem.line for problem in caught.value.problems] == [line]
