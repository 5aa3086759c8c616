"""The `.md` pages of 2025, which hold the platform's internal model."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.facts import Kind, plain
from scripts.failure import PipelineError
from scripts.reading.document.markdown import read_markdown_page
from scripts.reading.page import DocumentPage, Use

PAGE = """\
# Create invoice

> Creates an invoice.

## OpenAPI

````yaml openapi.yaml post /orgs/{org}/invoices
paths:
  path: /orgs/{org}/invoices
  method: post
  servers:
    - url: https://{region}.example.com
      variables:
        region:
          type: string
          default: eu
  request:
    security:
      - title: org key & org secret
        parameters:
          query: {}
          header:
            X-Key:
              type: apiKey
              description: The key
            X-Secret:
              type: apiKey
          cookie: {}
      - title: OAuth
        parameters:
          query: {}
          header:
            Authorization:
              type: oauth2
          cookie: {}
      - title: bearer
        parameters:
          query: {}
          header:
            Authorization:
              type: http
              scheme: bearer
          cookie: {}
      - title: ''
        parameters:
          query: {}
          header: {}
          cookie: {}
    parameters:
      path:
        org:
          schema:
            - type: string
              required: true
              description: The organisation
              format: uuid
      query:
        state:
          schema:
            - type: enum<string>
              enum:
                - open
                - paid
              required: false
              refIdentifier: '#/components/schemas/State'
              description: Only these
          explode: true
        tags:
          schema:
            - type: array
              items:
                allOf:
                  - type: string
                    maxLength: 5
        limit:
          schema:
            - type: integer
              required: false
              title: Limit
              default: 10
            - type: 'null'
              required: false
              title: Limit
              default: 10
      header:
        X-Trace:
          schema:
            - type: any
              deprecated: true
      cookie: {}
    body:
      application/json:
        schemaArray:
          - type: object
            properties:
              amount:
                allOf:
                  - &amount
                    type: integer
                    minimum: 0
                    exclusiveMinimum: true
                    example: 5
              lines:
                allOf:
                  - type: array
                    items:
                      $ref: '#/components/schemas/Line'
              note:
                allOf:
                  - type: string
                    nullable: true
            required: true
            description: What to bill
            refIdentifier: '#/components/schemas/NewInvoice'
            requiredProperties: &wanted
              - amount
            additionalProperties: false
        examples:
          example:
            value:
              amount: 5
          large:
            summary: A large one
            value:
              amount: 50000
        description: The invoice
      multipart/form-data:
        schemaArray:
          - type: object
            properties:
              file:
                allOf:
                  - type: string
                    format: binary
            required: true
            requiredProperties:
              - file
    codeSamples:
      - lang: bash
        source: |-
          curl one

          curl two
  response:
    '200':
      application/json:
        schemaArray:
          - type: object
            properties:
              total:
                allOf:
                  - *amount
            refIdentifier: '#/components/schemas/Invoice'
            requiredProperties: *wanted
          - type: object
            properties: {}
        examples:
          example:
            value:
              total: 5
        description: Created
    '201':
      application/pdf:
        schemaArray:
          - type: file
            contentEncoding: binary
        examples:
          example: {}
        description: The file
    '202': {}
    '404':
      _mintlify/placeholder:
        schemaArray:
          - type: any
            description: No such organisation
        examples: {}
        description: No such organisation
  deprecated: true
  type: path
components:
  schemas:
    Line:
      type: object
      properties:
        text:
          type: string
          nullable: true

````
"""


def read(text: str = PAGE) -> DocumentPage:
    return read_markdown_page(text, "page.md")


@pytest.fixture(scope="module")
def document() -> Any:
    return plain(read().document)


@pytest.fixture(scope="module")
def operation(document: Any) -> Any:
    return document["paths"]["/orgs/{org}/invoices"]["post"]


def test_it_is_openapi_31(document: Any, operation: Any) -> None:
    """The model comes out as a document of OpenAPI 3.1."""
    assert document["openapi"].startswith("3.1")
    assert operation["deprecated"] is True


def test_title_and_description_are_the_pages(operation: Any) -> None:
    """The model leaves summary and description out; the page has them above."""
    assert operation["summary"] == "Create invoice"
    assert operation["description"] == "Creates an invoice."


def test_servers_lose_what_openapi_lacks(document: Any) -> None:
    """Variables of servers keep their default, and lose the model's type."""
    assert document["servers"] == [
        {"url": "https://{region}.example.com", "variables": {"region": {"default": "eu"}}}
    ]


def test_credentials(document: Any, operation: Any) -> None:
    """Alternatives, credentials that go together, and no credentials at all are distinguished."""
    assert operation["security"] == [
        {"org_key": [], "org_secret": []},
        {"OAuth": []},
        {"bearer": []},
        {},
    ]
    assert document["components"]["securitySchemes"] == {
        "org_key": {"type": "apiKey", "description": "The key", "in": "header", "name": "X-Key"},
        "org_secret": {"type": "apiKey", "in": "header", "name": "X-Secret"},
        "OAuth": {"type": "oauth2", "flows": {}},
        "bearer": {"type": "http", "scheme": "bearer"},
    }


