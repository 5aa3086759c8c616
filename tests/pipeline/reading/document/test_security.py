"""Security requirements that name no scheme, and references that lead back to themselves."""

from __future__ import annotations

import pytest

from scripts.facts import Kind, plain
from scripts.failure import PipelineError
from scripts.reading.capture import read_page
from scripts.reading.page import DocumentPage

PAGE = """\
````yaml openapi.yaml get /parcels
openapi: 3.1.0
info: {title: Post, version: '1'}
security: [{token: []}]
paths:
  /parcels:
    get:
      security: SECURITY
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Parcel'}
components:
  schemas:
    Parcel: SCHEMA
    Other: OTHER
  securitySchemes:
    token: {type: http, scheme: bearer}
````
"""


def read(security: str = "[{token: []}]", schema: str = "{}", other: str = "{}") -> DocumentPage:
    text = PAGE.replace("SECURITY", security).replace("SCHEMA", schema).replace("OTHER", other)
    page = read_page(text.encode(), "page.md")
    assert isinstance(page, DocumentPage)
    return page


@pytest.mark.parametrize("security", ["[{token: []}]", "[{}]", "[]", "[{token: [a]}, {}]"])
def test_known_schemes(security: str) -> None:
    """Requirements of schemes that the document holds, and none at all, need no word."""
    page = read(security)
    assert page.remarks == ()
    assert list(page.document.value["components"].value["securitySchemes"].value) == ["token"]


def test_unknown_scheme() -> None:
    """A scheme that is not there is assumed to be a bearer token, with a remark at its line."""
    page = read("[{key: []}, {token: []}]")
    assert [(one.file, one.line, "'key'" in one.what) for one in page.remarks] == [
        ("page.md", 8, True)
    ]
    scheme = page.document.value["components"].value["securitySchemes"].value["key"]
    assert plain(scheme) == {"type": "http", "scheme": "bearer"}
    assert scheme.origin.kind is Kind.ASSUMED


@pytest.mark.parametrize(
    ("schema", "other", "line"),
    [
        ("{$ref: '#/components/schemas/Parcel'}", "{}", 17),
        ("{$ref: Parcel}", "{}", 17),
        ("{$ref: '#/components/schemas/Other'}", "{$ref: '#/components/schemas/Parcel'}", 18),
        ("{}", "{allOf: [{type: object}, {$ref: '#/components/schemas/Other'}]}", 18),
        ("{anyOf: [{$ref: '#/components/schemas/Other'}]}",
         "{oneOf: [{type: string}, {$ref: '#/components/schemas/Parcel'}]}", 18),
    ],
)  # fmt: skip
def test_reference_to_itself(schema: str, other: str, line: int) -> None:
    """A schema that is itself is refused at the line of the reference."""
    with pytest.raises(PipelineError, match=r"leads (back to itself|out of the page)") as caught:
        read(schema=schema, other=other)
    assert caught.value.problems[0].line == line


@pytest.mark.parametrize(
    ("schema", "other"),
    [
        ("{properties: {inner: {$ref: '#/components/schemas/Parcel'}}}", "{}"),
        ("{anyOf: [{type: string}, {items: {$ref: '#/components/schemas/Parcel'}}]}", "{}"),
        ("{allOf: [{$ref: '#/components/schemas/Other'}, {$ref: '#/components/schemas/Other'}]}",
         "{type: object}"),
        ("true", "false"),
        ("{properties: {any: true, none: false}, items: true}", "{not: true}"),
    ],
)  # fmt: skip
def test_what_may_stand(schema: str, other: str) -> None:
    """A schema may hold itself, two may refer to one, and a schema may be true or false."""
    assert read(schema=schema, other=other).remarks == ()
