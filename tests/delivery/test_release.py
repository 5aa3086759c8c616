"""What `make release` does in a checkout: the version by what changed, changelog, commit, tag."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.comparison import python_api
from scripts.comparison.change import Bump
from scripts.release.version import next_version

PAGE = "spec/docs/cancel-job-execution.txt"


def run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def git(checkout: Path, *arguments: str) -> str:
    done = run(checkout, "git", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def release(checkout: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = run(checkout, sys.executable, "-m", "scripts", "release", "--json", "--quiet", *options)
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def commit(checkout: Path, message: str = "change") -> None:
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "--message", message)


def edit(checkout: Path, name: str, old: str, new: str) -> None:
    path = checkout / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def edit_page(checkout: Path, old: str, new: str) -> None:
    edit(checkout, PAGE, old, new)
    done = run(checkout, sys.executable, "-m", "scripts", "generate", "--quiet")
    assert done.returncode == 0, done.stderr
    commit(checkout)


def state(checkout: Path) -> tuple[str, str, str]:
    refs = git(checkout, "for-each-ref", "--format=%(refname) %(objectname)")
    return refs, git(checkout, "status", "--porcelain"), git(checkout, "worktree", "list")


def problems(result: dict[str, Any]) -> str:
    return "\n".join(f"{p['file']}: {p['what']}" for p in result["problems"])


@pytest.fixture
def repository(checkout: Path) -> Path:
    """A checkout without releases, at version 0.1.0."""
    git(checkout, "config", "user.name", "Test")
    git(checkout, "config", "user.email", "test@localhost")
    version = checkout / "overrides/blaxel_jobs/_version.py"
    version.write_text('"""The version."""\n\n__version__ = "0.1.0"\n')
    changelog = "# Changelog\n\n<!-- towncrier release notes start -->\n"
    (checkout / "CHANGELOG.md").write_text(f"{changelog}\n## 0.1.0 (unreleased)\n\n- All of it.\n")
    for fragment in (checkout / "newsfragments").glob("*.*.md"):
        fragment.unlink()
    commit(checkout, "start")
    return checkout


@pytest.fixture
def released(repository: Path) -> Path:
    """A checkout with the release v0.1.0."""
    git(repository, "tag", "v0.1.0")
    return repository


def test_first_release(repository: Path) -> None:
    """The first release is the version that stands there, committed, dated and tagged."""
    assert release(repository)[0] == 0
    assert git(repository, "log", "-1", "--format=%s") == "Release 0.1.0"
    assert git(repository, "rev-parse", "v0.1.0^{commit}") == git(repository, "rev-parse", "HEAD")
    assert git(repository, "status", "--porcelain") == ""
    changelog = (repository / "CHANGELOG.md").read_text()
    assert "(unreleased)" not in changelog
    assert changelog.count("## 0.1.0 (2") == 1
    assert "- All of it." in changelog


def test_first_release_removes_nothing(repository: Path) -> None:
    """A changelog does not begin with what was removed from what was never released."""
    (repository / "newsfragments/+old.removal.md").write_text("The old name is gone.\n")
    commit(repository)
    code, result = release(repository)
    assert code == 1
    assert "+old.removal.md: nothing was released that could be removed" in problems(result)


def test_breaking_change(released: Path) -> None:
    """A renamed field of the page is a major version, with its reasons in the changelog."""
    edit_page(released, '"parallelism": 5', '"parallelTasks": 5')
    (released / "newsfragments/+parallel.removal.md").write_text("The field has a new name.\n")
    commit(released)
    code, result = release(released)
    assert (code, result["bump"], result["version"]) == (0, "major", "1.0.0")
    version = (released / "overrides/blaxel_jobs/_version.py").read_text()
    assert version == '"""The version."""\n\n__version__ = "1.0.0"\n'
    changelog = (released / "CHANGELOG.md").read_text()
    assert changelog.index("## 1.0.0 (") < changelog.index("- The field has a new name.")
    assert "JobExecutionSpec.parallelism: public object was removed" in changelog
    assert git(released, "tag", "--points-at", "HEAD") == "v1.0.0"
    assert [path.name for path in (released / "newsfragments").iterdir()] == ["README.md"]


def test_added_status(released: Path) -> None:
    """A status that is new on the page is a minor version."""
    edit_page(released, "queued,\n", "queued,\npaused,\n")
    assert release(released, "--dry-run")[1]["version"] == "0.2.0"


def test_hand_written_change(released: Path) -> None:
    """A change of the code that no caller's code sees is a patch."""
    wait = released / "overrides/blaxel_jobs/_retry/waiting.py"
    wait.write_text(f"{wait.read_text()}\n# a remark\n")
    (released / "newsfragments/12.bugfix.md").write_text("A wait ends in time.\n")
    commit(released)
    assert release(released)[1]["version"] == "0.1.1"
    assert "- A wait ends in time. (#12)" in (released / "CHANGELOG.md").read_text()


def test_removed_method(released: Path) -> None:
    """A hand-written method that is gone is a major version, though the contract is the same."""
    edit(released, "overrides/blaxel_jobs/_client.py", "def cancel_many(", "def stop_many(")
    commit(released)
    result = release(released, "--dry-run")[1]
    assert result["version"] == "1.0.0"
    assert any("cancel_many" in reason["message"] for reason in result["reasons"])


def test_dry_run_changes_nothing(released: Path) -> None:
    """`--dry-run` leaves branch, tags and files alone."""
    edit_page(released, "queued,\n", "queued,\npaused,\n")
    before = state(released)
    assert release(released, "--dry-run")[0] == 0
    assert state(released) == before


