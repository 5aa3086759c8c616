"""Slips in documents: what is put right, and what is an error."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.documents import parse_facts
from scripts.facts import Kind, Node, Origin, plain, tree
from scripts.failure import PipelineError
from scripts.reading.document.shape import remarks_on, shaped, with_null_defaults

ORIGIN = Origin(Kind.STATED, "page.md", 7)


def component(schema: Any) -> Node:
    """Return a component's schema after its document was brought into shape."""
    document = {"openapi": "3.1.0", "components": {"schemas": {"X": schema}}}
    found: Node = shaped(tree(document, ORIGIN)).value["components"].value["schemas"].value["X"]
    return found


@pytest.mark.parametrize(
    ("document", "line"),
    [
        ("components:\n  schemas:\n    X:\n      type: array\n      items: null\n", 5),
        ("components:\n  schemas:\n    X:\n      properties:\n", 4),
        ("components:\n  schemas:\n    X:\n      properties: {a: {allOf: null}}\n", 4),
        ("paths:\n  /x:\n    get:\n      parameters:\n      - {name: a, schema: null}\n", 5),
        ("components:\n  schemas:\n    X: {description: null, default: null}\n", None),
        ("components:\n  schemas:\n", None),
        ("paths:\n  /x:\n    get:\n      operationld: getX\n", 4),
        ("paths:\n  /x:\n    get:\n      operation\u200bId: getX\n", 4),
        ("components:\n  schemas:\n    X: {type: object, propertes: {a: {}}}\n", 3),
        ("components:\n  schemas:\n    X: {type: object, properties: {requird: {}}}\n", None),
        ("components:\n  schemas:\n    X: {type: string, enumNames: [a], x-enums: [b]}\n", None),
        ("components:\n  schemas:\n    X: {Type: string}\n", 3),
        ("components:\n  schemas:\n    X: {typ: string}\n", 3),
        ("components:\n  schemas:\n    X: {$Ref: '#/components/schemas/X'}\n", 3),
        ("components:\n  schemas:\n    X:\n      $ref:\n", 4),
        ("components:\n  schemas:\n    X:\n      type: object\n      age: {type: integer}\n", 5),
        ("components:\n  schemas:\n    X: {type: object, $defs: {Y: {type: string}}}\n", None),
        ("Servers: [{url: /v1}]\n", 1),
        ("paths:\n  /x:\n    security: []\n", 3),
        ("paths:\n  /x:\n    get:\n      responses: {'200': {schema: {type: string}}}\n", 4),
        ("paths:\n  /x:\n    get:\n      requestBody:\n        content:\n", 5),
        ("paths:\n  /x:\n    get:\n      parameters: [{name: a, in: query, type: string}]\n", None),
        ("paths:\n  /x:\n    get:\n      parameters: [{name: a, schema: {}, type: string}]\n", 4),
        ("paths:\n  /x:\n    get: {hidden: true, examples: []}\n", None),
    ],
)
def test_slips_that_lose_something(document: str, line: int | None) -> None:
    """A null where schemas belong, a name that is nearly a known one or out of place: a notice."""
    lines = document.split("\n")
    found = remarks_on(parse_facts(lines, 0, len(lines), "page.md", json=False))
    wanted = [] if line is None else [("page.md", line)]
    assert [(one.file, one.line) for one in found] == wanted


@pytest.mark.parametrize(
    ("kind", "values", "read"),
    [
        ("string", [1, 2.5, True], ["1", "2.5", "true"]),
        ("string", ["a", 1], ["a", "1"]),
        ("integer", ["1", "-2"], [1, -2]),
        ("number", ["0.5", 1], [0.5, 1]),
        ("boolean", ["true"], [True]),
        ("integer", ["one", "2"], None),
        ("integer", [True], None),
        ("string", ["a", None], None),
        (["string", "null"], [1, 2], None),
        ("string", ["a", "b"], None),
    ],
)
def test_values_of_another_type(kind: object, values: list[Any], read: list[Any] | None) -> None:
    """An enum is of the type that it says: YAML makes numbers of what stands without quotes."""
    schema = {"type": kind, "enum": values}
    found = component(schema).value["enum"]
    assert plain(found) == (read or values)
    kinds = {one.origin.kind for one in found.value}
    assert kinds == {Kind.STATED if read is None else Kind.ASSUMED}
    document = tree({"components": {"schemas": {"X": schema}}}, ORIGIN)
    unfit = kind in ("integer", "boolean") and read is None
    assert [one.line for one in remarks_on(document)] == ([7] if read or unfit else [])


def operation(value: dict[str, Any]) -> Any:
    document = {"openapi": "3.1.0", "paths": {"/x": {"get": value}}}
    return plain(shaped(tree(document, ORIGIN)))["paths"]["/x"]["get"]


