"""The client profile: what a contract has to become before a client is generated from it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from scripts.generation.restatement.profile import profile, read_content
from tests.pipeline import contracts
from tests.pipeline.validator import validate

REF = {"$ref": "#/components/schemas/Status"}
NULL = {"type": "null"}
ENUM = {"type": "string", "enum": ["a"]}


def document(
    member: dict[str, Any], *, request: dict[str, Any] | None = None, **schemas: Any
) -> dict[str, Any]:
    """Return a contract whose response is an object with one property, `member`."""
    schema = {"type": "object", "properties": {"member": member}}
    operation: dict[str, Any] = {
        "security": [{"key": []}],
        "responses": {
            "200": {"description": "ok", "content": {"application/json": {"schema": schema}}},
            "404": {"$ref": "#/components/responses/NotFound"},
            "default": {"description": "error"},
        },
    }
    if request is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": request}}}
    return {
        "security": [{"key": []}],
        "paths": {"/a": {"get": operation}},
        "components": {
            "schemas": {"Status": ENUM, "Error": {"type": "object"}, **schemas},
            "responses": {
                "NotFound": {
                    "description": "no",
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Error"}}
                    },
                }
            },
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def profiled(member: dict[str, Any], **schemas: Any) -> Any:
    """Return what the profile makes of a property of a response."""
    operation = profile(document(member, **schemas))["paths"]["/a"]["get"]
    media = operation["responses"]["200"]["content"]["application/json"]
    return media["schema"]["properties"]["member"]


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        (REF, {"anyOf": [REF, {"type": "string"}, NULL]}),
        (ENUM, {"anyOf": [ENUM, {"type": "string"}, NULL]}),
        ({"enum": [1, 2]}, {"anyOf": [{"enum": [1, 2]}, {"type": "integer"}, NULL]}),
        ({"anyOf": [REF, NULL]}, {"anyOf": [REF, NULL, {"type": "string"}]}),
        (
            {"type": "array", "items": REF},
            {"anyOf": [{"type": "array", "items": {"anyOf": [REF, {"type": "string"}]}}, NULL]},
        ),
        (
            {"type": "object", "additionalProperties": REF},
            {
                "anyOf": [
                    {
                        "type": "object",
                        "additionalProperties": {"anyOf": [REF, {"type": "string"}, NULL]},
                    },
                    NULL,
                ]
            },
        ),
    ],
    ids=["referred", "inline", "integer", "nullable already", "in an array", "in a map"],
)
def test_open_enums(member: Any, expected: Any) -> None:
    """A value that an enum does not list yet is let through."""
    assert profiled(member) == expected


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({"type": "object"}, {"anyOf": [{"type": "object"}, NULL]}),
        ({"type": ["object", "null"]}, {"type": ["object", "null"]}),
        (
            {"oneOf": [{"type": "object"}, {"type": "string"}]},
            {"anyOf": [{"type": "object"}, {"type": "string"}, NULL]},
        ),
        ({"type": "string"}, {"anyOf": [{"type": "string"}, NULL]}),
        ({"type": "integer", "default": 5}, {"default": 5, "anyOf": [{"type": "integer"}, NULL]}),
        ({"type": "array", "items": {}}, {"anyOf": [{"type": "array", "items": {}}, NULL]}),
        ({"description": "d"}, {"description": "d"}),
    ],
    ids=["object", "nullable already", "union", "text", "default", "list of anything", "anything"],
)
def test_null(member: Any, expected: Any) -> None:
    """Null may stand for whatever has a type: it comes through, or generated code trips over it."""
    assert profiled(member) == expected


def test_description_stays_with_the_member() -> None:
    """What a member's description says is not lost in an alternative."""
    assert profiled({**REF, "description": "d", "readOnly": True}) == {
        "description": "d",
        "readOnly": True,
        "anyOf": [REF, {"type": "string"}, NULL],
    }


