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
TEST = (
    ".venv/bin/pytest -q -p no:cacheprovider tests/client/answer/test_timestamp.py "
    "tests/release/test_snapshots.py"
)
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


def run(checkout: Path, *command: str, test: str = TEST) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "PYTEST_"))
    }
    # The tools here are links to those of the real checkout, never to be set up anew; of the tests
    # some stand for all.
    maker = checkout.parent / "make"
    maker.write_text(
        f'#!/bin/sh\nif [ "$1" = test ]; then exec {test}; fi\n'
        'exec make -o .venv/.stamp -o .tools/.stamp "$@"\n'
    )
    maker.chmod(0o755)
    environment |= {**IDENTITY, "MAKE": str(maker)}
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def make(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    return run(checkout, "make", "-o", ".venv/.stamp", "-o", ".tools/.stamp", target)


def branches(checkout: Path) -> list[str]:
    listed = git(checkout, "ls-remote", "--heads", "origin").split()
    return [name.removeprefix("refs/heads/") for name in listed[1::2]]


def files(checkout: Path, commit: str) -> set[str]:
    return set(git(checkout, "show", "--name-only", "--format=", commit).split())


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


def test_change_becomes_a_branch_once(clone: Path, site: tuple[str, Path], tmp_path: Path) -> None:
    """A changed page becomes a branch with page, contract, report and client; but only once."""
    change(clone, site[1])
    start = git(clone, "rev-parse", "HEAD")
    first = run(clone, "ci/drift.sh", str(tmp_path / "offer.md"))
    assert first.returncode == 0, first.stderr
    branch = first.stdout.strip()
    assert branches(clone) == [branch]
    made, snapshots = (files(clone, f"origin/{branch}~1"), files(clone, f"origin/{branch}"))
    assert {PAGE, "spec/openapi.yaml", "spec/REPORT.md"} <= made
    assert "generated/blaxel_jobs_api/models/job_execution_status.py" in made
    assert "tests/snapshots/openapi.yaml" in snapshots
    assert all(name.startswith("tests/snapshots/") for name in snapshots)
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "rev-parse", "HEAD") == start

    offer = (tmp_path / "offer.md").read_text(encoding="utf-8")
    assert "asks of callers: minor" in offer
    assert 'enum value "paused" added' in offer
    assert "make generate said:" in offer
    assert "make test passes:" in offer
    assert offer in git(clone, "log", "-1", "--format=%B", f"origin/{branch}~1") + "\n"

    again = run(clone, "ci/drift.sh")
    assert (again.returncode, again.stdout) == (0, "")
    assert len(branches(clone)) == 1


def test_branch_is_offered_though_tests_fail(
    clone: Path, site: tuple[str, Path], tmp_path: Path
) -> None:
    """Where the tests fail, the offer says so, with their last words."""
    change(clone, site[1])
    done = run(clone, "ci/drift.sh", str(tmp_path / "offer.md"), test="sh -c 'echo no; exit 1'")
    assert done.returncode == 0, done.stderr
    assert len(branches(clone)) == 1
    assert "make test FAILS:\n\n    no\n" in (tmp_path / "offer.md").read_text(encoding="utf-8")


def test_page_that_gives_no_client(clone: Path, site: tuple[str, Path]) -> None:
    """A page that is read, but gives no client, fails the job, and leaves the clone as it was."""
    (clone / "spec/overlay.yaml").write_text("overlay: 1.0.0\n", encoding="utf-8")
    git(clone, "commit", "-qam", "an overlay that is none")
    change(clone, site[1])
    done = run(clone, "ci/drift.sh")
    assert done.returncode != 0
    assert "spec/overlay.yaml" in done.stderr
    assert git(clone, "status", "--porcelain") == ""
    assert branches(clone) == []


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