def test_a_property_that_calls_itself_required_is() -> None:
    """`required: true` at a property, a common slip, is taken to the list, marked as assumed."""
    found = component(
        {"required": ["b"], "properties": {"a": {"type": "string", "required": True}, "b": {}}}
    )
    assert plain(found) == {
        "required": ["b", "a"],
        "properties": {"a": {"type": "string"}, "b": {}},
    }
    kinds = [one.origin.kind for one in found.value["required"].value]
    assert kinds == [Kind.STATED, Kind.ASSUMED]


@pytest.mark.parametrize("flag", [True, False, "true"])
def test_a_flag_where_nothing_can_be_required_is_left_out(flag: object) -> None:
    """`required: true` at items says nothing."""
    schema = {"type": "array", "items": {"type": "string", "required": flag}}
    assert plain(component(schema)) == {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (True, {}),
        ({"properties": {"a": True}}, {"properties": {"a": {}}}),
        ({"anyOf": [True, {"type": "string"}]}, {"anyOf": [{}, {"type": "string"}]}),
        ({"items": False}, {"items": {"not": {}}}),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        ({"items": {"deprecated": True}}, {"items": {"deprecated": True}}),
    ],
)
def test_schemas_that_are_true_or_false(before: object, after: object) -> None:
    """They are mappings that say the same, but for what is about any other member."""
    assert plain(component(before)) == after


