"""The schema of a field: what its entry says, in the place where it is true, and its sample."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.contract.operations.schema import body_schema, field_schema
from scripts.facts import Fact, Kind, Origin, plain, tree
from scripts.reading.page import Field, Type
from scripts.reading.text.field_line import parse_type
from scripts.reading.text.reader import read_page_text
from tests.pipeline.contracts import assemble

ORIGIN = Origin(Kind.STATED, "page.txt", 7)
SHOWN = Origin(Kind.SAMPLE, "page.txt", 3)


def entry(type_line: str, name: str = "it", **keywords: Any) -> Field:
    types = parse_type(type_line)
    assert types is not None
    facts = {keyword: tree(value, ORIGIN) for keyword, value in keywords.items()}
    if "enum" in facts:
        facts["enum"] = Fact([Fact(str(one), ORIGIN) for one in keywords["enum"]], ORIGIN)
    return Field(Fact(name, ORIGIN), Fact(types, ORIGIN), None, facts)


def schema(type_line: str, sample: Any = ..., **keywords: Any) -> Any:
    shown = None if sample is ... else tree(sample, SHOWN)
    return plain(field_schema(entry(type_line, **keywords), shown))


@pytest.mark.parametrize(
    ("type_line", "sample", "wanted"),
    [
        ("string", "exec-1", {"type": "string", "examples": ["exec-1"]}),
        ("string", "<string>", {"type": "string"}),
        ("any", {"a": 1}, {"examples": [{"a": 1}]}),
        ("file", ..., {"type": "string", "format": "binary"}),
        ("integer<int64>", 123, {"type": "integer", "format": "int64"}),
        ("string[]", ["a"], {"type": "array", "items": {"type": "string", "examples": ["a"]}}),
        ("array", [1], {"type": "array", "items": {"type": "integer", "examples": [1]}}),
        ("Cat · object", {"n": 2}, {"type": "object", "title": "Cat", "properties": {
            "n": {"type": "integer", "examples": [2]}}}),
        ("object", '{"a": 1}', {
            "type": "object", "additionalProperties": {"type": "integer"}, "examples": [{"a": 1}],
        }),
        ("string | null", "x", {"anyOf": [{"type": "string"}, {"type": "null"}],
                                "examples": ["x"]}),
    ],
)  # fmt: skip
def test_type_and_sample(type_line: str, sample: Any, wanted: dict[str, Any]) -> None:
    """The type line says what it is; the sample adds what is hidden, and an example."""
    assert schema(type_line, sample) == wanted


@pytest.mark.parametrize(
    ("type_line", "keywords", "wanted"),
    [
        ("string", {"pattern": "^a"}, {"type": "string", "pattern": "^a"}),
        ("string[]", {"pattern": "^a"}, {"type": "array", "items": {
            "type": "string", "pattern": "^a"}}),
        ("string[]", {"minItems": 1}, {"type": "array", "items": {"type": "string"},
                                       "minItems": 1}),
        ("string[] | null", {"maxLength": 3}, {"anyOf": [
            {"type": "array", "items": {"type": "string", "maxLength": 3}}, {"type": "null"}]}),
        ("integer | null", {"const": 4}, {"anyOf": [
            {"type": "integer", "const": 4}, {"type": "null"}]}),
        ("string[]", {"const": ["a"]}, {"type": "array", "items": {"type": "string"},
                                        "const": ["a"]}),
        ("integer | string", {"minimum": 4}, {"anyOf": [{"type": "integer"}, {"type": "string"}],
                                              "minimum": 4}),
    ],
)  # fmt: skip
def test_what_a_constraint_constrains(
    type_line: str, keywords: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """Bounds of scalars are those of a list's items, and a constant is not the null beside it."""
    assert schema(type_line, **keywords) == wanted


def test_null_as_default() -> None:
    """A default of null says that null is allowed, by a rule of ours."""
    found = field_schema(entry("string", default=None), None)
    assert plain(found) == {"default": None, "anyOf": [{"type": "string"}, {"type": "null"}]}
    assert found.value["anyOf"].value[1].origin.kind is Kind.ASSUMED


def test_null_among_the_options() -> None:
    """Where the type may be null, the option `null` is that; elsewhere it is a text."""
    branch = {"type": "string", "enum": ["a"]}
    found = schema("enum<string> | null", enum=["a", "null"])
    assert found == {"anyOf": [branch, {"type": "null"}]}
    assert schema("enum<string>", enum=["a", "null"])["enum"] == ["a", "null"]


def test_options_of_several_types() -> None:
    """A union of enums has the options of each alternative by their type."""
    found = schema("enum<string> | enum<integer>", enum=["a", "1"])
    assert found == {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "integer", "enum": [1]}]}


@pytest.mark.parametrize(
    ("line", "sample", "wanted"),
    [
        ("object[]", None, "array"), ("object[]", {"it": "a"}, "array"),
        ("object[]", [{"it": "a"}], "array"),
        ("object", [{"it": "a"}], "object"), ("object", {"it": "a"}, "object"),
        (None, [{"it": "a"}], "array"), (None, {"it": "a"}, "object"),
    ],
)  # fmt: skip
def test_type_of_a_body(line: str | None, sample: Any, wanted: str) -> None:
    """What the page says of a body goes before what its sample shows."""
    types = None if line is None else Fact(parse_type(line) or (), ORIGIN)
    shown = None if sample is None else tree(sample, SHOWN)
    found = plain(body_schema([entry("string")], shown, None, ORIGIN, types))
    assert found["type"] == wanted
    assert list(found.get("items", found)["properties"]) == ["it"]


def branches(*lines: str) -> list[Fact[Type]]:
    return [Fact(type_, ORIGIN) for line in lines for type_ in parse_type(line) or ()]


def test_branches_of_a_body() -> None:
    """A body that is one of several has the fields of the first; of the others, titles."""
    found = body_schema(
        [entry("string")], None, None, ORIGIN, branches=branches("A · object", "B · object[]")
    )
    assert plain(found) == {
        "anyOf": [
            {"type": "object", "properties": {"it": {"type": "string"}}, "title": "A"},
            {"title": "B", "type": "array", "items": {"type": "object"}},
        ]
    }


def test_origins() -> None:
    """What the entry says is stated, what only the sample shows is not."""
    found = field_schema(entry("object", description="x"), tree({"n": 2}, SHOWN))
    assert found.value["type"].origin is ORIGIN
    assert found.value["properties"].value["n"].origin.kind is Kind.SAMPLE


def test_object_written_as_text() -> None:
    """The keys of an object that an example shows as text are an example's, and no properties."""
    text = (
        "GET\n/\njobs\nList jobs\n{\n"
        '  "env": "{\\"MY_VAR\\": \\"***\\", \\"SIZE\\": \\"2\\"}"\n}\n\n'
        "Response\n\n200 - application/json\n\nDone\n\nenv\nobject\n\nVariables\n"
    )
    contract = plain(assemble([read_page_text(text, "page.txt")]))
    schemas = contract["components"]["schemas"]
    assert schemas["Job"]["properties"]["env"] == {
        "$ref": "#/components/schemas/JobEnv",
        "examples": [{"MY_VAR": "***", "SIZE": "2"}],
    }
    assert schemas["JobEnv"] == {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Variables",
    }
