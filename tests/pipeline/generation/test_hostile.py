"""A page comes from outside, and what is made of it is run: none of its text becomes code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.generation import package
from scripts.generation.restatement.profile import profile
from tests import ROOT

CANARY = "intruder"
HOSTILE = [
    f'"""\n{CANARY}()\n"""',
    f"'''\n{CANARY}()\n'''",
    f'"); {CANARY}(); ("',
    f"'); {CANARY}(); ('",
    f'\\"; {CANARY}(); \\"',
    f'\\"""; {CANARY}(); x = """',
    f"x\n{CANARY}()\n",
    f"x\r{CANARY}()",
    f"x\u2028{CANARY}()",
    f"{{{CANARY}()}}",
    f"{{{{ {CANARY}() }}}}",
    f"{{% set x = {CANARY}() %}}",
    f"# {CANARY}\n{CANARY}()",
    f"../../{CANARY}",
    f"<script>{CANARY}()</script>",
    f'"><img src=x onerror={CANARY}()>',
    f"</script><script>{CANARY}()</script>",
    f"--><script>{CANARY}()</script>",
]


def operation(index: int, text: str) -> tuple[str, dict[str, Any]]:
    """Return a path and its item, with a text in every place that takes one.

    The index keeps Python names apart; it stands where it ends no quote.
    """
    name = f"{text}{index}"
    path = "/" + name.replace("{", "(").replace("}", ")")
    text_schema = {"type": "string", "description": text, "default": text, "examples": [text]}
    schema: dict[str, Any] = {
        "type": "object",
        "title": name,
        "description": text,
        "examples": [text, {text: text}],
        "properties": {
            name: text_schema,
            "constant": {"type": "string", "const": text},
            "listed": {"type": "string", "title": name, "enum": [text], "default": text},
            "patterned": {"type": "string", "pattern": text, "format": text},
            "inner": {
                "type": "object",
                "title": f"in{name}",
                "properties": {name: {"type": "integer"}},
            },
            "either": {
                "oneOf": [
                    {"type": "object", "properties": {name: {"const": text}, "a": {"const": 1}}},
                    {"type": "object", "properties": {name: {"const": "b"}}},
                ],
                "discriminator": {"propertyName": name},
            },
        },
        "required": [name],
    }
    return path, {
        "summary": text,
        "post": {
            "operationId": name,
            "summary": text,
            "description": text,
            "tags": [name],
            "parameters": [
                {"name": name, "in": "query", "description": text, "schema": text_schema},
                {
                    "name": f"list{name}",
                    "in": "query",
                    "explode": False,
                    "schema": {"type": "array", "items": {"type": "string", "enum": [text]}},
                },
                {
                    "name": f"deep{name}",
                    "in": "query",
                    "style": "deepObject",
                    "schema": {"type": "object", "properties": {name: {"type": "string"}}},
                },
                {"name": f"X{name}", "in": "header", "schema": {"type": "string"}},
                {"name": f"C{name}", "in": "cookie", "schema": {"type": "string"}},
            ],
            "requestBody": {
                "description": text,
                "content": {
                    "application/json": {"schema": {**text_schema, "title": f"body{name}"}}
                },
            },
            "responses": {
                "200": {"description": text, "content": {"application/json": {"schema": schema}}}
            },
            "security": [{text: [text]}],
        },
    }


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder above a package that was made of all the texts at once."""
    text = HOSTILE[0]
    document = {
        "openapi": "3.1.1",
        "info": {"title": text, "version": text, "description": text},
        "servers": [{"url": f"https://api.hostile.test/{text}", "description": text}],
        "paths": dict(operation(index, text) for index, text in enumerate(HOSTILE)),
        "components": {"securitySchemes": {text: {"type": "http", "scheme": "bearer"}}},
    }
    above = tmp_path_factory.mktemp("hostile")
    package.generate(profile(document), ROOT / "generator-config.yaml", above / "inside/client")
    return above


def trees(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_no_text_is_code(folder: Path) -> None:
    """The word that each text would run is nowhere called, named or looked up."""
    modules = list(trees(folder))
    assert len(modules) > len(HOSTILE)
    found = [
        (path.name, node.lineno)
        for path, module in modules
        for node in ast.walk(module)
        if (isinstance(node, ast.Name) and node.id == CANARY)
        or (isinstance(node, ast.Attribute) and node.attr == CANARY)
        or (isinstance(node, ast.alias) and node.name == CANARY)
    ]
    assert found == []


def test_modules_hold_definitions_only(folder: Path) -> None:
    """On import nothing runs but imports, definitions, and assignments of known names."""
    for path, module in trees(folder):
        for node in module.body:
            if isinstance(node, ast.Expr):
                assert isinstance(node.value, ast.Constant), (path.name, node.lineno)
            else:
                kinds = (
                    ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.Try, ast.If,
                    ast.AsyncFunctionDef, ast.Assign, ast.AnnAssign,
                )  # fmt: skip
                assert isinstance(node, kinds), (path.name, node.lineno)


def test_no_file_elsewhere(folder: Path) -> None:
    """Nothing is written outside of the package."""
    assert [path.name for path in folder.iterdir()] == ["inside"]
    assert [path.name for path in (folder / "inside").iterdir()] == ["client"]
    assert all(path.resolve().is_relative_to(folder.resolve()) for path in folder.rglob("*"))
