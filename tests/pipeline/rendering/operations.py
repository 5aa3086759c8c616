"""Strategies: operations of all kinds that the documentation platform can show."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy, composite

from tests.pipeline.rendering.renderer import Operation

__all__ = ["AMBIGUOUS", "operations", "unmistakable"]

NAMES = st.one_of(
    st.sampled_from(
        [
            "deprecated", "required", "type", "string", "object", "null", "file", "header", "path",
            "Body", "Response", "default", "integer", "x-id", "a.b", "filter[name]", "$ref",
            "@type", "_id", "été", "名前", "Page", "Example", "read-only", "200", "properties",
            "items", "enum",
        ]
    ),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,11}", fullmatch=True),
)  # fmt: skip
WORDS = st.text("abc deé名,.()'\"<>{}[]*`-:/#", min_size=1, max_size=30)
SENTENCES = st.one_of(
    st.sampled_from(
        [
            "The id of it.", "Options: a, b.", "See `string` below.", '{"a": 1} is a value',
            "```json", "- one of a list", "* another, of two", "# A heading", "The body",
            "Use string | null here.", "Available options are many", "Required by law.", "curl it",
            "[link](https://example.com/x)", "Last seen on Monday", "200 is fine", "| a | table |",
            "deprecated since v2",
        ]
    ),
    WORDS.map(lambda text: f"It says {text.strip()} here"),
)  # fmt: skip
AMBIGUOUS = (
    "required",
    "string",
    "object[]",
    "Example:",
    "Examples:",
    "Available options:",
    "Response",
    "Body",
    "Headers",
    "Last modified on May 27, 2026",
    "Documentation Index",
    "read-only",
    "Pattern: ^a$",
    "Required range: x > 1",
    'Allowed value: "v"',
    "default:10",
    "{",
    '{"a": 1}',
    "name",
    "a,",
    "200 - application/json",
    "curl --request GET",
    "Skip to main content",
    "/",
    "Minimum string length: 1",
    "Must be a multiple of 5",
    "enum<string>",
    "Title · object",
)
"""Descriptions that a page cannot show apart from what they look like."""
DESCRIPTIONS = st.lists(SENTENCES, max_size=3, unique=True).map("\n\n".join)
TITLES = st.sampled_from(["", "Cat", "Big Dog", "A-1 (new)"])
TEXTS = st.one_of(
    st.sampled_from(
        ["exec-1", "30m", "true", "10", "a, b", "it's", '{"A": 1}', "", "null-ish", "é"]
    ),
    st.from_regex(r"[a-z][a-z0-9 _-]{0,8}[a-z0-9]", fullmatch=True),
)
NUMBERS = st.one_of(st.integers(-1000, 1000), st.sampled_from([0.5, -2.25, 1e6, 123.5]))
FORMATS = st.sampled_from(["", "date-time", "date", "uuid", "email", "uri", "x-custom"])


@composite
def _strings(draw: DrawFn) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if form := draw(FORMATS):
        schema["format"] = form
    if draw(st.booleans()):
        schema["default"] = draw(st.sampled_from(["a", "10", "true", "x y", "1.50"]))
    low, high = draw(st.integers(0, 3)), draw(st.integers(4, 9))
    schema |= draw(
        st.sampled_from(
            [{}, {"minLength": low}, {"maxLength": high}, {"minLength": low, "maxLength": high},
             {"pattern": "^[a-z]+$"}, {"const": "fixed"}]
        )
    )  # fmt: skip
    if draw(st.booleans()):
        schema["examples"] = draw(st.lists(TEXTS, min_size=1, max_size=2, unique=True))
    return schema


@composite
def _numbers(draw: DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["integer", "number"]))
    schema: dict[str, Any] = {"type": kind}
    if form := draw(st.sampled_from(["", "int64" if kind == "integer" else "double"])):
        schema["format"] = form
    low, high = draw(st.integers(-9, 9)), draw(st.integers(10, 99))
    lower, upper = (
        draw(st.sampled_from(["", "minimum", "exclusiveMinimum"])),
        draw(st.sampled_from(["", "maximum", "exclusiveMaximum"])),
    )
    schema |= ({lower: low} if lower else {}) | ({upper: high} if upper else {})
    if draw(st.booleans()):
        schema["multipleOf"] = draw(st.sampled_from([2, 5, 0.5]))
    if draw(st.booleans()):
        schema["default"] = draw(st.integers(0, 20))
    if draw(st.booleans()):
        values = st.integers(-99, 99) if kind == "integer" else NUMBERS
        schema["examples"] = draw(st.lists(values, min_size=1, max_size=2, unique=True))
    return schema


@composite
def _enums(draw: DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["string", "integer", "number"]))
    values: SearchStrategy[Any] = {
        "string": st.sampled_from(["a", "b-c", "string", "required", "D E", "object", "1", "true"]),
        "integer": st.integers(0, 9),
        "number": st.sampled_from([0.5, 1.5, 2.5]),
    }[kind]
    chosen = draw(st.lists(values, min_size=1, max_size=4, unique=True))
    schema = {"type": kind, "enum": chosen}
    return schema | ({"default": chosen[0]} if draw(st.booleans()) else {})


def _leaves() -> SearchStrategy[dict[str, Any]]:
    return st.one_of(
        _strings(),
        _numbers(),
        _enums(),
        st.just({"type": "boolean"}),
        st.booleans().map(lambda value: {"type": "boolean", "default": value}),
        st.just({}),
        st.just({"type": "null"}),
        st.just({"type": "string", "format": "binary"}),
    )


@composite
def _annotated(draw: DrawFn, schemas: SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    schema = dict(draw(schemas))
    if described := draw(DESCRIPTIONS):
        schema["description"] = described
    for flag in draw(
        st.lists(st.sampled_from(["readOnly", "writeOnly", "deprecated"]), max_size=2, unique=True)
    ):
        schema[flag] = True
    return schema


@composite
def _arrays(draw: DrawFn, items: SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array", "items": draw(items)}
    low, high = draw(st.integers(0, 3)), draw(st.integers(4, 9))
    return schema | draw(
        st.sampled_from(
            [{}, {"minItems": low}, {"maxItems": high}, {"minItems": low, "maxItems": high}]
        )
    )


@composite
def _objects(
    draw: DrawFn, members: SearchStrategy[dict[str, Any]], least: int = 0
) -> dict[str, Any]:
    properties = draw(st.dictionaries(NAMES, members, min_size=least, max_size=4))
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if properties:
        required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True))
        schema |= {"required": required} if required else {}
    if title := draw(TITLES):
        schema["title"] = title
    return schema


@composite
def _unions(draw: DrawFn, branches: SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    return {"anyOf": draw(st.lists(branches, min_size=2, max_size=3))}


def _bare(schemas: SearchStrategy[dict[str, Any]]) -> SearchStrategy[dict[str, Any]]:
    """Branches and items: the page shows nothing of them but their types."""
    shown = ("type", "format", "title", "properties", "required", "items")
    return schemas.filter(lambda one: "enum" not in one).map(
        lambda one: {key: value for key, value in one.items() if key in shown}
    )


NESTED = st.recursive(
    _leaves(),
    lambda inner: st.one_of(_objects(_annotated(inner)), _bare(inner).flatmap(
        lambda one: _arrays(st.just(one))
    )),
    max_leaves=6,
)  # fmt: skip
FIELDS = _annotated(
    st.one_of(NESTED, _arrays(_enums()), _unions(_bare(NESTED)), _objects(_annotated(NESTED)))
)
PARAMETERS = _annotated(
    st.one_of(
        _strings(), _numbers(), _enums(), _arrays(_bare(_leaves())), _unions(_bare(_leaves()))
    )
)


@composite
def _parameters(draw: DrawFn, in_path: list[str]) -> tuple[dict[str, Any], ...]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": draw(PARAMETERS)}
        for name in in_path
    ]
    for location in ("query", "header", "cookie"):
        for name in draw(st.lists(NAMES, max_size=2, unique=True)):
            required = draw(st.booleans())
            found.append(
                {"name": name, "in": location, "required": required, "schema": draw(PARAMETERS)}
            )
    return tuple(found)


@composite
def operations(draw: DrawFn) -> Operation:
    """Return an operation of any method, with any parameters, body and response."""
    method = draw(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]))
    in_path = draw(st.lists(st.from_regex(r"[a-z][A-Za-z_]{0,8}", fullmatch=True), max_size=2,
                            unique=True))  # fmt: skip
    path = "/" + "/".join(
        ["items", *(part for name in in_path for part in (f"{{{name}}}", "parts"))]
    )
    credentials = draw(
        st.sampled_from(
            [
                (),
                ({"name": "Authorization", "in": "header", "value": "Bearer <token>"},),
                (
                    {
                        "name": "X-API-Key",
                        "in": "header",
                        "value": "<api-key>",
                        "description": "Key",
                    },
                ),
                ({"name": "token", "in": "query", "value": ""},),
                ({"name": "session", "in": "cookie", "value": ""},),
            ]
        )
    )
    bodies = None
    if method in ("POST", "PUT", "PATCH"):
        kinds = draw(
            st.sampled_from(
                [
                    (), ("application/json",), ("multipart/form-data",),
                    ("application/x-www-form-urlencoded",), ("application/json", "text/xml"),
                    ("application/merge-patch+json",),
                ]
            )
        )  # fmt: skip
        schema = draw(_objects(FIELDS, 1))
        if kinds and "json" in kinds[0] and draw(st.booleans()):
            schema = {"type": "array", "items": schema}
        bodies = dict.fromkeys(kinds, schema) or None
    responses = None
    status = draw(st.sampled_from(["200", "201", "204"]))
    if status != "204" and method != "HEAD":
        schema = draw(_objects(FIELDS, 1))
        if draw(st.booleans()):
            schema = {"type": "array", "items": schema}
        if described := draw(st.sampled_from(["", "A list of them"])):
            schema = {**schema, "description": described}
        responses = {"application/json": schema}
    return Operation(
        method=method,
        path=path,
        title=draw(
            st.sampled_from(["Do it", "List items", "Créer", "Get /items", "取消", "DELETE"])
        ),
        base_url=draw(st.sampled_from(["https://api.example.com/v1", "http://localhost:8080"])),
        credentials=credentials,
        parameters=draw(_parameters(in_path)),
        bodies=bodies,
        status=status,
        response_description=draw(st.sampled_from(["Done", "successful operation"])),
        responses=responses,
        statuses=draw(st.integers(1, 2)),
    )


def unmistakable(operation: Operation) -> Operation:
    """Return the operation with no name, value or sentence that looks like the page's own words."""
    return replace(
        operation,
        parameters=tuple(
            {**one, "name": f"{one['name']}1", "schema": _unmistakable(one["schema"])}
            if one["in"] != "path" else {**one, "schema": _unmistakable(one["schema"])}
            for one in operation.parameters
        ),
        bodies=operation.bodies and {
            kind: _unmistakable(schema) for kind, schema in operation.bodies.items()
        },
        responses=operation.responses and {
            kind: _unmistakable(schema) for kind, schema in operation.responses.items()
        },
    )  # fmt: skip


def _unmistakable(schema: dict[str, Any]) -> dict[str, Any]:
    found = dict(schema)
    if "properties" in found:
        members = found["properties"].items()
        found["properties"] = {f"{name}1": _unmistakable(one) for name, one in members}
    if "required" in found:
        found["required"] = [f"{name}1" for name in found["required"]]
    if "items" in found:
        found["items"] = _unmistakable(found["items"])
    if "anyOf" in found:
        found["anyOf"] = [_unmistakable(one) for one in found["anyOf"]]
    if "enum" in found and found["type"] == "string":
        found["enum"] = [f"{value}1" for value in found["enum"]]
        found |= {"default": found["enum"][0]} if "default" in found else {}
    if "description" in found:
        found["description"] = re.sub(r"[`*\\#\[\]]", "", found["description"])
    return found
