"""A page comes from outside, and what is made of it is run: none of its text becomes code."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from scripts.contract import pipeline, validation
from scripts.contract.report import render
from scripts.picture.document import draw
from scripts.reading.capture import read_page
from tests.conftest import MadeOnce
from tests.pipeline.commands.running import run
from tests.pipeline.contracts import generate

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
    f"`<script>{CANARY}()</script>`",
    f"``` {CANARY} ``` <img src=x onerror={CANARY}()>",
    f"[{CANARY}](javascript:{CANARY}()) ![{CANARY}](https://evil.test/{CANARY}.png)",
    f"a | b | <iframe src=//evil.test/{CANARY}>",
    f"\x1b]0;{CANARY}\x07\x1b[2J\x9b1A\r",
    f"\u202e{CANARY}\u2066\u200f",
]
ACTING = set("\x07\x1b\x9b\u202e\u2066\u200f\u2028\x85")
"""Characters that no terminal and no reader of source code may meet as they are."""


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
                "200": {
                    "description": text,
                    "headers": {f"X{name}": {"description": text, "schema": text_schema}},
                    "content": {
                        "application/json": {"schema": schema, "example": {"constant": text}},
                        f"text/{text}": {"schema": {"type": "string"}},
                    },
                }
            },
            "servers": [
                {
                    "url": f"https://api.hostile.test/{{v}}/{text}".replace("?", ""),
                    "description": text,
                    "variables": {"v": {"default": text, "enum": [text], "description": text}},
                }
            ],
            "externalDocs": {"url": f"https://hostile.test/{text}", "description": text},
            "security": [{text: [text]}],
        },
    }


@pytest.fixture(scope="session")
def folder(made_once: MadeOnce) -> Path:
    """Return the folder above a package that was made of all the texts at once."""
    text = HOSTILE[0]
    document = {
        "openapi": "3.1.1",
        "info": {"title": text, "version": text, "description": text},
        "servers": [{"url": f"https://api.hostile.test/{text}", "description": text}],
        "tags": [{"name": one, "description": one} for one in HOSTILE],
        "paths": dict(operation(index, text) for index, text in enumerate(HOSTILE)),
        "components": {"securitySchemes": {text: {"type": "http", "scheme": "bearer"}}},
    }

    def make(above: Path) -> None:
        client = above / "inside/client"
        generate(document, client)

    return made_once("hostile", make)


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


def test_nothing_acts(folder: Path) -> None:
    """No file holds a character that moves a cursor or turns the order of what is written."""
    for path in folder.rglob("*.py"):
        assert not ACTING & set(path.read_text(encoding="utf-8")), path.name


# What people read of it


def page(index: int, text: str) -> tuple[str, str]:
    """Return a page's file name, as hostile as a file system takes, and the page."""
    path, item = f"/hostile{index}", operation(index, text)[1]
    item["post"] |= {
        "security": [{"Key": [text]}],
        "servers": [{"url": "https://api.hostile.test"}],
    }
    item["post"]["operationId"] = f"do{index}"
    schemas = item["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    schemas["properties"]["patterned"]["pattern"] = re.escape(text)
    document = {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text, "description": text},
        "tags": [{"name": f"{text}{index}", "description": text}],
        "paths": {path: item},
        "components": {
            "securitySchemes": {"Key": {"type": "oauth2", "description": text, "flows": {
                "clientCredentials": {"tokenUrl": "/t", "scopes": {text: text}}}}}
        },
    }  # fmt: skip
    fence = f"````json spec.json post {path}\n{json.dumps(document, indent=1)}\n````\n"
    name = text.replace("/", "\u2215").replace("\0", "")
    return f"{index}{name}.md", f"# Title\n\n## OpenAPI\n\n{fence}"


PAGE_TEXT = """POST
/
things
{title}
curl --request POST \\
  --url https://api.hostile.test/things
{{
  "of {name}": {value},
  "seen": {value}
}}

Response

{title}

seen
enum<string>
default:{title}

{title}

Available options:
{title},
other
"""


@pytest.fixture(scope="session")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    for index, text in enumerate(HOSTILE):
        name, content = page(index, text)
        (folder / name).write_text(content, encoding="utf-8")
        line = "".join(one for one in " ".join(text.split()) if one not in ACTING)
        value = json.dumps(text)
        own = PAGE_TEXT.format(title=line, name=f"{value[1:-1]}", value=value)
        (folder / f"text{index}.txt").write_text(
            own.replace("things", f"things{index}"), encoding="utf-8"
        )
    return folder


@pytest.fixture(scope="session")
def built(docs: Path) -> pipeline.Built:
    """Return what all pages give that can be read; each other one is refused by name."""
    found = pipeline.build(docs, [], root=docs, keep_going=True, checks=(validation.problems,))
    assert len(found.pages) > len(HOSTILE)
    return found


def shown(html: str) -> None:
    """Hold a page that a browser would show to text: nothing runs, loads or leads elsewhere."""
    tree = LexborHTMLParser(html)
    assert not tree.css("img, iframe, object, embed, svg:not(.bar):not([aria-hidden]), base")
    for node in tree.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")], node.html
        for attribute in ("href", "src", "action"):
            assert not str(node.attributes.get(attribute) or "#").startswith("javascript")


def test_report(built: pipeline.Built) -> None:
    """Markdown that lets HTML through makes no element of a page's text, and no link."""
    report = render(built.pages, built.contract, built.notices, built.problems)
    assert CANARY in report
    assert not ACTING & set(report)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(report)
    shown(html)
    assert not LexborHTMLParser(html).css("script, a[href]")


def test_tables_keep_their_columns(built: pipeline.Built) -> None:
    """A bar in a name ends no cell."""
    report = render(built.pages, built.contract, built.notices, built.problems)
    html = MarkdownIt("commonmark").enable("table").render(report)
    for table in LexborHTMLParser(html).css("table"):
        columns = len(table.css("th"))
        rows = [len(row.css("td")) for row in table.css("tbody tr")]
        assert set(rows) <= {columns}
    assert report.count("\n| ") > len(HOSTILE)


def test_picture(built: pipeline.Built, docs: Path) -> None:
    """The picture has one script, its own, whatever stands in pages, names and notices."""
    pages = []
    for one in built.pages:
        data = (docs / one.file).read_bytes()
        pages.append((read_page(data, one.file), data.decode()))
    html = draw(pages, built.contract, notices=[*built.problems, *built.notices])
    assert CANARY in html
    assert not ACTING & set(html)
    shown(html)
    # What is closed at first stands in blocks of no script, and becomes elements when opened.
    tree = LexborHTMLParser(html)
    closed = [block.text() for block in tree.css('script[type="text/html"]')]
    assert len(closed) > len(HOSTILE)
    for block in closed:
        shown(block)
        assert not LexborHTMLParser(block).css("script")
    own = tree.css('script:not([type="text/html"])')
    assert [CANARY in script.text() for script in own] == [False]


def test_messages(docs: Path, tmp_path: Path) -> None:
    """Whatever is said of such pages on a terminal, in words or as JSON, does not act on it."""
    for more in ([], ["--json"]):
        done = run("spec", "--docs", docs, "--keep-going", "--out", tmp_path / "out.yaml", *more)
        assert done.returncode == 3
        assert "Traceback" not in done.stderr
        assert CANARY in done.stdout + done.stderr
        assert not ACTING & set(done.stdout + done.stderr)
