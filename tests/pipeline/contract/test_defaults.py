"""A default or a pattern that fits nothing is left out with a notice; the page stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.contract import pipeline, validation
from scripts.facts import plain

TEXT = """\
GET
/
parcels
List parcels

Query Parameters

limit
TYPE
default:DEFAULT

Response

200 - application/json

The parcels
"""
DOCUMENT = """\
````yaml openapi.yaml get /parcels
openapi: 3.1.0
info: {title: Post, version: '1'}
paths:
  /parcels:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Parcel'}
components:
  schemas:
    Size: {type: string, enum: [small, large]}
    Parcel:
      type: object
      properties:
        limit: SCHEMA
````
"""


def built(folder: Path, text: str, file: str) -> pipeline.Built:
    docs = folder / "docs"
    docs.mkdir()
    (docs / file).write_text(text)
    return pipeline.build(docs, [], root=docs, checks=(validation.problems,))


@pytest.mark.parametrize(
    ("type_", "default", "fits"),
    [
        ("integer", "5", True),
        ("integer", "five", False),
        ("integer", "5.5", False),
        ("boolean", "yes", False),
        ("number | null", "much", False),
        ("string[]", "[]", True),
        ("string[]", "all", False),
        ("string<date-time>", "now", False),
        ("string<date-time>", "2024-05-01T00:00:00Z", True),
        ("string<uri>", "/parcels", False),
        ("string", "5", True),
    ],
)
def test_page_text(tmp_path: Path, type_: str, default: str, fits: bool) -> None:
    found = built(tmp_path, TEXT.replace("TYPE", type_).replace("DEFAULT", default), "page.txt")
    (parameter,) = plain(found.contract)["paths"]["/parcels"]["get"]["parameters"]
    assert ("default" in str(parameter["schema"])) is fits
    notices = [(one.file, one.line) for one in found.notices if "default" in one.what]
    assert notices == ([] if fits else [("page.txt", 10)])


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        ("{type: integer, default: 5}", True),
        ("{type: integer, default: five}", False),
        ("{$ref: '#/components/schemas/Size', default: small}", True),
        ("{$ref: '#/components/schemas/Size', default: huge}", False),
        ("{type: array, items: {type: integer}, default: [1, two]}", False),
        ("{type: string, format: date, default: today}", False),
        ("{type: object, properties: {default: {type: string}}}", True),
    ],
)
def test_document(tmp_path: Path, schema: str, fits: bool) -> None:
    found = built(tmp_path, DOCUMENT.replace("SCHEMA", schema), "page.md")
    (line,) = [at for at, one in enumerate(DOCUMENT.split("\n"), 1) if "SCHEMA" in one]
    assert [(one.file, one.line) for one in found.notices] == ([] if fits else [("page.md", line)])
    schemas = plain(found.contract)["components"]["schemas"]
    limit = [schemas["Parcel"]["properties"]["limit"], schemas.get("ParcelLimit")]
    assert ("default" in str(limit)) is fits


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("^[a-z]+$", True), ("[a-z", False), ("(?P<year>[0-9]+)", False), ("[\\\\w-.]+", True)],
)
def test_pattern(tmp_path: Path, pattern: str, fits: bool) -> None:
    """A pattern that is no regular expression of JavaScript's is left out likewise."""
    text = DOCUMENT.replace("SCHEMA", f'{{type: string, pattern: "{pattern}"}}')
    found = built(tmp_path, text, "page.md")
    assert ["the pattern" in one.what for one in found.notices] == ([] if fits else [True])
    schema = plain(found.contract)["components"]["schemas"]["Parcel"]["properties"]["limit"]
    assert ("pattern" in schema) is fits
