"""One place names the HTTP library, and what else has to name it agrees."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest
from packaging.requirements import Requirement

from blaxel_jobs import ApiKey, AsyncJobsClient, ConfigurationError, JobsClient
from scripts.vendoring.http_library import CORES, imported
from tests import ROOT

OVERRIDES, GENERATED = ROOT / "overrides/blaxel_jobs", ROOT / "generated/blaxel_jobs_api"
PLACE = OVERRIDES / "_http"
LIBRARIES = {*CORES, *CORES.values()}


def libraries(path: Path) -> set[str]:
    """Return the HTTP libraries that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).partition(".")[0])
    return found & LIBRARIES


def test_one_place() -> None:
    """No module of the hand-written layer imports the library by itself."""
    others = [path for path in OVERRIDES.rglob("*.py") if path.parent != PLACE]
    assert [path for path in others if libraries(path)] == []


def test_same_library() -> None:
    """The hand-written layer, the generated client and the package's dependency are of one mind."""
    (ours,) = libraries(PLACE / "__init__.py")
    assert libraries(PLACE / "core.py") == {CORES[ours]}
    modules = {str(path): path.read_text(encoding="utf-8") for path in GENERATED.rglob("*.py")}
    assert imported(modules) == ours
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {Requirement(text).name for text in project["dependencies"]}
    assert needed & LIBRARIES == {ours}


@pytest.mark.parametrize("client", [JobsClient, AsyncJobsClient])
@pytest.mark.parametrize(
    "options",
    [
        {"transport": httpx2.HTTPTransport()},
        {"transport": httpx2.AsyncHTTPTransport()},
        {"transport": httpx2.MockTransport(lambda request: httpx2.Response(200))},
        {"transport": httpx2.Client()},
        {"timeout": httpx2.Timeout(5)},
        {"credentials": httpx2.BasicAuth("user", "password")},
        {"base_url": httpx2.URL("https://api.example.com")},
    ],
)
def test_mixture(client: Any, options: dict[str, Any]) -> None:
    """What really is of httpx2 is refused by a client on httpx, which says what to do."""
    with pytest.raises(ConfigurationError, match=r"httpx2\.alias_httpx\(\)"):
        client(**{"credentials": ApiKey("k"), **options})
