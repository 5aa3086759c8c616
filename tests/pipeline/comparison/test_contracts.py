"""What a change of the contract asks of callers: a table of edits, each with its bump."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from scripts import documents
from scripts.__main__ import main
from scripts.comparison.contracts import compare
from scripts.emitter import dump
from scripts.facts import unescape
from scripts.terminal.command import ROOT

Contract = dict[str, Any]
Edit = Callable[[Contract], object]

_REF = "#/components/schemas/"


def _base() -> Contract:
    """Return a contract with requests, responses, shared components, a cycle and a union."""
    return {
        "openapi": "3.1.1",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://one.example"}, {"url": "https://two.example"}],
        "security": [{"Key": []}, {"Auth": ["read"]}],
        "paths": {
            "/things/{a}/{b}": {
                "parameters": [{"$ref": "#/components/parameters/A"}],
                "post": {
                    "operationId": "makeThing",
                    "summary": "Make",
                    "tags": ["things"],
                    "parameters": [
                        {"name": "b", "in": "path", "required": True,
                         "schema": {"type": "string"}},
                        {"name": "limit", "in": "query",
                         "schema": {"type": "integer", "maximum": 10, "default": 5}},
                        {"name": "must", "in": "query", "required": True,
                         "schema": {"type": "string"}},
                    ],
                    "requestBody": {"$ref": "#/components/requestBodies/Make"},
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {"application/json": {"schema": {"$ref": _REF + "Out"}}},
                            "headers": {"X-Id": {"schema": {"type": "string"}}},
                        },
                        "404": {"description": "no"},
                    },
                },
                "get": {"operationId": "readThing", "tags": ["things"], "responses": {
                    "200": {"description": "ok"}}, "parameters": [
                        {"name": "b", "in": "path", "required": True,
                         "schema": {"type": "string"}}]},
            }
        },
        "components": {
            "parameters": {
                "A": {"name": "a", "in": "path", "required": True, "schema": {"type": "string"}}
            },
            "requestBodies": {
                "Make": {"content": {"application/json": {"schema": {"$ref": _REF + "In"}}}}
            },
            "schemas": {
                "In": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "maxLength": 9},
                        "size": {"type": "integer"},
                        "color": {"type": "string", "enum": ["red", "blue"]},
                        "when": {"type": "string"},
                        "shared": {"$ref": _REF + "Shared"},
                        "union": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                    },
                },
                "Out": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "string", "maxLength": 9},
                        "size": {"type": "integer"},
                        "color": {"type": "string", "enum": ["red", "blue"]},
                        "when": {"type": "string"},
                        "part": {"type": "object"},
                        "next": {"$ref": _REF + "Out"},
                        "shared": {"$ref": _REF + "Shared"},
                        "union": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                    },
                },
                "Shared": {
                    "type": "object",
                    "properties": {"x": {"type": "integer"}, "when": {"type": "string"}},
                },
            },
            "securitySchemes": {
                "Key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "Auth": {"type": "oauth2", "flows": {"clientCredentials": {
                    "tokenUrl": "https://one.example/token", "scopes": {"read": "", "write": ""}}}},
            },
        },
    }  # fmt: skip


_POST = "/paths/~1things~1{a}~1{b}/post"
_IN, _OUT = "/components/schemas/In", "/components/schemas/Out"
_SHARED = "/components/schemas/Shared"
_SCOPES = "/components/securitySchemes/Auth/flows/clientCredentials/scopes"
_BODY = "/components/requestBodies/Make"
_OK = f"{_POST}/responses/200"


def _parent(contract: Any, pointer: str) -> tuple[Any, Any]:
    keys = [unescape(key) for key in pointer.split("/")[1:]]
    for key in keys[:-1]:
        contract = contract[int(key) if isinstance(contract, list) else key]
    last = keys[-1]
    return contract, int(last) if isinstance(contract, list) and last != "-" else last


def put(pointer: str, value: Any) -> Edit:
    """Return the edit that sets a part; `-` at the end appends to a list."""

    def edit(contract: Contract) -> None:
        parent, key = _parent(contract, pointer)
        if key == "-" and isinstance(parent, list):
            parent.append(value)
        else:
            parent[key] = value

    return edit


def cut(pointer: str) -> Edit:
    """Return the edit that takes a part away."""

    def edit(contract: Contract) -> None:
        parent, key = _parent(contract, pointer)
        del parent[key]

    return edit


def rename(pointer: str, name: str) -> Edit:
    """Return the edit that gives a part another key."""

    def edit(contract: Contract) -> None:
        parent, key = _parent(contract, pointer)
        parent[name] = parent.pop(key)

    return edit


def replace(old: str, new: str) -> Edit:
    """Return the edit that replaces a text all over the contract."""

    def edit(contract: Contract) -> None:
        text = json.dumps(contract).replace(old, new)
        contract.clear()
        contract.update(json.loads(text))

    return edit


def both(*edits: Edit) -> Edit:
    """Return the edit that does several, one after the other."""

    def edit(contract: Contract) -> None:
        for one in edits:
            one(contract)

    return edit


def moved_down(key: str) -> Edit:
    """Return the edit that says of each operation what was said of all."""

    def edit(contract: Contract) -> None:
        value = contract.pop(key)
        for item in contract["paths"].values():
            for method in {"get", "post"} & item.keys():
                item[method][key] = value

    return edit


_QUERY = {"name": "new", "in": "query", "schema": {"type": "string"}}
_TEXT = {"type": "string"}

EDITS: list[tuple[str, str, Edit]] = [
    # What is no change, or only prose.
    ("none", "version", put("/info/version", "2")),
    ("none", "parameter inline", put(f"{_POST}/parameters/-", {
        "name": "a", "in": "path", "required": True, "schema": {"type": "string"}})),
    ("none", "enum reordered", put(f"{_OUT}/properties/color/enum", ["blue", "red"])),
    ("none", "allOf of one", put(f"{_OUT}/properties/shared", {
        "allOf": [{"$ref": _REF + "Shared"}]})),
    ("none", "anyOf of one", put(f"{_IN}/properties/shared", {
        "anyOf": [{"$ref": _REF + "Shared"}]})),
    ("none", "list of one type", put(f"{_OUT}/properties/id/type", ["string"])),
    ("none", "false flag", put(f"{_OUT}/properties/id/readOnly", False)),
    ("none", "empty bound", put(f"{_IN}/properties/when/minLength", 0)),
    ("none", "nothing required", put(f"{_SHARED}/required", [])),
    ("none", "open object", put(f"{_OUT}/additionalProperties", True)),
    ("none", "style as it is anyway", both(
        put(f"{_POST}/parameters/1/style", "form"), put(f"{_POST}/parameters/1/explode", True))),
    ("none", "security moved", moved_down("security")),
    ("none", "servers moved", moved_down("servers")),
    ("none", "unrelated scope", put(f"{_SCOPES}/admin", "Everything")),
    ("none", "unrelated scope removed", cut(f"{_SCOPES}/write")),
    ("patch", "unused scheme", put("/components/securitySchemes/Other", {
        "type": "http", "scheme": "basic"})),
    ("patch", "info.description", put("/info/description", "d")),
    ("patch", "info.title", put("/info/title", "d")),
    ("patch", "summary", put(f"{_POST}/summary", "d")),
    ("patch", "property description", put(f"{_OUT}/properties/id/description", "d")),
    ("patch", "example", put(f"{_OUT}/properties/id/examples", ["d"])),
    ("patch", "extension", put(f"{_POST}/x-internal", 1)),
    ("patch", "error status added", put(f"{_POST}/responses/500", {"description": "d"})),
    ("patch", "error status removed", cut(f"{_POST}/responses/404")),
    ("patch", "title of a component", put(f"{_SHARED}/title", "Both")),
    ("patch", "unused component", put("/components/schemas/Spare", {"type": "object"})),
    ("patch", "second tag", put(f"{_POST}/tags/-", "more")),
    # Operations.
    ("minor", "operation added", put("/paths/~1new", {"get": {"responses": {}}})),
    ("major", "operation removed", cut("/paths/~1things~1{a}~1{b}/get")),
    ("major", "operationId", put(f"{_POST}/operationId", "buildThing")),
    ("major", "tag", put(f"{_POST}/tags", ["other"])),
    ("minor", "operation deprecated", put(f"{_POST}/deprecated", True)),
    ("major", "method", rename(_POST, "put")),
    ("major", "path", rename("/paths/~1things~1{a}~1{b}", "/objects/{a}/{b}")),
    ("major", "path order", rename("/paths/~1things~1{a}~1{b}", "/things/{b}/{a}")),
    # Parameters.
    ("minor", "optional parameter", put(f"{_POST}/parameters/-", _QUERY)),
    ("major", "required parameter", put(f"{_POST}/parameters/-", {**_QUERY, "required": True})),
    ("major", "parameter removed", cut(f"{_POST}/parameters/1")),
    ("major", "parameter renamed", put(f"{_POST}/parameters/1/name", "most")),
    ("major", "parameter required", put(f"{_POST}/parameters/1/required", True)),
    ("minor", "parameter optional", put(f"{_POST}/parameters/2/required", False)),
    ("major", "parameter location", put(f"{_POST}/parameters/1/in", "header")),
    ("major", "parameter type", put(f"{_POST}/parameters/1/schema/type", "boolean")),
    ("minor", "parameter wider", put(f"{_POST}/parameters/1/schema/type", "number")),
    ("minor", "parameter default", put(f"{_POST}/parameters/1/schema/default", 6)),
    ("major", "parameter tightened", put(f"{_POST}/parameters/1/schema/maximum", 9)),
    ("minor", "parameter loosened", put(f"{_POST}/parameters/1/schema/maximum", 11)),
    ("minor", "parameter deprecated", put(f"{_POST}/parameters/1/deprecated", True)),
    ("major", "parameter by reference", put("/components/parameters/A/schema/type", "integer")),
    # Requests and responses, told apart.
    ("minor", "request enum added", put(f"{_IN}/properties/color/enum/-", "green")),
    ("major", "request enum removed", cut(f"{_IN}/properties/color/enum/0")),
    ("minor", "response enum added", put(f"{_OUT}/properties/color/enum/-", "green")),
    ("major", "response enum removed", cut(f"{_OUT}/properties/color/enum/0")),
    ("minor", "request property", put(f"{_IN}/properties/more", _TEXT)),
    ("minor", "response property", put(f"{_OUT}/properties/more", _TEXT)),
    ("major", "request property removed", cut(f"{_IN}/properties/size")),
    ("major", "response property removed", cut(f"{_OUT}/properties/size")),
    ("major", "request required", put(f"{_IN}/required/-", "size")),
    ("minor", "response required", put(f"{_OUT}/required/-", "size")),
    ("minor", "request optional", put(f"{_IN}/required", [])),
    ("major", "response optional", put(f"{_OUT}/required", [])),
    ("minor", "request null", put(f"{_IN}/properties/size/type", ["integer", "null"])),
    # What the generated code takes anyway.
    ("patch", "response null", put(f"{_OUT}/properties/size/type", ["integer", "null"])),
    ("patch", "response object or null", put(f"{_OUT}/properties/part/type", ["object", "null"])),
    ("patch", "response enum or null", put(f"{_OUT}/properties/color/enum", ["red", "blue", None])),
    ("patch", "response open enum", put(f"{_OUT}/properties/color", {
        "anyOf": [{"type": "string", "enum": ["red", "blue"]}, {"type": "string"}]})),
    ("major", "response enum gone", put(f"{_OUT}/properties/color", _TEXT)),
    ("patch", "shared time", put(f"{_SHARED}/properties/when/format", "date-time")),
    ("patch", "shared id", put(f"{_SHARED}/properties/when/format", "uuid")),
    ("major", "shared binary", put(f"{_SHARED}/properties/when/format", "binary")),
    ("patch", "request email", put(f"{_IN}/properties/when/format", "email")),
    ("patch", "response media type", put(f"{_OUT}/properties/when/contentMediaType", "text/csv")),
    ("major", "response JSON in text",
     put(f"{_OUT}/properties/when/contentMediaType", "application/json")),
    ("minor", "request wider", put(f"{_IN}/properties/size/type", "number")),
    ("major", "response wider", put(f"{_OUT}/properties/size/type", "number")),
    ("major", "request type", put(f"{_IN}/properties/size/type", "string")),
    ("major", "response type", put(f"{_OUT}/properties/size/type", "string")),
    ("major", "request time", put(f"{_IN}/properties/when/format", "date-time")),
    ("patch", "response time", put(f"{_OUT}/properties/when/format", "date-time")),
    ("patch", "response binary", put(f"{_OUT}/properties/when/format", "binary")),
    ("major", "request tightened", put(f"{_IN}/properties/name/maxLength", 8)),
    ("minor", "request loosened", put(f"{_IN}/properties/name/maxLength", 10)),
    ("patch", "response constraint", put(f"{_OUT}/properties/id/maxLength", 8)),
    ("minor", "request alternative", put(f"{_IN}/properties/union/oneOf/-", {"type": "boolean"})),
    ("major", "response alternative", put(f"{_OUT}/properties/union/oneOf/-", {"type": "boolean"})),
    ("major", "request alternative removed", cut(f"{_IN}/properties/union/oneOf/0")),
    ("minor", "response alternative removed", cut(f"{_OUT}/properties/union/oneOf/0")),
    ("major", "shared, worse of both",
     put("/components/schemas/Shared/properties/x/type", "number")),
    ("minor", "shared, added", put("/components/schemas/Shared/properties/y", _TEXT)),
    ("major", "request closed", put(f"{_IN}/additionalProperties", False)),
    ("minor", "request readOnly", put(f"{_IN}/properties/size/readOnly", True)),
    ("major", "request required, readOnly", both(
        put(f"{_IN}/required/-", "more"),
        put(f"{_IN}/properties/more", {"type": "string", "readOnly": True}))),
    ("major", "response writeOnly", put(f"{_OUT}/properties/size/writeOnly", True)),
    ("minor", "property deprecated", put(f"{_OUT}/properties/size/deprecated", True)),
    ("major", "model renamed", replace("/Shared", "/Common")),
    ("minor", "model has another name, too", both(
        replace("/Shared", "/Common"),
        put("/components/schemas/Common", {"type": "object", "properties": {
            "x": {"type": "integer"}, "when": {"type": "string"}}}),
        put("/components/schemas/Shared", {"$ref": _REF + "Common"}))),
    ("major", "model inline", put(f"{_OUT}/properties/shared", {
        "type": "object",
        "properties": {"x": {"type": "integer"}, "when": {"type": "string"}}})),
    # Bodies.
    ("major", "body required", put(f"{_BODY}/required", True)),
    ("major", "body removed", cut(f"{_POST}/requestBody")),
    ("minor", "request media", put(f"{_BODY}/content/text~1plain", {"schema": _TEXT})),
    ("major", "response media", rename(f"{_OK}/content/application~1json", "text/plain")),
    ("major", "success status", rename(_OK, "201")),
    ("major", "header removed", cut(f"{_OK}/headers/X-Id")),
    # Security and servers.
    ("minor", "security alternative", put("/security/-", {"Key": [], "Auth": []})),
    ("major", "security removed", cut("/security/0")),
    ("major", "scope needed", put("/security/1/Auth/-", "write")),
    ("minor", "scope not needed", put("/security/1/Auth", [])),
    ("minor", "no security", put("/security", [])),
    ("major", "key's header", put("/components/securitySchemes/Key/name", "X-Other")),
    ("major", "server changed", put("/servers/0/url", "https://three.example")),
    ("major", "server removed", cut("/servers/1")),
    ("minor", "server added", put("/servers/-", {"url": "https://three.example"})),
]  # fmt: skip


@pytest.mark.parametrize(("bump", "edit"), [pytest.param(b, e, id=n) for b, n, e in EDITS])
def test_bump_of_an_edit(bump: str, edit: Edit) -> None:
    """One edit of a contract asks for the bump of the table."""
    new = _base()
    edit(new)

    found = compare(_base(), new)

    assert found.bump == bump, found.reasons


@pytest.mark.parametrize(
    "edit", [pytest.param(e, id=n) for b, n, e in EDITS if b != "none"]
)  # fmt: skip
def test_an_edit_undone_is_a_change_too(edit: Edit) -> None:
    """What is a change one way is a change the other way, and each reason names a place."""
    new = _base()
    edit(new)

    found = compare(new, _base())

    assert found.bump != "none"
    assert all(f"(at #{change.pointer})" in str(change) for change in found.changes)


def test_equal_contracts_do_not_differ() -> None:
    """A contract against itself, its keys in another order, is no change."""
    new = json.loads(json.dumps(_base(), sort_keys=True))

    assert compare(_base(), new).changes == ()


def test_contracts_are_left_as_they_are() -> None:
    """Comparing changes neither contract."""
    old, new = _base(), _base()

    compare(old, new)

    assert (old, new) == (_base(), _base())


@pytest.mark.parametrize(
    ("bump", "place", "edit"),
    [
        ("major", "/components/schemas/JobExecutionStats/properties/total",
         cut("/components/schemas/JobExecutionStats/properties/total")),
        ("minor", "/components/schemas/JobExecutionStats/properties/extra",
         put("/components/schemas/JobExecutionStats/properties/extra", _TEXT)),
        ("patch", "/info/description", put("/info/description", "d")),
    ],
)  # fmt: skip
def test_edits_of_our_own_contract(bump: str, place: str, edit: Edit) -> None:
    """An edit of the contract that the client is made of is rated, and its place named."""
    old = documents.read(ROOT / "spec/openapi.yaml").value
    new = deepcopy(old)
    edit(new)

    found = compare(old, new)

    assert (found.bump, found.changes[0].pointer) == (bump, place)


def _write(path: Path, contract: Contract) -> str:
    path.write_text(dump(contract), encoding="utf-8")
    return str(path)


def test_command_says_bump_and_reasons(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    """With --json the command gives bump, reasons and changes."""
    new = _base()
    put(f"{_POST}/operationId", "buildThing")(new)
    files = _write(tmp_path / "old.yaml", _base()), _write(tmp_path / "new.yaml", new)

    code = main(["diff", *files, "--json"])

    result = json.loads(capsys.readouterr().out)
    assert (code, result["bump"], len(result["reasons"])) == (0, "major", 1)
    assert result["changes"][0].keys() == {"bump", "pointer", "message"}


def test_bump_is_the_first_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For people, the bump stands alone on the first line."""
    files = _write(tmp_path / "old.yaml", _base()), _write(tmp_path / "new.yaml", _base())

    main(["diff", *files])

    assert capsys.readouterr().out == "none\n"


@pytest.mark.parametrize("text", ["openapi: [", "a: b\n", "- a\n", "openapi: 3.1.1\n", "{}\n"])
def test_bad_input_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """What is no contract ends with exit code 1, its file and line."""
    bad = tmp_path / "bad.yaml"
    bad.write_text(text, encoding="utf-8")

    code = main(["diff", _write(tmp_path / "old.yaml", _base()), str(bad)])

    assert code == 1
    assert "bad.yaml:1: " in capsys.readouterr().err


def test_missing_file_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there ends with exit code 1 and its name."""
    code = main(["diff", str(tmp_path / "gone.yaml"), str(tmp_path / "gone.yaml")])

    assert code == 1
    assert "gone.yaml" in capsys.readouterr().err