def test_parameters(operation: Any) -> None:
    """Parameters of all places, with unions, enums, arrays, styles and what is said of them."""
    assert operation["parameters"] == [
        {
            "name": "org",
            "in": "path",
            "description": "The organisation",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        },
        {
            "name": "state",
            "in": "query",
            "description": "Only these",
            "explode": True,
            "schema": {"$ref": "#/components/schemas/State"},
        },
        {
            "name": "tags",
            "in": "query",
            "schema": {"type": "array", "items": {"type": "string", "maxLength": 5}},
        },
        {
            "name": "limit",
            "in": "query",
            "schema": {
                "anyOf": [{"type": "integer"}, {"type": "null"}],
                "title": "Limit",
                "default": 10,
            },
        },
        {"name": "X-Trace", "in": "header", "deprecated": True, "schema": {}},
    ]


def test_components_have_their_names(document: Any) -> None:
    """`refIdentifier` names the component that a body or parameter is."""
    assert document["components"]["schemas"] == {
        "Line": {"type": "object", "properties": {"text": {"type": ["string", "null"]}}},
        "State": {"type": "string", "enum": ["open", "paid"]},
        "NewInvoice": {
            "type": "object",
            "properties": {
                "amount": {"type": "integer", "exclusiveMinimum": 0, "examples": [5]},
                "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                "note": {"type": ["string", "null"]},
            },
            "description": "What to bill",
            "required": ["amount"],
            "additionalProperties": False,
        },
        "Invoice": {
            "type": "object",
            "properties": {"total": {"type": "integer", "exclusiveMinimum": 0, "examples": [5]}},
            "required": ["amount"],
        },
    }


def test_the_body(operation: Any) -> None:
    """Each content type has its schema; the author's examples stay, made-up ones do not."""
    body = operation["requestBody"]
    assert (body["required"], body["description"]) == (True, "The invoice")
    assert body["content"]["application/json"] == {
        "schema": {"$ref": "#/components/schemas/NewInvoice"},
        "examples": {"large": {"summary": "A large one", "value": {"amount": 50000}}},
    }
    form = body["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["file"]
    assert form["properties"]["file"]["format"] == "binary"


def test_responses(operation: Any) -> None:
    """Unions, files, empty answers and answers without a body."""
    responses = operation["responses"]
    assert responses["200"]["content"]["application/json"]["schema"] == {
        "anyOf": [{"$ref": "#/components/schemas/Invoice"}, {"type": "object"}]
    }
    assert responses["201"]["content"]["application/pdf"]["schema"]["format"] == "binary"
    assert responses["202"] == {"description": ""}
    assert responses["404"] == {"description": "No such organisation"}


def test_a_body_that_extends_a_component_stays_inline() -> None:
    """A name that the page gives to another schema is not taken from it."""
    page = PAGE.replace("schemas/NewInvoice", "schemas/Line")
    found = plain(read(page).document)
    (operation,) = found["paths"]["/orgs/{org}/invoices"].values()
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["amount"]
    assert list(found["components"]["schemas"]["Line"]["properties"]) == ["text"]


def test_facts_know_their_lines() -> None:
    """A fact names the line of the page, and what the model does not say is marked as assumed."""
    page = read()
    operation = page.document.value["paths"].value["/orgs/{org}/invoices"].value["post"]
    described = operation.value["responses"].value["404"].value["description"]
    lines = PAGE.split("\n")
    assert lines[described.origin.line - 1].strip() == "description: No such organisation"
    assert operation.value["responses"].value["202"].value["description"].origin.kind is (
        Kind.ASSUMED
    )


def test_sample_lines_are_samples() -> None:
    """Examples and code are accounted for as samples of the request or the response."""
    uses = dict(zip(PAGE.split("\n"), read().uses, strict=True))
    assert uses["              amount: 50000"] is Use.REQUEST_SAMPLE
    assert uses["          curl two"] is Use.REQUEST_SAMPLE
    assert uses["              total: 5"] is Use.RESPONSE_SAMPLE
    assert uses["        description: Created"] is Use.STATED


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("  type: path\n", "  type: webhook\n", "describes a webhook"),
        ("  method: post\n", "  method: send\n", "'send' is no method of HTTP"),
        ("  response:\n", "  answer:\n", "expected a mapping with 'response'"),
        ("  path: /orgs", "  path: 5 # /orgs", "'path' is not a text"),
        ("              type: oauth2\n", "              type: magic\n", "type that is not known"),
        ("schemas/Line'", "schemas/Lines'", "leads to nothing"),
    ],
)
def test_another_shape_is_refused(before: str, after: str, problem: str) -> None:
    """A model that is not as it should be is refused with a line of the page."""
    assert before in PAGE
    with pytest.raises(PipelineError, match=problem) as raised:
        read(PAGE.replace(before, after, 1))
    assert raised.value.problems[0].line is not None


def test_damage_is_an_error_or_harmless() -> None:
    """A page with any one line missing is read, or refused with its file; it never crashes."""
    lines = PAGE.split("\n")
    refused = 0
    for row in range(len(lines)):
        try:
            read("\n".join([*lines[:row], *lines[row + 1 :]]))
        except PipelineError as error:
            refused += error.problems[0].file == "page.md"
        else:
            refused += 1
    assert refused == len(lines)
