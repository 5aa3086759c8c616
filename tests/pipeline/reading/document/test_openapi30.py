"""OpenAPI 3.0 brought up to 3.1."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.facts import Kind, Origin, plain, tree
from scripts.reading.document.openapi30 import upgrade

ORIGIN = Origin(Kind.STATED, "page.md", 1)


def upgraded(schema: dict[str, Any]) -> Any:
    """Return a component's schema after the upgrade of a document that holds it."""
    document = {"openapi": "3.0.3", "components": {"schemas": {"X": schema}}}
    return plain(upgrade(tree(document, ORIGIN)))["components"]["schemas"]["X"]


REF = {"$ref": "#/components/schemas/Y"}
NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            {"type": "string", "nullable": True}, {"type": ["string", "null"]}, id="a type"
        ),
        pytest.param({"type": "string", "nullable": False}, {"type": "string"}, id="not nullable"),
        pytest.param({"nullable": True}, {}, id="any type"),
        pytest.param(
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
            id="an enum",
        ),
        pytest.param(
            {"type": "string", "enum": ["a", None], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
            id="an enum that lists null",
        ),
        pytest.param(
            {**REF, "nullable": True, "description": "d"},
            {"anyOf": [REF, NULL], "description": "d"},
            id="a reference",
        ),
        pytest.param(
            {"allOf": [REF], "nullable": True, "description": "d"},
            {"anyOf": [REF, NULL], "description": "d"},
            id="a reference in allOf",
        ),
        pytest.param(
            {"type": "object", "allOf": [REF], "nullable": True},
            {"anyOf": [{"type": "object", "allOf": [REF]}, NULL]},
            id="allOf with a type",
        ),
        pytest.param(
            {"oneOf": [REF, {"type": "string"}], "nullable": True},
            {"oneOf": [REF, {"type": "string"}, NULL]},
            id="oneOf",
        ),
        pytest.param(
            {"anyOf": [{"type": "string", "nullable": True}], "nullable": True},
            {"anyOf": [{"type": ["string", "null"]}]},
            id="a union with a null",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "integer", "nullable": True}},
            {"type": "array", "items": {"type": ["integer", "null"]}},
            id="items",
        ),
    ],
)
def test_nullable_becomes_a_type(before: dict[str, Any], after: dict[str, Any]) -> None:
    """`nullable` lets null through in 3.1's words, whatever stands beside it."""
    assert upgraded(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"minimum": 5, "exclusiveMinimum": True}, {"exclusiveMinimum": 5}),
        ({"minimum": 5, "exclusiveMinimum": False}, {"minimum": 5}),
        ({"maximum": 5, "exclusiveMaximum": True}, {"exclusiveMaximum": 5}),
        ({"exclusiveMaximum": True}, {}),
        ({"exclusiveMinimum": 0}, {"exclusiveMinimum": 0}),
    ],
)
def test_exclusive_bounds_become_numbers(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A bound and its flag become one number."""
    assert upgraded(before) == after


@pytest.mark.parametrize("example", [5, "x", None, {"example": 1}, [1, 2], False])
def test_an_example_becomes_examples(example: Any) -> None:
    """`example` becomes a list of one, whatever its value is; the value is left alone."""
    assert upgraded({"example": example}) == {"examples": [example]}


def test_a_property_called_as_a_keyword_stays() -> None:
    """Properties named example or nullable are properties, not keywords."""
    schema = {"properties": {"example": {"type": "string"}, "nullable": {"type": "boolean"}}}
    assert upgraded(schema) == schema


def test_samples_are_left_alone() -> None:
    """What a media type's example holds is data, though it looks like a schema."""
    media = {"example": {"nullable": True, "type": "string", "$ref": "x"}}
    response = {"200": {"description": "", "content": {"application/json": media}}}
    document = {"openapi": "3.0.1", "paths": {"/x": {"get": {"responses": response}}}}
    assert plain(upgrade(tree(document, ORIGIN)))["paths"] == document["paths"]


def test_files_say_what_they_are() -> None:
    """Formats of files get 3.1's keywords beside them."""
    assert upgraded({"type": "string", "format": "byte"})["contentEncoding"] == "base64"
    binary = upgraded({"type": "string", "format": "binary"})
    assert binary["contentMediaType"] == "application/octet-stream"


def test_lines_survive() -> None:
    """A rewritten keyword has the line of what it was written as."""
    nullable = tree(True, Origin(Kind.STATED, "page.md", 7))
    example = tree("x", Origin(Kind.STATED, "page.md", 8))
    schema = {"type": "string", "nullable": nullable, "example": example}
    document = tree({"openapi": "3.0.0", "components": {"schemas": {"X": schema}}}, ORIGIN)
    found = upgrade(document).value["components"].value["schemas"].value["X"].value
    assert found["type"].value[1].origin.line == 7
    assert found["examples"].value[0].origin.line == 8


def test_the_rest_stands() -> None:
    """What 3.1 says in the same words is not touched."""
    schema = {
        "type": "object", "required": ["a"],
        "properties": {"a": {"type": "string", "minLength": 1}},
        "discriminator": {"propertyName": "a", "mapping": {"x": "#/components/schemas/Y"}},
        "additionalProperties": False, "x-more": {"nullable": True},
    }  # fmt: skip
    assert upgraded(schema) == schema