def test_nested_components() -> None:
    """Components are followed, also those that refer to themselves."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    result = profile(document({"$ref": "#/components/schemas/Node"}, Node=node))
    assert result["components"]["schemas"]["Node"]["properties"]["next"] == {
        "anyOf": [{"$ref": "#/components/schemas/Node"}, NULL]
    }


@pytest.mark.parametrize("format_", ["date-time", "date", "uuid"])
def test_times_stay_text(format_: str) -> None:
    """Times and ids reach the user as they were sent."""
    assert profiled({"type": "string", "format": format_}) == {"anyOf": [{"type": "string"}, NULL]}


@pytest.mark.parametrize(
    ("member", "needed"),
    [
        ({"type": "string"}, True),
        ({"type": ["string", "null"]}, False),
        ({"anyOf": [REF, NULL]}, False),
        ({"enum": ["a", None]}, False),
        ({"$ref": "#/components/schemas/Maybe"}, False),
        ({}, False),
        (REF, True),
    ],
)
def test_member_that_may_be_null(member: dict[str, Any], needed: bool) -> None:
    """An answer must have the members that the contract requires, unless they may be null."""
    contract = document(member, Maybe={"type": ["object", "null"], "properties": {}})
    media = contract["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]
    media["schema"]["required"] = ["member", "ghost"]
    seen = profile(contract)["paths"]["/a"]["get"]["responses"]["200"]["content"]
    required = seen["application/json"]["schema"]["required"]
    assert required == (["member", "ghost"] if needed else ["ghost"])


def test_bytes_in_json_are_text() -> None:
    """A member that is a file elsewhere is text in JSON; a body as a whole may be a file."""
    member = {"type": "string", "format": "binary"}
    assert profiled(member) == {"anyOf": [{"type": "string"}, NULL]}


def test_default_that_is_an_object() -> None:
    """Generated code has no words for it."""
    member = {"type": "object", "additionalProperties": True, "default": {"a": 1}}
    assert "default" not in str(profiled(member))


def test_ambiguous_text_is_untyped() -> None:
    """Text that holds JSON in a sample may be an object on the wire."""
    member = {"type": "string", "contentMediaType": "application/json", "description": "d"}
    assert profiled(member) == {"description": "d"}


def test_text_in_a_union_keeps_its_type() -> None:
    """A union of object and text says itself what may come."""
    text = {"type": "string", "contentMediaType": "application/json"}
    assert profiled({"anyOf": [{"type": "object"}, text]}) == {
        "anyOf": [{"type": "object"}, text, NULL]
    }


def test_requests_stay_strict() -> None:
    """What a client sends is as the contract says."""
    body = {"type": "object", "properties": {"status": ENUM, "part": {"type": "object"}}}
    result = profile(document({"type": "string"}, request=body))
    media = result["paths"]["/a"]["get"]["requestBody"]["content"]["application/json"]
    assert media["schema"] == body


def test_only_successes_are_left() -> None:
    """Errors are the hand-written layer's, and their schemas are not generated."""
    result = profile(document(REF))
    assert list(result["paths"]["/a"]["get"]["responses"]) == ["200"]
    assert result["components"] == {"schemas": {"Status": ENUM}}


def test_no_credentials() -> None:
    """Operations take the plain client."""
    result = profile(document(REF))
    assert "security" not in result
    assert "security" not in result["paths"]["/a"]["get"]


def test_argument_untouched() -> None:
    """The contract itself stays strict."""
    contract = contracts.contract()
    before = deepcopy(contract)
    profile(contract)
    assert contract == before


def test_result_is_valid() -> None:
    """The profiled contract is still a valid one."""
    validate(profile(contracts.contract()))


def test_emails_stay_text() -> None:
    """An e-mail address is text, in requests too: pydantic would need one more package."""
    request = {"type": "object", "properties": {"to": {"type": "string", "format": "email"}}}
    result = profile(document({"type": "string"}, request=request))
    body = result["paths"]["/a"]["get"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["to"] == {"type": "string"}


def test_values_of_emails_stay() -> None:
    """What only looks like the schema of an e-mail address is a value."""
    value = {"format": "email", "x": 1}
    request = {"type": "object", "properties": {"to": {"example": value}}}
    result = profile(document({"type": "string"}, request=request))
    body = result["paths"]["/a"]["get"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["to"]["example"] == value


def test_default_is_the_answer_where_no_other_is() -> None:
    """An operation that declares `default` alone, or errors beside it, answers with that."""
    contract = document({"type": "string"})
    responses = contract["paths"]["/a"]["get"]["responses"]
    responses["default"] = responses.pop("200")
    seen = profile(contract)["paths"]["/a"]["get"]["responses"]
    assert seen == profile(document({"type": "string"}))["paths"]["/a"]["get"]["responses"]


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ({"text/plain": "a", "application/json": "b"}, {"application/json": "b"}),
        ({"application/xml": "a", "application/vnd.x.v1+json": "b"}, {"application/json": "b"}),
        ({"text/json": "a"}, {"application/json": "a"}),
        ({"Application/JSON; charset=utf-8": "a"}, {"application/json": "a"}),
        ({"*/*": "a", "text/html": "b"}, {"application/json": "a"}),
        ({"*/*": "string"}, {"text/plain": "string"}),
        ({"application/*": "binary"}, {"application/octet-stream": "binary"}),
        (
            {"text/html": "a", "text/event-stream": "b"},
            {"text/html": "string", "text/event-stream": "string"},
        ),
        ({"text/csv": "binary", "image/png": "a"}, {"text/csv": "binary", "image/png": "a"}),
        ({}, {}),
    ],
)
def test_media_type(content: dict[str, str], read: dict[str, str]) -> None:
    """Of a response that may be JSON, JSON is read, whatever stands before it."""
    schemas: dict[str, Any] = {
        "string": {"type": "string"},
        "binary": {"type": "string", "format": "binary"},
    }
    media = {name: {"schema": schemas.get(one, {"title": one})} for name, one in content.items()}
    seen = read_content(media)
    assert seen == {
        name: {"schema": schemas.get(one, {"title": one})} for name, one in read.items()
    }


def test_own_headers() -> None:
    """Nobody is asked for a header that every request has anyway."""
    contract = document({"type": "string"})
    names = ["X-Blaxel-Workspace", "Authorization", "X-Reason"]
    contract["paths"]["/a"]["get"]["parameters"] = [
        {"name": name, "in": "header", "required": True, "schema": {**ENUM, "default": "a"}}
        for name in names
    ]
    seen = profile(contract)["paths"]["/a"]["get"]["parameters"]
    assert [one["name"] for one in seen if one.get("required")] == ["X-Reason"]
    assert [one["name"] for one in seen if "default" in one["schema"]] == ["X-Reason"]


def test_titles_of_components() -> None:
    """A component's class has the component's name, whatever title it has."""
    seen = profile(document(REF, Status={**ENUM, "title": "State of it"}))
    assert seen["components"]["schemas"]["Status"] == ENUM
