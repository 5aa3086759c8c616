"""What a sample value shows, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.contract.operations.inference import infer
from scripts.facts import Kind, Origin, origins, plain, tree

ORIGIN = Origin(Kind.SAMPLE, "page.txt", 7)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("<string>", {"type": "string"}),
        ("exec-1", {"type": "string", "examples": ["exec-1"]}),
        ("123", {"type": "string", "examples": ["123"]}),
        ("2023-11-07T05:31:56Z", {"type": "string", "format": "date-time"}),
        ("2023-12-25", {"type": "string", "format": "date"}),
        ("3c90c3cc-0d44-4b50-8888-8dd25736052a", {"type": "string", "format": "uuid"}),
        ("jsmith@example.com", {"type": "string", "format": "email"}),
        (123, {"type": "integer"}),
        (1, {"type": "integer", "examples": [1]}),
        (0, {"type": "integer", "examples": [0]}),
        (0.5, {"type": "number", "examples": [0.5]}),
        (True, {"type": "boolean"}),
        (False, {"type": "boolean", "examples": [False]}),
        (None, {}),
        ("<any>", {}),
        ([], {"type": "array", "items": {}}),
        ({}, {"type": "object"}),
        ([1, 1.5], {"type": "array", "items": {"type": "number"}}),
        ([1, "a"], {"type": "array", "items": {}}),
        (
            [{"a": "<string>"}, {"b": True}],
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}, "b": {"type": "boolean"}},
                },
            },
        ),
        (
            '{"A": "b"}',
            {
                "type": ["string", "object"],
                "contentMediaType": "application/json",
                "examples": ['{"A": "b"}'],
            },
        ),
    ],
)
def test_inference(value: Any, schema: Any) -> None:
    """Made-up values leave no example; nothing is guessed from `<string>`; no key is required."""
    assert plain(infer(tree(value, ORIGIN))) == schema


def test_origin() -> None:
    """What a value shows is a sample fact; what a rule reads into it is an assumption."""
    found = dict(origins(infer(tree('{"A": 1}', ORIGIN))))
    assert found["/type"] == ORIGIN
    assert found["/contentMediaType"].kind is Kind.ASSUMED
    assert found["/contentMediaType"].line == 7


def test_first_example_stays() -> None:
    """Of many items the first gives the example."""
    schema = plain(infer(tree([f"value-{n}" for n in range(5000)], ORIGIN)))
    assert schema["items"] == {"type": "string", "examples": ["value-0"]}
