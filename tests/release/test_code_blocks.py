"""The code of README, CONTRIBUTING and the pages in docs/ runs as it stands."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import textwrap
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import anyio
import httpx
import pytest
from packaging.requirements import Requirement

from blaxel_jobs import AsyncJobsClient, JobsClient
from blaxel_jobs._command import main
from blaxel_jobs.testing import FakeAPI
from blaxel_jobs.testing import __main__ as served
from blaxel_jobs.testing.server import FakeServer
from scripts.__main__ import main as pipeline
from tests import ROOT

PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and where it begins."""

    language: str
    text: str
    place: str


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page, those in lists too."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^( *)```(.*)\n((?:.*\n)*?)\1```$", text, re.MULTILINE):
        line = text.count("\n", 0, found.start()) + 1
        place = f"{page.relative_to(ROOT)}:{line}"
        yield Block(found[2], textwrap.dedent(found[3]), place)


BLOCKS = [block for page in PAGES for block in blocks(page)]


def of(language: str) -> list[Any]:
    return [pytest.param(b.text, id=b.place) for b in BLOCKS if b.language == language]


def commands() -> list[Any]:
    """Return each command of the shell blocks, without its comment."""
    return [
        pytest.param(shlex.split(line, comments=True), id=f"{block.place} {line[:50]}")
        for block in BLOCKS
        if block.language == "sh"
        for line in block.text.splitlines()
        if line.strip()
    ]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeAPI:
    """An API that knows the executions of the pages, where a client is given no other."""
    api = FakeAPI(reads_until_cancelled=0)
    for job, execution in (
        ("data-processing-job", "exec-abc123"),
        ("job-a", "exec-1"),
        ("job-b", "exec-2"),
    ):
        api.add(job, execution)
    for kind in (JobsClient, AsyncJobsClient):
        defaults = kind.__init__.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, "transport", api)
    monkeypatch.setenv("BL_API_KEY", "key")
    monkeypatch.chdir(tmp_path)
    return api


def test_languages() -> None:
    """Each block says what it is, so that none is left untried; `text` is pictures and trees."""
    known = {"python", "sh", "ini", "toml", "json", "text"}
    known |= {"{toctree}", "{include}", "{literalinclude}", "{eval-rst}"}
    assert [b for b in BLOCKS if b.language.partition(" ")[0] not in known] == []
    assert len(of("python")) > 5


@pytest.mark.parametrize("text", of("python"))
@pytest.mark.usefixtures("api")
def test_python(text: str) -> None:
    """Each block of Python runs by itself; `await` is allowed in it."""
    if "alias_httpx" in text:  # comes first in a program
        path = os.pathsep.join(filter(None, sys.path))
        subprocess.run(
            [sys.executable, "-c", text], env={**os.environ, "PYTHONPATH": path}, check=True
        )
        return
    names: dict[str, Any] = {}
    exec(f"async def main():\n{textwrap.indent(text, '    ')}", names)
    anyio.run(names["main"])


@pytest.mark.parametrize("text", of("toml"))
def test_toml(text: str) -> None:
    """Each block of TOML can be read; tests/delivery uses those for installers."""
    assert tomllib.loads(text)


@pytest.mark.parametrize("text", of("json"))
def test_json(text: str, api: FakeAPI) -> None:
    """Each block of JSON is a state that the served fake takes."""
    with FakeServer(api) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        state = server.url.removesuffix("/v0") + "/__state"
        assert httpx.put(state, content=text).json()["faults_due"]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("words", commands())
def test_shell(words: list[str], api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command of a shell block is one that there is; ours are run."""
    match words:
        case ["make", target, *_]:
            assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)
        case ["pip", "install", requirement]:
            wanted = Requirement(requirement)
            assert wanted.name == PROJECT["name"]
            assert wanted.extras <= PROJECT["optional-dependencies"].keys()
        case ["blaxel-jobs", *arguments]:
            if "<" in arguments:
                lines = io.BytesIO(b"job-a exec-1\njob-b exec-2\n")
                monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(lines))
                arguments = arguments[: arguments.index("<")]
            assert main.main(arguments) == 0
            assert api.requests
        case ["python", "-m", "scripts", command, *_]:
            with pytest.raises(SystemExit) as ended:
                pipeline([command, "--help"])
            assert ended.value.code == 0
        case ["python", "-m", "blaxel_jobs.testing", *arguments]:
            with mock.patch.object(FakeServer, "serve_forever", side_effect=KeyboardInterrupt):
                free = [re.sub(r"^8080$", "0", word) for word in arguments]
                assert served.main(free) == 130  # Ctrl-C, once it serves
        case _:
            pytest.fail(f"nothing tries this command: {shlex.join(words)}")


def test_make_targets() -> None:
    """Each make target that a page names in its text is there."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z0-9-]+)", text))
    assert {"generate", "test", "docs"} <= named
    assert [name for name in named if not re.search(rf"^{name}:", MAKEFILE, re.MULTILINE)] == []


def test_readme_is_short() -> None:
    """Who opens the README has read it in five minutes; the rest is in docs/."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
