"""What would make a bad contract or client is refused by the line that states it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from scripts.contract import validation
from scripts.documents import parse_facts
from scripts.facts import Kind, Node, Origin, tree
from scripts.failure import PipelineError, refuse
from scripts.generation import refusal
from scripts.reading.text.reader import read_page_text
from tests.pipeline.contracts import assemble


def contract_of(text: str) -> Node:
    return assemble([read_page_text(text, "page.txt")])


def test_invalid_contract(cancel_page: str) -> None:
    """A field that makes no valid schema is an error at its line."""
    text = cancel_page.replace("\ntasks\nobject[]\n", "\ntasks\ninteger\n\nPattern: [a\n")
    with pytest.raises(PipelineError, match="not be valid OpenAPI") as caught:
        refuse(validation.problems(contract_of(text)))
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == ("page.txt", 167)


def test_whole_contract_passes(cancel_page: str) -> None:
    """The captured page's contract has nothing to complain of."""
    contract = contract_of(cancel_page)
    refuse(validation.problems(contract))
    refuse(refusal.problems(contract))


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("pending,\n", "Queued,\n", 157, "'queued' and 'Queued' give the same Python name"),
        ("queued,\npending,\n", "a b,\na-b,\n", 157, "'a b' and 'a-b' give the same"),
    ],
)
def test_no_name_of_its_own(cancel_page: str, old: str, new: str, line: int, message: str) -> None:
    """What the generators would drop or break without a word is an error at its line."""
    text = cancel_page.replace(old, new)
    with pytest.raises(PipelineError, match=message) as caught:
        refuse(refusal.problems(contract_of(text)))
    assert [problem.line for problem in caught.value.problems] == [line]


def test_secret_in_a_server(cancel_page: str) -> None:
    """A server's URL with a user in it is refused at its line: contracts are published."""
    text = cancel_page.replace("https://api.", "https://me:secret@api.")
    with pytest.raises(PipelineError, match="no place in a contract") as caught:
        refuse(validation.problems(contract_of(text)))
    assert [problem.line for problem in caught.value.problems] == [13]


