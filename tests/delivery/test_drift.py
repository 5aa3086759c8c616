"""The scheduled job that looks whether the documentation has changed, run as shell."""

from __future__ import annotations

import html
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests import ROOT

PAGE = "spec/docs/cancel-job-execution.txt"
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Test"), ("EMAIL", "test@localhost"))
}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A site on loopback, and the folder that it serves."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()


@pytest.fixture
def clone(checkout: Path, site: tuple[str, Path], tmp_path: Path) -> Path:
    """A clone whose page comes from the site, which has the page as it is; with a remote."""
    url, folder = site
    sources = checkout / "spec/sources.yaml"
    text = re.sub(r"url: .*", f"url: {url}/page.html", sources.read_text(encoding="utf-8"))
    sources.write_text(re.sub(r"form: .*", "form: text", text), encoding="utf-8")
    write_page(folder, (checkout / PAGE).read_text(encoding="utf-8"))
    git(checkout, "init", "-q", "--bare", str(tmp_path / "remote"))
    git(checkout, "remote", "add", "origin", str(tmp_path / "remote"))
    # Once, so that what the site says of the page (its ETag, say) is noted.
    assert make(checkout, "fetch").returncode == 0
    assert make(checkout, "generate").returncode == 0
    git(checkout, "add", "-A")
    git(checkout, "commit", "-qm", "sources")
    return checkout


def git(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=checkout,
        env={**os.environ, **IDENTITY},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    # -o: the tools here are links to those of the real checkout, never to be set up anew.
    environment |= {**IDENTITY, "MAKE": "make -o .venv/.stamp -o .tools/.stamp"}
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def make(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    return run(checkout, "make", "-o", ".venv/.stamp", "-o", ".tools/.stamp", target)


def branches(checkout: Path) -> list[str]:
    listed = git(checkout, "ls-remote", "--heads", "origin").split()
    return [name.removeprefix("refs/heads/") for name in listed[1::2]]


def write_page(folder: Path, text: str, at: float = 1_900_000_000) -> None:
    """Let the site have a page with this visible text, changed at this time."""
    page = folder / "page.html"
    source = f"<!doctype html><title>page</title><body><pre>{html.escape(text)}</pre>"
    page.write_text(source, encoding="utf-8")
    os.utime(page, (at, at))


def change(checkout: Path, folder: Path) -> None:
    """Let the site's page have one status more."""
    text = (checkout / PAGE).read_text(encoding="utf-8")
    assert "queued,\n" in text
    write_page(folder, text.replace("queued,\n", "queued,\npaused,\n", 1), 2_000_000_000)


def test_nothing_has_changed(clone: Path) -> None:
    """No change, no branch, exit code 0."""
    done = run(clone, "ci/drift.sh")
    assert (done.returncode, done.stdout) == (0, "")
    assert branches(clone) == []


def test_change_becomes_a_branch_once(clone: Path, site: tuple[str, Path]) -> None:
    """A changed page becomes a branch with page, contract, report and client; but only once."""
    change(clone, site[1])
    first = run(clone, "ci/drift.sh")
    assert first.returncode == 0, first.stderr
    assert branches(clone) == [first.stdout.strip()]
    files = git(clone, "show", "--name-only", "--format=", f"origin/{first.stdout.strip()}").split()
    assert {PAGE, "spec/openapi.yaml", "spec/REPORT.md"} <= set(files)
    assert "generated/blaxel_jobs_api/models/job_execution_status.py" in files

    again = run(clone, "ci/drift.sh")
    assert (again.returncode, again.stdout) == (0, "")
    assert len(branches(clone)) == 1


def test_page_that_cannot_be_read(clone: Path, site: tuple[str, Path]) -> None:
    """A page that is none fails the job, and leaves the clone as it was."""
    write_page(site[1], "Please log in\n", 2_000_000_000)
    done = run(clone, "ci/drift.sh")
    assert done.returncode != 0
    assert git(clone, "status", "--porcelain") == ""
    assert branches(clone) == []


def test_workflow_calls_the_script() -> None:
    """The ready workflow runs just this script."""
    root = ROOT
    workflow = yaml.safe_load((root / ".github/workflows/drift.yml").read_text(encoding="utf-8"))
    commands = [step.get("run", "") for step in workflow["jobs"]["drift"]["steps"]]
    assert any("ci/drift.sh" in command for command in commands)