def test_generate_shows_the_bump(released: Path) -> None:
    """`make generate` says in its last line what the contract's changes ask of the version."""
    edit(released, PAGE, "queued,\n", "queued,\npaused,\n")
    done = run(released, sys.executable, "-m", "scripts", "generate")
    assert done.stderr.splitlines()[-1].startswith("contract since v0.1.0: minor")


def test_higher_version(released: Path) -> None:
    """A version above what the changes ask for is taken."""
    edit_page(released, "queued,\n", "queued,\npaused,\n")
    assert release(released, "--version", "3.0.0")[0] == 0
    assert git(released, "tag", "--points-at", "HEAD") == "v3.0.0"


@pytest.mark.parametrize("version", ["0.1.1", "0.1.0", "0.0.9", "one"])
def test_version_too_low(released: Path, version: str) -> None:
    """A version that does not go up as far as the changes ask is refused; nothing has changed."""
    edit_page(released, "queued,\n", "queued,\npaused,\n")
    before = state(released)
    code, result = release(released, "--version", version)
    assert code == 1
    assert version in problems(result)
    assert state(released) == before


def test_nothing_changed(released: Path) -> None:
    """There is no release without a change of what is published."""
    (released / "bench/remark.txt").write_text("not published\n")
    commit(released)
    code, result = release(released)
    assert code == 1
    assert "nothing that is published has changed since v0.1.0" in problems(result)


@pytest.mark.parametrize("name", ["README.md", "stray.txt"])
def test_uncommitted(released: Path, name: str) -> None:
    """A file that is changed, or that git does not know, stops the release."""
    (released / name).write_text("not committed\n")
    code, result = release(released)
    assert code == 1
    assert f"{name}: is not committed" in problems(result)


def test_produced_files_out_of_date(released: Path) -> None:
    """A page that was edited without `make generate` stops the release."""
    edit(released, PAGE, "queued,\n", "queued,\npaused,\n")
    commit(released)
    before = state(released)
    code, result = release(released)
    assert code == 1
    assert "spec/openapi.yaml: is not what the pipeline produces" in problems(result)
    assert state(released) == before


def test_tag_is_there(repository: Path) -> None:
    """A tag of the version, wherever it points to, stops the release."""
    git(repository, "checkout", "-q", "-b", "other")
    git(repository, "commit", "-q", "--allow-empty", "-m", "elsewhere")
    git(repository, "tag", "v0.1.0")
    git(repository, "checkout", "-q", "-")
    code, result = release(repository)
    assert code == 1
    assert "the tag v0.1.0 is there already" in problems(result)


def test_failure_midway(released: Path) -> None:
    """Where the changelog cannot be written, no version, commit or tag is left behind."""
    edit_page(released, "queued,\n", "queued,\npaused,\n")
    edit(released, "pyproject.toml", 'filename = "CHANGELOG.md"', 'filename = "none/CHANGELOG.md"')
    commit(released)
    before = state(released)
    code, result = release(released)
    assert code == 1
    assert "the changelog could not be written" in problems(result)
    assert state(released) == before


@pytest.mark.parametrize(
    ("bump", "version"),
    [("none", "1.2.3"), ("patch", "1.2.4"), ("minor", "1.3.0"), ("major", "2.0.0")],
)
def test_next_version(bump: Bump, version: str) -> None:
    """A bump raises its own number and sets those behind it to zero."""
    assert next_version("1.2.3", bump) == version


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("client", "def f(a, b=1): ...", "def f(b=1): ...", {"major"}),
        ("client", "def f(a): ...", "def f(a, b): ...", {"major"}),
        ("client", "def f(a): ...", "def f(a): ...\ndef g(): ...", {"minor"}),
        ("client", "class C:\n    x = 1", "class C:\n    x = 1\n    y = 2", {"minor"}),
        ("client", "class C:\n    x = 1", "class C:\n    z = 1", {"major", "minor"}),
        ("client", "def _f(a): ...", "def _g(): ...", set()),
        ("_client", "def f(a): ...", "", set()),
        ("client", "def f(a): ...", "def f(a): return 1", set()),
    ],
)
def test_python_api(tmp_path: Path, name: str, old: str, new: str, expected: set[str]) -> None:
    """What is gone or asks for more is major, what is new minor; private names do not count."""
    for side, text in (("old", old), ("new", new)):
        package = tmp_path / side / "overrides/blaxel_jobs"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / f"{name}.py").write_text(f"{text}\n")
    found = python_api.compare(tmp_path / "old", tmp_path / "new")
    assert {bump for bump, _ in found} == expected


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ("from .other import Other\nfrom .other import Other as Task", {"minor"}),
        ("from .other import Other", {"major", "minor"}),
    ],
)
def test_models_that_are_equal(tmp_path: Path, models: str, expected: set[str]) -> None:
    """A model that is another's other name now is there still, without its module."""
    files = {
        "old": {"__init__": "from .task import Task", "task": "class Task: ..."},
        "new": {"__init__": models, "other": "class Other: ..."},
    }
    for side, modules in files.items():
        package = tmp_path / side / "generated/blaxel_jobs_api/models"
        package.mkdir(parents=True)
        (package.parent / "__init__.py").write_text("")
        for name, text in modules.items():
            (package / f"{name}.py").write_text(f"{text}\n")
    found = python_api.compare(tmp_path / "old", tmp_path / "new")
    assert {bump for bump, _ in found} == expected