def many(count: int) -> dict[str, Any]:
    """Return a contract of operations of one shape, each with a component of its own."""
    reference = {"description": "ok", "content": {"application/json": {"schema": {}}}}
    paths = {}
    for number in range(count):
        response = deepcopy(reference)
        response["content"]["application/json"]["schema"] = {  # type: ignore[index]
            "$ref": f"#/components/schemas/S{number}"
        }
        paths[f"/a{number}"] = {
            "get": {"operationId": f"get{number}", "responses": {"200": response}}
        }
    schemas = {f"S{number}": {"type": "object", "description": "x"} for number in range(count)}
    return {
        "openapi": "3.1.1",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


@pytest.mark.parametrize("spoil", ["type", "reference", "operationId"])
def test_one_wrong_among_many(spoil: str) -> None:
    """What is wrong in one of many like parts is found."""
    contract = many(9)
    if spoil == "type":
        contract["components"]["schemas"]["S7"]["type"] = "nonsense"
    elif spoil == "reference":
        del contract["components"]["schemas"]["S7"]
    else:
        contract["paths"]["/a7"]["get"]["operationId"] = "get1"
    origin = Origin(Kind.STATED, "page.txt", 1)
    with pytest.raises(PipelineError, match="would not be valid"):
        refuse(validation.problems(tree(contract, origin)))


@pytest.mark.parametrize(
    ("pattern", "valid"),
    [(r"^[\p{L}\d-]+$", True), (r"(?<year>\d{4})", True), (r"[\w-.]", True), ("[a", False)],
)
def test_patterns(pattern: str, valid: bool) -> None:
    """A pattern is an expression of JavaScript, not of Python."""
    contract = many(1)
    contract["components"]["schemas"]["S0"] = {"type": "string", "pattern": pattern}
    found = validation.problems(tree(contract, Origin(Kind.STATED, "page.txt", 7)))
    assert [problem.line for problem in found] == ([] if valid else [7])


def problems_of(document: str) -> list[tuple[int | None, str]]:
    """Return (line, message) of each problem of a document that is written at line 1."""
    lines = document.split("\n")
    contract = parse_facts(lines, 0, len(lines), "page.md", json=False)
    return [
        (problem.line, problem.what.removeprefix("the contract would not be valid OpenAPI: "))
        for problem in validation.problems(contract)
    ]


HEAD = "openapi: 3.1.1\ninfo: {title: a, version: '1'}\n"
GET = "paths:\n  /x/{id}:\n    get:\n      responses: {default: {description: a}}\n"
PARAMETERS = """\
      parameters:
        - {name: id, in: path, required: true, schema: {}}
        - {name: id, in: query, schema: {}}
        - {name: id, in: query, schema: {}}
"""
SCHEMAS = "paths: {}\ncomponents:\n  schemas:\n    A:\n"


@pytest.mark.parametrize(
    ("document", "line", "message"),
    [
        ("paths: {/x: null}", 3, 'null is not of type "object" (at /paths/~1x)'),
        (
            GET + "      parameters: null",
            7,
            'null is not of type "array" (at /paths/~1x~1{id}/get/parameters)',
        ),
        (GET, 5, "the path parameter 'id' of GET /x/{id} is not there"),
        (GET + PARAMETERS, 10, "the query parameter 'id' stands at page.md:9 already"),
        (
            SCHEMAS + "      $ref: '#/components/schemas/A'",
            7,
            "#/components/schemas/A leads back to itself",
        ),
        (
            SCHEMAS + "      properties:\n        a:\n          $ref: '#/components/schemas/A/b'",
            9,
            "#/components/schemas/A/b is not there",
        ),
        (SCHEMAS + "      $ref: '#anchor'", 7, "#anchor is not there"),
        (
            SCHEMAS + "      $dynamicRef: https://example.com/a",
            7,
            "https://example.com/a is outside of the contract",
        ),
        (
            SCHEMAS
            + "      $ref: '#/components/schemas/B'\n      default: 1\n    B: {type: string}",
            8,
            'the default does not fit: 1 is not of type "string"',
        ),
    ],
)
def test_line_behind(document: str, line: int, message: str) -> None:
    """Whatever is wrong is reported with the line that states it."""
    assert problems_of(HEAD + document) == [(line, message)]


@pytest.mark.parametrize(
    "schemas",
    [
        "{A: true, B: {properties: {a: true, b: false}, items: true}}",
        "{A: {$defs: {a: {type: string}}, items: {$ref: '#/components/schemas/A/$defs/a'}}}",
        "{A: {properties: {a: {type: string}, b: {$ref: '#/components/schemas/A/properties/a'}}}}",
        "{A: {properties: {a: {$ref: '#/components/schemas/A'}}}}",
        "{A: {example: {$ref: nowhere, pattern: '['}, properties: {$ref: {type: string}}}}",
        "{A: {properties: {a: {type: string, pattern: '^[\\p{L}]+$', default: a}}}}",
    ],
)
def test_valid(schemas: str) -> None:
    """Boolean schemas, references into schemas and examples of whatever kind are no problem."""
    assert problems_of(f"{HEAD}paths: {{}}\ncomponents: {{schemas: {schemas}}}") == []


def test_wrong_field_among_many() -> None:
    """One field among thousands is found: none stands for another."""
    contract = many(1)
    contract["components"]["schemas"]["S0"]["properties"] = {
        f"f{number}": {"type": "string", "default": "a"} for number in range(8_000)
    }
    contract["components"]["schemas"]["S0"]["properties"]["f7"]["type"] = "nonsense"
    found = validation.problems(tree(contract, Origin(Kind.STATED, "page.txt", 7)))
    assert [problem.line for problem in found] == [7]