def test_a_property_called_required_stays() -> None:
    """A property of that name is a property."""
    schema = {"properties": {"required": {"type": "boolean"}}}
    assert plain(component(schema)) == schema


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"description": None, "type": "string"}, {"type": "string"}),
        ({"properties": None}, {}),
        ({"title": 404}, {"title": "404"}),
        ({"deprecated": "true"}, {"deprecated": True}),
        ({"default": None, "examples": [None]}, {"default": None, "examples": [None]}),
        ({"type": "any"}, {}),
        ({"type": None}, {}),
        ({"type": "int"}, {"type": "integer"}),
        ({"type": "String"}, {"type": "string"}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "file"}, {"type": "string", "format": "binary"}),
    ],
)
def test_slips_of_schemas(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A null that says nothing is left out, a number that is a text becomes one."""
    assert plain(component(before)) == after


def test_a_type_of_another_language_is_assumed() -> None:
    """What such a type means is marked as a guess of ours."""
    found = component({"type": "int"}).value["type"]
    assert (found.value, found.origin.kind, found.origin.line) == ("integer", Kind.ASSUMED, 7)


def test_slips_of_operations() -> None:
    """The same for operations and their parts."""
    parameter = {
        "name": 5, "in": "query", "required": "false", "description": None, "schema": {},
    }  # fmt: skip
    responses = {"200": {"description": 200, "content": None}}
    assert operation({"parameters": [parameter], "summary": None, "responses": responses}) == {
        "parameters": [{"name": "5", "in": "query", "required": False, "schema": {}}],
        "responses": {"200": {"description": "200"}},
    }


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        ("text", "'X' is not a mapping"),
        ({"properties": ["a"]}, "'properties' is not a mapping"),
        ({"properties": {"a": "string"}}, "'a' is not a mapping"),
        ({"allOf": {"a": {}}}, "'allOf' is not a list"),
        ({"oneOf": ["x"]}, "'an item of oneOf' is not a mapping"),
        ({"enum": "x"}, "'enum' is not a list"),
        ({"title": {"a": 1}}, "'title' is not a text"),
        ({"type": "enum"}, "'enum' is no type of JSON Schema"),
        ({"type": 5}, "the type is not a text"),
        ({"readOnly": "maybe"}, "'readOnly' is not true or false"),
    ],
)
def test_another_shape_is_an_error_with_its_line(schema: Any, what: str) -> None:
    """What cannot be put right is reported with the line."""
    with pytest.raises(PipelineError) as raised:
        component(schema)
    (problem,) = raised.value.problems
    assert (problem.what, problem.line) == (what, 7)


def test_a_parameter_has_a_name() -> None:
    """A parameter without a name is reported; one that is a reference needs none."""
    reference = {"$ref": "#/components/parameters/P"}
    assert operation({"parameters": [reference]})["parameters"] == [reference]
    with pytest.raises(PipelineError, match="the parameter has no name"):
        operation({"parameters": [{"in": "query"}]})


@pytest.mark.parametrize(
    ("servers", "what"),
    [
        ("https://x.example", "'servers' is not a list"),
        ([{"description": "d"}], "the server has no url"),
        (["https://x.example"], "'an item of servers' is not a mapping"),
    ],
)
def test_servers_have_urls(servers: Any, what: str) -> None:
    """A list of servers that cannot be one is reported with its line."""
    with pytest.raises(PipelineError, match=what):
        shaped(tree({"openapi": "3.1.0", "servers": servers}, ORIGIN))


@pytest.mark.parametrize(
    ("value", "completed"),
    [
        ({"responses": {"200": {}}}, {"responses": {"200": {"description": ""}}}),
        ({"responses": {}}, {"responses": {"default": {"description": ""}}}),
        ({}, {"responses": {"default": {"description": ""}}}),
    ],
)
def test_what_openapi_cannot_do_without_is_assumed(
    value: dict[str, Any], completed: dict[str, Any]
) -> None:
    """A response without a description, and an operation without responses, are completed."""
    assert operation(value) == completed


def test_parameters_are_completed() -> None:
    """A path parameter is required, whatever the document says; a parameter has a schema."""
    parameters = [{"name": "a", "in": "path", "required": False}, {"name": "b", "in": "query"}]
    assert operation({"parameters": parameters})["parameters"] == [
        {"name": "a", "in": "path", "required": True, "schema": {}},
        {"name": "b", "in": "query", "schema": {}},
    ]


def test_keywords_in_the_parameter_itself() -> None:
    """Swagger 2 has a parameter's type where OpenAPI 3 has a schema around it."""
    parameters = [{"name": "a", "in": "query", "required": True, "type": "integer", "minimum": 1}]
    assert operation({"parameters": parameters})["parameters"] == [
        {"name": "a", "in": "query", "required": True, "schema": {"type": "integer", "minimum": 1}}
    ]


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        (
            {"type": "string", "enum": [{"value": "a"}, {"type": "stringLiteral", "value": "b"}]},
            {"type": "string", "enum": ["a", "b"]},
        ),
        (
            {"type": "object", "enum": [{"value": "a"}]},
            {"type": "object", "enum": [{"value": "a"}]},
        ),
        (
            {"type": "array", "items": {"type": "string"}, "enum": ["a", "b"]},
            {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
        ),
        (
            {"type": "array", "items": {"type": "string"}, "enum": [["a"], []]},
            {"type": "array", "items": {"type": "string"}, "enum": [["a"], []]},
        ),
    ],
)
def test_options(schema: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Options are values, and those of an array's items stand there."""
    assert plain(component(schema)) == wanted


def test_tags_within_a_list() -> None:
    """Fern's documents have the way to an operation's tag as a list within the list of tags."""
    assert operation({"tags": [["jobs", "jobs/executions"], "other"]})["tags"] == [
        "jobs", "jobs/executions", "other",
    ]  # fmt: skip


def test_what_is_added_is_marked() -> None:
    """Completions are assumed, at the line of what they complete."""
    document = tree({"openapi": "3.1.0", "paths": {"/x": {"get": {}}}}, ORIGIN)
    get = shaped(document).value["paths"].value["/x"].value["get"]
    origin = get.value["responses"].origin
    assert (origin.kind, origin.line) == (Kind.ASSUMED, 7)
    assert origin.note


def test_what_openapi_does_not_know_becomes_an_extension() -> None:
    """A member that may not stand there is kept under a name that may."""
    bearer = {"type": "http", "scheme": "bearer", "in": "header", "x-mine": 1}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": 1.5},
        "components": {"securitySchemes": {"a": bearer}},
        "paths": {"/x": {"get": {"responses": {"200": {"description": "", "type": "object"}}}}},
    }
    found = plain(shaped(tree(document, ORIGIN)))
    assert found["info"] == {"title": "t", "version": "1.5"}
    assert found["components"]["securitySchemes"]["a"] == {
        "type": "http", "scheme": "bearer", "x-in": "header", "x-mine": 1,
    }  # fmt: skip
    assert found["paths"]["/x"]["get"]["responses"]["200"] == {
        "description": "", "x-type": "object",
    }  # fmt: skip


def test_info_is_completed() -> None:
    """An info without a version gets one."""
    found = plain(shaped(tree({"openapi": "3.1.0", "info": {"title": "t"}}, ORIGIN)))
    assert found["info"] == {"title": "t", "version": "0"}


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": "string", "default": None}, {"type": ["string", "null"], "default": None}),
        ({"type": ["string", "null"], "default": None}, None),
        ({"default": None}, None),
        ({"type": "string", "default": ""}, None),
        (
            {"type": "string", "enum": ["a"], "default": None},
            {"type": ["string", "null"], "enum": ["a", None], "default": None},
        ),
    ],
)
def test_null_as_default(schema: dict[str, Any], wanted: dict[str, Any] | None) -> None:
    """A default of null says that null is allowed, whatever the type says."""
    document = {"openapi": "3.1.0", "components": {"schemas": {"A": schema}}}
    found = plain(with_null_defaults(tree(document, ORIGIN)))
    assert found["components"]["schemas"]["A"] == (schema if wanted is None else wanted)
